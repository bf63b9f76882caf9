//! `/mint`: signs tokens and makes certificates, for tests that are not in Rust.
//!
//! The JSON is that of `AssertionOptions`, `UserTokenOptions` and `CertificateOptions`, with a `kind`.

use axum::{Json, body::Bytes, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Admin, BadRequest, parse};
use crate::{
    client_certificate::{CertificateOptions, ClientCertificate},
    mint::{self, AssertionOptions, UserTokenOptions},
};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Wanted {
    Assertion(AssertionOptions),
    User(UserTokenOptions),
    Certificate(CertificateOptions),
}

/// `POST /mint`
pub(super) async fn mint(State(admin): State<Admin>, body: Bytes) -> Result<Json<Value>, BadRequest> {
    let answer = match parse(&body)? {
        Wanted::Assertion(options) => token(mint::assertion(&admin.world, &options)),
        Wanted::User(options) => token(mint::user_token(&admin.world, &options)),
        Wanted::Certificate(options) => {
            ClientCertificate::new(&options).map(|made| json!(made)).map_err(|error| error.to_string())
        }
    };
    answer.map(Json).map_err(BadRequest)
}

fn token(signed: Result<String, String>) -> Result<Value, String> {
    signed.map(|token| json!({ "token": token }))
}
