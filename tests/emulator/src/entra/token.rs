//! The token endpoint: `POST /{tenant}/oauth2/v2.0/token` with a client secret.
//!
//! RFC 6749, 4.4; Learn: "Get a token, first case: access token request with a shared secret".
//! Checks come in Entra's order: tenant, request, scope, application, secret, resource.
//! Not here: the words of a refusal (`entra::error`), what a token says (`crate::token`).

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    entra::{CONTENT_TYPE, Refusal, known_tenant},
    faults::{Fault, TokenShape},
    fixtures::{App, Tenant, app},
    message::{Answer, Received},
    token::MintOptions,
    world::World,
};

const LIFETIME_S: i64 = 3600;

/// Resources with a service principal in the tenants: Batch in three clouds with and without the
/// slash (Entra takes both for the same), Batch by its application id, and two that are not Batch,
/// so that a token for the wrong audience can be had.
const RESOURCES: [&str; 7] = [
    "https://batch.core.windows.net",
    "https://batch.core.usgovcloudapi.net",
    "https://batch.chinacloudapi.cn",
    "ddbf3205-c6bd-46ae-8127-60eb93363864",
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://graph.microsoft.com",
];

/// Answers one request to the token endpoint.
pub(super) fn answer(
    world: &World,
    request: &Received,
    tenant: &str,
    fault: Option<&Fault>,
) -> Result<Answer, Refusal> {
    if request.method != Method::POST {
        return Err(Refusal::only_post(request.method.as_str()));
    }
    let form = Form(request.form());
    let tenant = match tenant.to_ascii_lowercase().as_str() {
        "common" | "organizations" => None,
        "consumers" => return Err(Refusal::not_for_consumers()),
        name => Some(known_tenant(name)?),
    };
    let grant_type = form.required("grant_type")?;
    if grant_type != "client_credentials" {
        return Err(Refusal::unsupported_grant(grant_type));
    }
    let client_id = form.required("client_id")?;
    let resource = resource(form.required("scope")?)?;
    let claims = claims(form.field("claims"))?;
    let tenant = tenant.ok_or_else(Refusal::no_tenant)?;
    let app = authenticated(world, &form, client_id, tenant)?;

    let is_known = |known: &&str| resource.strip_suffix('/').unwrap_or(&resource).eq_ignore_ascii_case(known);
    if !RESOURCES.iter().any(is_known) {
        return Err(Refusal::unknown_resource(&resource, tenant.name));
    }

    let shape = match fault {
        Some(Fault::Token(shape)) => shape.clone(),
        _ => TokenShape::default(),
    };
    let token = world.mint(&MintOptions {
        audience: resource,
        tenant: tenant.id.to_owned(),
        client_id: app.client_id.to_owned(),
        object_id: app.object_id.to_owned(),
        expires_in_s: shape.expires_in.unwrap_or(LIFETIME_S),
        claims,
        ..MintOptions::default()
    });
    // Signing with a key that loaded does not fail; if it ever does, that is trouble on our side.
    let token = token.map_err(|_| Refusal::trouble(StatusCode::INTERNAL_SERVER_ERROR))?;
    Ok(Answer::new(StatusCode::OK, CONTENT_TYPE, granted(token, shape).to_string()))
}

/// The application, once its id, state and secret have been checked.
fn authenticated(world: &World, form: &Form, client_id: &str, tenant: Tenant) -> Result<App, Refusal> {
    let found = Uuid::parse_str(client_id).ok().and_then(|_| app(client_id));
    let Some(app) = found.filter(|app| app.tenant == tenant) else {
        return Err(Refusal::unknown_app(client_id, tenant.name));
    };
    if app.disabled {
        return Err(Refusal::disabled_app(app.client_id, app.name));
    }
    let secret = form.field("client_secret").ok_or_else(Refusal::missing_secret)?;
    let positions = world.positions();
    let new_secret = positions.new_secret(app.client_id);
    if secret != new_secret.unwrap_or(app.secret) {
        return Err(Refusal::wrong_secret(app.client_id));
    }
    if app.secret_expired && new_secret.is_none() {
        return Err(Refusal::expired_secret(app.client_id));
    }
    Ok(app)
}

/// The resource of a scope: what is left when exactly one `/.default` is taken off. So a resource
/// that ends in a slash keeps it only if the scope has two.
fn resource(scope: &str) -> Result<String, Refusal> {
    if scope.split(' ').filter(|part| !part.is_empty()).count() != 1 {
        return Err(Refusal::malformed_scope(scope));
    }
    let scope = scope.trim_matches(' ');
    let Some(resource) = scope.strip_suffix("/.default") else {
        return Err(Refusal::scope_without_default(scope));
    };
    let is_uri = ["https://", "api://"]
        .iter()
        .any(|scheme| resource.strip_prefix(scheme).is_some_and(|rest| !rest.trim_matches('/').is_empty()));
    if !is_uri && Uuid::parse_str(resource).is_err() {
        return Err(Refusal::malformed_scope(scope));
    }
    Ok(resource.to_owned())
}

/// The claims request, a JSON object (OpenID Connect Core, 5.5).
fn claims(text: Option<&str>) -> Result<Option<Value>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    match serde_json::from_str(text) {
        Ok(claims @ Value::Object(_)) => Ok(Some(claims)),
        _ => Err(Refusal::malformed_request()),
    }
}

/// The successful answer, changed as a `token` fault asks.
fn granted(token: String, shape: TokenShape) -> Value {
    let number = |number: i64| {
        if shape.as_string { json!(number.to_string()) } else { json!(number) }
    };
    // One second less than the token lives: the time that issuing it is taken to need.
    let expires_in = number(shape.expires_in.unwrap_or(LIFETIME_S - 1));
    let mut answer = Map::new();
    answer.insert("token_type".into(), json!(shape.token_type.as_deref().unwrap_or("Bearer")));
    if !shape.omit_expiry {
        answer.insert("expires_in".into(), expires_in.clone());
        answer.insert("ext_expires_in".into(), expires_in);
    }
    if let Some(refresh_in) = shape.refresh_in {
        answer.insert("refresh_in".into(), number(refresh_in));
    }
    if !shape.omit_access_token {
        answer.insert("access_token".into(), json!(shape.access_token.unwrap_or(token)));
    }
    Value::Object(answer)
}

/// The decoded body.
struct Form(Vec<(String, String)>);

impl Form {
    /// A field that is there and not empty.
    fn field(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        field.map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.field(name).ok_or_else(|| Refusal::missing_parameter(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_loses_exactly_one_default() {
        let two = resource("https://batch.core.windows.net//.default");
        let one = resource("https://batch.core.windows.net/.default");
        assert_eq!(two.as_deref(), Ok("https://batch.core.windows.net/"));
        assert_eq!(one.as_deref(), Ok("https://batch.core.windows.net"));
    }

    #[test]
    fn scope_without_default_and_malformed_scope_are_told_apart() {
        let without = "https://batch.core.windows.net/";
        assert_eq!(resource(without), Err(Refusal::scope_without_default(without)));
        let malformed = "batch/.default";
        assert_eq!(resource(malformed), Err(Refusal::malformed_scope(malformed)));
        let two = "a/.default b/.default";
        assert_eq!(resource(two), Err(Refusal::malformed_scope(two)));
    }
}
