//! AD FS, as far as an application signs in to it: `/adfs/oauth2/token` and what leads there.
//!
//! Learn: "AD FS OpenID Connect/OAuth flows", 2019 and later. It has no tenants, knows RS256 with a
//! SHA-1 thumbprint only, and speaks in MSIS codes instead of AADSTS ones. The applications are those
//! of `CONTOSO`. Its tokens are its own: Batch does not take them.

use hyper::{Method, StatusCode};
use serde_json::{Map, json};

use crate::{
    entra::{
        CONTENT_TYPE, Refusal,
        client::{self, Expected, Proof},
        form::{Form, resource},
        token::{granted, shape},
    },
    faults::Fault,
    fixtures::CONTOSO,
    message::{Answer, Received},
    token::MintOptions,
    world::World,
};

/// Answers a request below `/adfs/`, whose other segments are `path`.
pub(super) fn answer(world: &World, request: &Received, path: &[&str], fault: Option<&Fault>) -> Answer {
    let is_get = request.method == Method::GET;
    match path {
        ["oauth2", "token"] | ["oauth2", "token", ""] => token(world, request, fault).unwrap_or_else(refused),
        [".well-known", "openid-configuration"] if is_get => openid_configuration(request),
        ["discovery", "keys"] if is_get => {
            let keys = world.keys.jwks(&issuer(request));
            Answer::new(StatusCode::OK, CONTENT_TYPE, keys.to_string())
        }
        _ => Answer::new(StatusCode::NOT_FOUND, "text/html", ""),
    }
}

fn token(world: &World, request: &Received, fault: Option<&Fault>) -> Result<Answer, Refusal> {
    if request.method != Method::POST {
        return Err(Refusal::only_post(request.method.as_str()));
    }
    let form = Form::of(request);
    let grant_type = form.required("grant_type")?;
    if grant_type != "client_credentials" {
        return Err(Refusal::unsupported_grant(grant_type));
    }
    let client_id = form.required("client_id")?;
    let audience = match form.field("resource") {
        Some(resource) => resource.to_owned(),
        None => resource(form.required("scope")?)?,
    };
    let (app, proof) = client::authenticated(world, &form, client_id, CONTOSO, &Expected::by_adfs(request))?;
    let options = MintOptions {
        audience,
        issuer: Some(issuer(request)),
        client_id: app.client_id.to_owned(),
        object_id: app.object_id.to_owned(),
        by_assertion: proof == Proof::Assertion,
        ..MintOptions::default()
    };
    granted(world, shape(fault), options, Map::new())
}

fn openid_configuration(request: &Received) -> Answer {
    let base = format!("https://{}/adfs", request.host());
    let document = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth2/authorize/"),
        "token_endpoint": format!("{base}/oauth2/token/"),
        "jwks_uri": format!("{base}/discovery/keys"),
        "device_authorization_endpoint": format!("{base}/oauth2/devicecode"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "client_secret_basic", "private_key_jwt", "windows_client_authentication"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "access_token_issuer": issuer(request),
    });
    Answer::new(StatusCode::OK, CONTENT_TYPE, document.to_string())
}

fn issuer(request: &Received) -> String {
    format!("http://{}/adfs/services/trust", request.host())
}

/// The same refusal in AD FS's words, which say less.
fn refused(refusal: Refusal) -> Answer {
    let (error, status, text) = refusal.parts();
    let description = match error {
        "invalid_client" | "unauthorized_client" => {
            "MSIS9622: Client authentication failed. Please verify the credential provided for client \
             authentication is valid."
                .to_owned()
        }
        "unsupported_grant_type" => {
            "MSIS9611: The authorization server does not support the requested 'grant_type'.".to_owned()
        }
        _ => format!("MSIS9604: An error occurred. {text}"),
    };
    let body = json!({"error": error, "error_description": description});
    Answer::new(status, CONTENT_TYPE, body.to_string())
}
