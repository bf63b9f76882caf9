//! Access tokens: what Entra writes into one, and how Batch reads it back.
//!
//! RS256 JWTs (RFC 7519) with the claims of Entra's v1.0 access tokens, about 1.6 KB like real ones.
//! A token is verified once and remembered by its hash; time, audience and tenant are judged anew
//! on each request. Who gets a token is `entra`'s business, who may list is
//! `batch::authorize`'s.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{fixtures, keys::Keys};

/// Entra dates a token five minutes back, so that slow clocks accept it at once.
const BACKDATED_S: i64 = 300;

/// What a token shall say: a good one for the reader by default, and every way to make it bad.
#[derive(Debug, Clone)]
pub struct MintOptions {
    /// `aud`.
    pub audience: String,
    /// `tid`, and the tenant in `iss`.
    pub tenant: String,
    /// `iss`, when it shall not follow from the tenant.
    pub issuer: Option<String>,
    /// `appid`.
    pub client_id: String,
    /// `oid` and `sub`.
    pub object_id: String,
    /// `nbf` and `iat`, in seconds from the emulator's present.
    pub not_before_s: i64,
    /// `exp`, in seconds from the emulator's present; negative for an expired token.
    pub expires_in_s: i64,
    /// The claims request (JSON object) that the token answers.
    pub claims: Option<Value>,
    /// Whether the app proved itself by an assertion: `appidacr` 2 instead of 1.
    pub by_assertion: bool,
    /// The user for whom the app acts; an app's own token when absent.
    pub delegated: Option<Delegated>,
    /// Whether the signature shall be wrong.
    pub bad_signature: bool,
}

impl Default for MintOptions {
    fn default() -> Self {
        Self {
            audience: "https://batch.core.windows.net/".to_owned(),
            tenant: fixtures::CONTOSO.id.to_owned(),
            issuer: None,
            client_id: fixtures::READER.client_id.to_owned(),
            object_id: fixtures::READER.object_id.to_owned(),
            not_before_s: -BACKDATED_S,
            expires_in_s: 3600,
            claims: None,
            by_assertion: false,
            delegated: None,
            bad_signature: false,
        }
    }
}

/// What a token says about the user for whom an app acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegated {
    /// `upn` and `unique_name`.
    pub upn: String,
    /// `scp`.
    pub scope: String,
    /// `amr`: how the user signed in.
    pub methods: Vec<String>,
}

impl Delegated {
    pub(crate) fn has_second_factor(&self) -> bool {
        self.methods.iter().any(|method| method == "mfa")
    }
}

/// The claims of a token, in the order Entra writes them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    aio: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    pub(crate) appid: String,
    appidacr: String,
    idp: String,
    idtyp: String,
    pub(crate) oid: String,
    rh: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
    sub: String,
    pub(crate) tid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unique_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upn: Option<String>,
    uti: String,
    ver: String,
    #[serde(default)]
    wids: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xms_cc: Option<Vec<String>>,
    xms_ftd: String,
    xms_idrel: String,
    xms_rd: String,
    /// Not Entra's: the claims request that was met, by which a challenge is recognised as met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) claims_met: Option<Value>,
}

impl Claims {
    fn new(options: &MintOptions, now_s: i64) -> Self {
        let issuer = format!("https://sts.windows.net/{}/", options.tenant);
        let client_capabilities = options.claims.as_ref().and_then(|claims| {
            let values = claims.pointer("/access_token/xms_cc/values")?.as_array()?;
            Some(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
        });
        let user = options.delegated.as_ref();
        let upn = user.map(|user| user.upn.clone());
        Self {
            aud: options.audience.clone(),
            iss: options.issuer.clone().unwrap_or_else(|| issuer.clone()),
            iat: now_s + options.not_before_s,
            nbf: now_s + options.not_before_s,
            exp: now_s + options.expires_in_s,
            aio: random_text(72),
            amr: user.map(|user| user.methods.clone()).unwrap_or_default(),
            appid: options.client_id.clone(),
            appidacr: if options.by_assertion { "2" } else { "1" }.to_owned(),
            idp: issuer,
            idtyp: if user.is_some() { "user" } else { "app" }.to_owned(),
            oid: options.object_id.clone(),
            rh: format!("1.{}.", random_text(30)),
            roles: if user.is_some() { Vec::new() } else { vec!["Jobs.Read.All".to_owned()] },
            scp: user.map(|user| user.scope.clone()),
            sub: options.object_id.clone(),
            tid: options.tenant.clone(),
            unique_name: upn.clone(),
            upn,
            uti: random_text(16),
            ver: "1.0".to_owned(),
            wids: vec!["0997a1d0-0d1d-4acb-b408-d5ca73121e90".to_owned()],
            xms_cc: client_capabilities,
            xms_ftd: random_text(48),
            xms_idrel: "7 32".to_owned(),
            xms_rd: random_text(30),
            claims_met: options.claims.clone(),
        }
    }

    /// The user whom the token is about; none in an app's own token.
    pub(crate) fn delegated(&self) -> Option<Delegated> {
        let (upn, scope) = (self.upn.clone()?, self.scp.clone()?);
        Some(Delegated { upn, scope, methods: self.amr.clone() })
    }
}

/// Random bytes in base64url, for what a client must not look into.
pub(crate) fn random_text(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    // A failing random source leaves zeros: these claims are padding, nobody relies on them.
    let _ = SystemRandom::new().fill(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

/// Signs a token that says what `options` ask for.
pub(crate) fn mint(keys: &Keys, options: &MintOptions, now_s: i64) -> Result<String, String> {
    let token = sign(keys, &Claims::new(options, now_s))?;
    Ok(if options.bad_signature { with_bad_signature(&token) } else { token })
}

/// Signs any claims with the emulator's key.
pub(crate) fn sign(keys: &Keys, claims: &impl Serialize) -> Result<String, String> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(keys.id.clone());
    header.x5t = Some(keys.id.clone());
    jsonwebtoken::encode(&header, claims, &keys.signing)
        .map_err(|error| format!("token could not be signed: {error}"))
}

/// Replaces the signature by one of the same length that cannot be right.
pub(crate) fn with_bad_signature(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    format!("{message}.{}", "A".repeat(signature.len()))
}

/// Why a token was refused before its claims were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Not three base64url parts holding JSON with the claims of an access token.
    Malformed,
    /// Signed by nobody we know.
    BadSignature,
}

/// Verifies tokens and remembers those that passed.
pub(crate) struct Verifier {
    validation: Validation,
    verified: Mutex<HashMap<Vec<u8>, Arc<Claims>>>,
}

impl Verifier {
    /// Tokens remembered at most; more are verified each time.
    const REMEMBERED: usize = 10_000;

    pub(crate) fn new() -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        // Times and audience are judged by `batch::authorize`, by the emulator's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self { validation, verified: Mutex::default() }
    }

    /// The claims of a token with a good signature.
    pub(crate) fn claims(&self, keys: &Keys, token: &str) -> Result<Arc<Claims>, Unreadable> {
        let hash = digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec();
        if let Some(claims) = self.lock().get(&hash) {
            return Ok(Arc::clone(claims));
        }
        let data = jsonwebtoken::decode::<Claims>(token, &keys.verifying, &self.validation);
        let claims = Arc::new(data.map_err(|error| unreadable(&error))?.claims);
        let mut verified = self.lock();
        if verified.len() < Self::REMEMBERED {
            verified.insert(hash, Arc::clone(&claims));
        }
        Ok(claims)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<u8>, Arc<Claims>>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreadable(error: &jsonwebtoken::errors::Error) -> Unreadable {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Unreadable::BadSignature,
        _ => Unreadable::Malformed,
    }
}

/// Whether `met` grants everything that `asked` asks: each member present, objects taken deeply.
/// Clients merge their own wishes (such as `CP1`) into a challenge, so more is fine.
pub(crate) fn meets(met: &Value, asked: &Value) -> bool {
    match (met, asked) {
        (Value::Object(met), Value::Object(asked)) => {
            asked.iter().all(|(name, asked)| met.get(name).is_some_and(|value| meets(value, asked)))
        }
        (met, asked) => met == asked,
    }
}
