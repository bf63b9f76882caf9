//! Assertions that an application signs itself, with the key of a certificate.
//!
//! Learn: "Microsoft identity platform application authentication certificate credentials";
//! RFC 7523; RFC 7515, 4.1.6 to 4.1.8 (`x5c`, `x5t`, `x5t#S256`). Checks come in this order:
//! algorithm, thumbprint, chain, certificate, signature, audience, application, time, `jti`.
//! Stricter than Entra on purpose: PS256 comes with the SHA-256 thumbprint only and RS256 with the
//! SHA-1 one, encodings are exact but for the padding that MSAL for Python gives the latter, and no
//! assertion is good twice.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD},
    },
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::{
    certificate::Certificate,
    entra::{
        Refusal,
        client::{Assertion, Audience, Expected},
    },
    fixtures::App,
    world::World,
};

/// The longest time that an assertion may be valid.
const MAX_LIFETIME_S: i64 = 86_400;

/// Lets the application in, or says why not.
pub(super) fn check(
    world: &World,
    app: &App,
    assertion: &Assertion<'_>,
    expected: &Expected,
) -> Result<(), Refusal> {
    let algorithm = algorithm(&assertion.header.alg, expected)?;
    let thumbprint = Thumbprint::read(assertion, algorithm)?;
    let chain = chain(assertion.header.x5c.as_deref().unwrap_or_default(), &thumbprint)?;
    let certificate = certificate(world, app, &thumbprint, chain)?;
    check_signature(app, assertion, algorithm, &thumbprint, &certificate)?;

    let claims = &assertion.claims;
    let Audience::One(audience) = &claims.aud else {
        return Err(Refusal::malformed_assertion());
    };
    if !expected.audiences.contains(audience) {
        return Err(Refusal::assertion_audience());
    }
    if !claims.iss.eq_ignore_ascii_case(app.client_id) || claims.sub != claims.iss {
        return Err(Refusal::assertion_client());
    }
    assertion.check_times(world)?;
    let start_s = [claims.nbf, claims.iat].into_iter().find(|seconds| *seconds > 0);
    if claims.exp.saturating_sub(start_s.unwrap_or(world.clock.now_s())) > MAX_LIFETIME_S {
        return Err(assertion.not_valid_now(world));
    }
    let id = claims.jti.as_deref().filter(|id| !id.is_empty()).ok_or_else(Refusal::no_assertion_id)?;
    if !certificate.is_valid_at(world.clock.now()) {
        return Err(Refusal::certificate_not_valid_now());
    }
    // Last, so that only an assertion that passed is used up.
    if !world.assertions.is_first_use(app.client_id, id, claims.exp, world.clock.now_s()) {
        return Err(Refusal::replayed_assertion(id));
    }
    Ok(())
}

fn algorithm(name: &str, expected: &Expected) -> Result<Algorithm, Refusal> {
    match name {
        "RS256" => Ok(Algorithm::RS256),
        "PS256" if expected.allows_ps256 => Ok(Algorithm::PS256),
        other => {
            let supported = if expected.allows_ps256 { "RS256, PS256" } else { "RS256" };
            Err(Refusal::assertion_algorithm(other, supported))
        }
    }
}

/// The digest of a certificate, by which the header names it.
enum Thumbprint {
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

/// MSAL for Python pads `x5t`, so Entra must take it.
const MAYBE_PADDED: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Thumbprint {
    fn read(assertion: &Assertion<'_>, algorithm: Algorithm) -> Result<Self, Refusal> {
        let header = &assertion.header;
        let (text, engine, bytes) = match algorithm {
            Algorithm::PS256 => (&header.x5t_s256, &URL_SAFE_NO_PAD, 32),
            _ => (&header.x5t, &MAYBE_PADDED, 20),
        };
        let text = text.as_ref().ok_or_else(Refusal::no_thumbprint)?;
        let digest = engine.decode(text).ok().filter(|digest| digest.len() == bytes);
        let digest = digest.ok_or_else(Refusal::malformed_assertion)?;
        Ok(if algorithm == Algorithm::PS256 { Self::Sha256(digest) } else { Self::Sha1(digest) })
    }

    fn fits(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Sha1(digest) => *digest == certificate.sha1(),
            Self::Sha256(digest) => *digest == certificate.sha256(),
        }
    }

    /// In hexadecimal, as texts and portals show it.
    fn hex(&self) -> String {
        let (Self::Sha1(digest) | Self::Sha256(digest)) = self;
        digest.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

/// The chain of the header: standard base64 of DER, the leaf first.
fn chain(x5c: &[String], thumbprint: &Thumbprint) -> Result<Vec<Certificate>, Refusal> {
    let read = |text: &String| STANDARD.decode(text).ok().and_then(|der| Certificate::from_der(der).ok());
    let chain: Option<Vec<_>> = x5c.iter().map(read).collect();
    chain
        .filter(|chain| chain.first().is_none_or(|leaf| thumbprint.fits(leaf)))
        .ok_or_else(Refusal::malformed_assertion)
}

/// The certificate, if the application may sign in with it: because it is registered, or because
/// its subject is trusted and the chain leads to the authority.
fn certificate(
    world: &World,
    app: &App,
    thumbprint: &Thumbprint,
    chain: Vec<Certificate>,
) -> Result<Certificate, Refusal> {
    let positions = world.positions();
    let registered = positions.certificates(app.client_id).iter();
    if let Some(known) = registered.into_iter().find(|certificate| thumbprint.fits(certificate)) {
        return Ok(known.clone());
    }
    let unknown = || Refusal::unknown_certificate(app.client_id, &thumbprint.hex());
    let leads_to = |authority| Certificate::leads_to(&chain, authority, world.clock.now());
    let trusted = positions.trusted(app.client_id);
    let vouched: Vec<_> = trusted.iter().filter(|trusted| leads_to(&trusted.authority)).collect();
    let Some(leaf) = chain.first().filter(|_| !vouched.is_empty()) else {
        return Err(unknown());
    };
    if vouched.iter().any(|trusted| trusted.subject == leaf.subject) {
        Ok(leaf.clone())
    } else {
        Err(Refusal::untrusted_subject(&leaf.subject))
    }
}

fn check_signature(
    app: &App,
    assertion: &Assertion<'_>,
    algorithm: Algorithm,
    thumbprint: &Thumbprint,
    certificate: &Certificate,
) -> Result<(), Refusal> {
    let key = certificate.rsa_key().ok_or_else(Refusal::unsupported_key)?;
    if is_signed(assertion.text, algorithm, &DecodingKey::from_rsa_der(key)) {
        return Ok(());
    }
    Err(Refusal::wrong_assertion_signature(app.client_id, &thumbprint.hex(), certificate))
}

/// Whether the signature is that of `key`. The claims are judged elsewhere.
pub(super) fn is_signed(text: &str, algorithm: Algorithm, key: &DecodingKey) -> bool {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(text, key, &validation).is_ok()
}
