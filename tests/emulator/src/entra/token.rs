//! The token endpoint: `POST /{tenant}/oauth2/v2.0/token`, and the client credentials grant.
//!
//! RFC 6749, 4.4; Learn: "Get a token", first to third case (secret, certificate, federated
//! credential). Checks come in Entra's order: tenant, request, scope, application, its proof,
//! resource. Not here: the words of a refusal (`entra::error`), what proves an application
//! (`entra::client`), the other grant (`entra::on_behalf_of`), what a token says (`crate::token`).

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::{
    entra::{
        CONTENT_TYPE, Refusal,
        client::{self, Expected},
        form::{Form, check_resource, claims, resource},
        known_tenant, on_behalf_of,
    },
    faults::{Fault, TokenShape},
    fixtures::Tenant,
    message::{Answer, Received},
    token::MintOptions,
    world::World,
};

const LIFETIME_S: i64 = 3600;

/// A request to the token endpoint of a tenant; none for the endpoints that tenants share.
pub(super) struct Call<'a> {
    pub(super) world: &'a World,
    pub(super) form: Form,
    pub(super) tenant: Option<Tenant>,
    /// What an assertion must be for.
    pub(super) expected: Expected,
    shape: TokenShape,
}

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
    let tenant = match tenant.to_ascii_lowercase().as_str() {
        "common" | "organizations" => None,
        "consumers" => return Err(Refusal::not_for_consumers()),
        name => Some(known_tenant(name)?),
    };
    let call = Call {
        world,
        form: Form::of(request),
        tenant,
        expected: Expected::by_entra(request, tenant),
        shape: shape(fault),
    };
    match call.form.required("grant_type")? {
        "client_credentials" => client_credentials(&call),
        on_behalf_of::GRANT => on_behalf_of::answer(&call),
        other => Err(Refusal::unsupported_grant(other)),
    }
}

fn client_credentials(call: &Call<'_>) -> Result<Answer, Refusal> {
    let client_id = call.form.required("client_id")?;
    let resource = resource(call.form.required("scope")?)?;
    let claims = claims(call.form.field("claims"))?;
    let tenant = call.tenant.ok_or_else(Refusal::no_tenant)?;
    let (app, proof) = client::authenticated(call.world, &call.form, client_id, tenant, &call.expected)?;
    check_resource(&resource, tenant)?;
    let options = MintOptions {
        audience: resource,
        tenant: tenant.id.to_owned(),
        client_id: app.client_id.to_owned(),
        object_id: app.object_id.to_owned(),
        claims,
        by_assertion: proof == client::Proof::Assertion,
        ..MintOptions::default()
    };
    call.grant(options, Map::new())
}

impl Call<'_> {
    /// Answers with a token, and with what else belongs to the grant.
    pub(super) fn grant(&self, options: MintOptions, more: Map<String, Value>) -> Result<Answer, Refusal> {
        granted(self.world, self.shape.clone(), options, more)
    }
}

/// The changes that a `token` fault asks for.
pub(super) fn shape(fault: Option<&Fault>) -> TokenShape {
    match fault {
        Some(Fault::Token(shape)) => shape.clone(),
        _ => TokenShape::default(),
    }
}

/// The successful answer, changed as `shape` says.
pub(super) fn granted(
    world: &World,
    shape: TokenShape,
    options: MintOptions,
    more: Map<String, Value>,
) -> Result<Answer, Refusal> {
    let expires_in_s = shape.expires_in.unwrap_or(LIFETIME_S);
    let token = world.mint(&MintOptions { expires_in_s, ..options });
    // Signing with a key that loaded does not fail; if it ever does, that is trouble on our side.
    let token = token.map_err(|_| Refusal::trouble(StatusCode::INTERNAL_SERVER_ERROR))?;
    let mut answer = members(token, shape);
    answer.extend(more);
    Ok(Answer::new(StatusCode::OK, CONTENT_TYPE, Value::Object(answer).to_string()))
}

fn members(token: String, shape: TokenShape) -> Map<String, Value> {
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
    answer
}
