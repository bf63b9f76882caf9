//! Client assertions, signed here and not by the emulator, and the forms that carry them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use batch_auth_emulator::{
    CertificateOptions, ClientCertificate, Emulator, Switches,
    fixtures::{App, CONTOSO},
};
use reqwest::Response;
use ring::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest},
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair},
};
use serde_json::{Value, json};

use super::{SCOPE, encoded};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) fn certificate() -> ClientCertificate {
    ClientCertificate::new(&CertificateOptions::default()).expect("a certificate")
}

/// Registers these certificates with the app, in place of those it had.
pub(crate) fn register(emulator: &Emulator, app: App, certificates: &[&ClientCertificate]) {
    let texts = certificates.iter().map(|certificate| certificate.certificate_pem.clone()).collect();
    let certificates = [(app.name.to_owned(), texts)].into();
    emulator.switch(&Switches { certificates, ..Switches::default() }).expect("the app is known");
}

/// The address that token requests of a tenant go to.
pub(crate) fn endpoint(emulator: &Emulator) -> String {
    format!("{}/{}/oauth2/v2.0/token", emulator.entra_url(), CONTOSO.id)
}

/// An assertion before it is signed. Change what shall be wrong.
#[derive(Debug, Clone)]
pub(crate) struct Jwt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Jwt {
    /// A good one of the app for `audience`, PS256.
    pub(crate) fn new(certificate: &ClientCertificate, app: App, audience: &str) -> Self {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let thumbprint = digest(&SHA256, &certificate.certificate_der);
        Self {
            header: json!({
                "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(thumbprint),
            }),
            claims: json!({
                "aud": audience, "iss": app.client_id, "sub": app.client_id, "nbf": now,
                "exp": now + 600, "jti": uuid::Uuid::new_v4().to_string(),
            }),
        }
    }

    /// The same by the older rules: RS256 and a SHA-1 thumbprint.
    pub(crate) fn rs256(certificate: &ClientCertificate, app: App, audience: &str) -> Self {
        let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate.certificate_der);
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t": URL_SAFE_NO_PAD.encode(thumbprint)});
        Self { header, ..Self::new(certificate, app, audience) }
    }

    pub(crate) fn header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.claims.as_object_mut().expect("an object").remove(name);
        self
    }

    /// Signs as the header says; PS256 when the algorithm is none that ring has for this key.
    pub(crate) fn sign(&self, certificate: &ClientCertificate) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&self.header), part(&self.claims));
        let key = RsaKeyPair::from_pkcs8(&certificate.key_der).expect("a key");
        let scheme: &dyn RsaEncoding =
            if self.header["alg"] == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(scheme, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The fields of a client credentials request with an assertion.
pub(crate) fn form(app: App, assertion: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", app.client_id.to_owned()),
        ("client_assertion_type", JWT_BEARER.to_owned()),
        ("client_assertion", assertion.to_owned()),
        ("scope", SCOPE.to_owned()),
    ]
}

pub(crate) async fn post(emulator: &Emulator, url: &str, form: &[(&'static str, String)]) -> Response {
    super::client(emulator)
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(form))
        .send()
        .await
        .expect("an answer")
}

/// Status and body of a client credentials request with an assertion.
pub(crate) async fn sign_in(emulator: &Emulator, app: App, assertion: &str) -> (u16, Value) {
    let response = post(emulator, &endpoint(emulator), &form(app, assertion)).await;
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

/// The claims of a token, unverified.
pub(crate) fn claims(token: &Value) -> Value {
    let part = token.as_str().and_then(|token| token.split('.').nth(1)).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}
