//! Client authentication: which application calls, and what proves it.
//!
//! RFC 6749, 2.3.1 (a secret in the body) and RFC 7521, 4.2 (an assertion). Exactly one of them may
//! come. Assertions are of two kinds, told apart by their issuer: signed by the application with
//! its certificate (`certificate_assertion`), or by somebody it trusts (`federation`).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hyper::header::HOST;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Number;
use uuid::Uuid;

use crate::{
    entra::{Refusal, certificate_assertion, federation, form::Form},
    fixtures::{App, Tenant, app},
    message::Received,
    world::World,
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What proved the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Secret,
    Assertion,
}

/// What the endpoint that was called expects of an assertion.
pub(super) struct Expected {
    /// Good values of `aud`: the address of the token endpoint as it was called, and the issuer.
    pub(super) audiences: Vec<String>,
    /// Whether PS256 with a SHA-256 thumbprint is known here.
    pub(super) allows_ps256: bool,
}

impl Expected {
    pub(super) fn by_entra(request: &Received, tenant: Option<Tenant>) -> Self {
        let issuer = tenant.map(|tenant| format!("https://login.microsoftonline.com/{}/v2.0", tenant.id));
        let audiences = [endpoint(request)].into_iter().chain(issuer).collect();
        Self { audiences, allows_ps256: true }
    }

    pub(super) fn by_adfs(request: &Received) -> Self {
        Self { audiences: vec![endpoint(request)], allows_ps256: false }
    }
}

/// The address that was called, as the client wrote it.
fn endpoint(request: &Received) -> String {
    format!("https://{}{}", request.header(HOST), request.path)
}

/// The application, once its id, state and proof have been checked.
pub(super) fn authenticated(
    world: &World,
    form: &Form,
    client_id: &str,
    tenant: Tenant,
    expected: &Expected,
) -> Result<(App, Proof), Refusal> {
    let found = Uuid::parse_str(client_id).ok().and_then(|_| app(client_id));
    let Some(app) = found.filter(|app| app.tenant == tenant) else {
        return Err(Refusal::unknown_app(client_id, tenant.name));
    };
    if app.disabled {
        return Err(Refusal::disabled_app(app.client_id, app.name));
    }
    match (form.field("client_secret"), form.field("client_assertion")) {
        (None, None) => Err(Refusal::missing_secret()),
        // RFC 6749, 2.3: no more than one method in a request.
        (Some(_), Some(_)) => Err(Refusal::malformed_request()),
        (Some(secret), None) => check_secret(world, &app, secret).map(|()| (app, Proof::Secret)),
        (None, Some(assertion)) => {
            if form.required("client_assertion_type")? != JWT_BEARER {
                return Err(Refusal::malformed_request());
            }
            check_assertion(world, &app, assertion, expected).map(|()| (app, Proof::Assertion))
        }
    }
}

fn check_secret(world: &World, app: &App, secret: &str) -> Result<(), Refusal> {
    let positions = world.positions();
    let new_secret = positions.new_secret(app.client_id);
    if secret != new_secret.unwrap_or(app.secret) {
        return Err(Refusal::wrong_secret(app.client_id));
    }
    if app.secret_expired && new_secret.is_none() {
        return Err(Refusal::expired_secret(app.client_id));
    }
    Ok(())
}

fn check_assertion(world: &World, app: &App, text: &str, expected: &Expected) -> Result<(), Refusal> {
    let assertion = Assertion::read(text).ok_or_else(Refusal::malformed_assertion)?;
    // An application signs under its client id, every other issuer has an address.
    if assertion.claims.iss.starts_with("https://") {
        federation::check(world, app, &assertion)
    } else {
        certificate_assertion::check(world, app, &assertion, expected)
    }
}

/// An assertion (RFC 7515 compact form) that was taken apart; nothing in it is verified yet.
pub(super) struct Assertion<'a> {
    pub(super) text: &'a str,
    pub(super) header: Header,
    pub(super) claims: Claims,
}

/// The members of the header that decide about the key.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    pub(super) x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    pub(super) x5t_s256: Option<String>,
    pub(super) x5c: Option<Vec<String>>,
}

/// The claims (RFC 7523, 3). What is missing is empty, or the year 1970, and refused as such.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    pub(super) iss: String,
    #[serde(default)]
    pub(super) sub: String,
    pub(super) aud: Audience,
    #[serde(default, deserialize_with = "seconds")]
    pub(super) exp: i64,
    #[serde(default, deserialize_with = "seconds")]
    pub(super) nbf: i64,
    #[serde(default, deserialize_with = "seconds")]
    pub(super) iat: i64,
    pub(super) jti: Option<String>,
}

/// `aud` may be one or many (RFC 7519, 4.1.3): Kubernetes writes a list, an application may not.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl<'a> Assertion<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if URL_SAFE_NO_PAD.decode(signature).is_err() || parts.next().is_some() {
            return None;
        }
        Some(Self { text, header: part(header)?, claims: part(claims)? })
    }

    /// Refuses what is not valid at this moment, without allowance for clocks that differ.
    pub(super) fn check_times(&self, world: &World) -> Result<(), Refusal> {
        let now_s = world.clock.now_s();
        let Claims { nbf, exp, .. } = self.claims;
        if nbf <= now_s && now_s < exp { Ok(()) } else { Err(self.not_valid_now(world)) }
    }

    pub(super) fn not_valid_now(&self, world: &World) -> Refusal {
        Refusal::assertion_time(world.clock.now(), self.claims.nbf, self.claims.exp)
    }
}

/// A NumericDate (RFC 7519, 2) may have a fraction, and MSAL for Python writes one.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    // The cast keeps to the range of i64 by itself.
    Ok(number.as_i64().unwrap_or_else(|| number.as_f64().unwrap_or_default().floor() as i64))
}

/// One part: base64url without padding, of JSON.
fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
