//! On behalf of: a service that was called with a user's token asks for a token to call Batch as
//! that user.
//!
//! Learn: "Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow"; RFC 7523. Checks come in
//! this order: request, application, resource, and of the user's token signature, audience, time,
//! whether it is a user's; then consent and a second factor. The user's token may be one that
//! `mint` made; the refresh token is only for looks, as no grant takes it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hyper::StatusCode;
use serde_json::{Map, Value, json};

use crate::{
    entra::{
        Refusal,
        client::{self, Proof},
        form::{check_resource, claims, delegated_scope},
        token::Call,
    },
    fixtures::{App, Tenant},
    message::Answer,
    token::{Claims, Delegated, MintOptions, Unreadable, random_text, sign},
    world::World,
};

/// The grant type.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let form = &call.form;
    let client_id = form.required("client_id")?;
    let assertion = form.required("assertion")?;
    if form.required("requested_token_use")? != "on_behalf_of" {
        return Err(Refusal::malformed_request());
    }
    let scope = delegated_scope(form.required("scope")?)?;
    let asked_claims = claims(form.field("claims"))?;
    let tenant = call.tenant.ok_or_else(Refusal::no_tenant)?;
    let (app, proof) = client::authenticated(call.world, form, client_id, tenant, &call.expected)?;
    check_resource(&scope.resource, tenant)?;
    let user = user(call.world, &app, tenant, assertion)?;
    let positions = call.world.positions().clone();
    if !positions.is_consented(app.client_id) {
        return Err(Refusal::no_consent(&app));
    }
    if positions.needs_mfa(app.client_id) && !user.delegated.has_second_factor() {
        return Err(Refusal::mfa_required(&scope.resource));
    }

    let resource = &scope.resource;
    let mut more = Map::new();
    more.insert("scope".into(), json!(format!("{resource}/user_impersonation {resource}/.default")));
    if scope.offline_access {
        more.insert("refresh_token".into(), json!(format!("1.{}", random_text(600))));
    }
    if scope.openid {
        more.insert("id_token".into(), id_token(call.world, &app, &user, tenant)?);
    }
    if form.field("client_info") == Some("1") {
        more.insert("client_info".into(), client_info(&user.object_id, tenant));
    }
    let options = MintOptions {
        audience: scope.resource.clone(),
        tenant: tenant.id.to_owned(),
        client_id: app.client_id.to_owned(),
        object_id: user.object_id,
        claims: asked_claims,
        by_assertion: proof == Proof::Assertion,
        delegated: Some(Delegated { scope: "user_impersonation".to_owned(), ..user.delegated }),
        ..MintOptions::default()
    };
    call.grant(options, more)
}

/// The user whom a token is about.
struct Subject {
    object_id: String,
    delegated: Delegated,
}

/// Reads the user's token, once it has been checked.
fn user(world: &World, app: &App, tenant: Tenant, token: &str) -> Result<Subject, Refusal> {
    let claims = world.verifier.claims(&world.keys, token).map_err(|unreadable| match unreadable {
        Unreadable::Malformed => Refusal::malformed_assertion(),
        Unreadable::BadSignature => Refusal::user_assertion_signature(&world.keys.id),
    })?;
    // Another tenant has other keys, so there its tokens fail by their signature.
    if claims.tid != tenant.id {
        return Err(Refusal::user_assertion_signature(&world.keys.id));
    }
    if !is_for(&claims, app) {
        return Err(Refusal::user_assertion_audience(&claims.aud, app));
    }
    let now_s = world.clock.now_s();
    if now_s < claims.nbf || now_s >= claims.exp {
        return Err(Refusal::user_assertion_time(world.clock.now(), claims.exp));
    }
    let delegated = claims.delegated().ok_or_else(Refusal::not_on_behalf_of_an_app)?;
    Ok(Subject { object_id: claims.oid.clone(), delegated })
}

/// Whether the token was issued for the app: under its client id or its application id URI.
fn is_for(claims: &Claims, app: &App) -> bool {
    let id = claims.aud.strip_prefix("api://").unwrap_or(&claims.aud);
    id.eq_ignore_ascii_case(app.client_id)
}

/// Who the user is, for the app itself (OpenID Connect Core, 2, with Entra's claims of version 2.0).
fn id_token(world: &World, app: &App, user: &Subject, tenant: Tenant) -> Result<Value, Refusal> {
    let now_s = world.clock.now_s();
    let claims = json!({
        "aud": app.client_id,
        "iss": format!("https://login.microsoftonline.com/{}/v2.0", tenant.id),
        "iat": now_s - 300,
        "nbf": now_s - 300,
        "exp": now_s + 3600,
        "oid": user.object_id,
        "preferred_username": user.delegated.upn,
        "sub": user.object_id,
        "tid": tenant.id,
        "uti": random_text(16),
        "ver": "2.0",
    });
    let token = sign(&world.keys, &claims);
    token.map(Value::from).map_err(|_| Refusal::trouble(StatusCode::INTERNAL_SERVER_ERROR))
}

/// What MSAL tells accounts apart by.
fn client_info(object_id: &str, tenant: Tenant) -> Value {
    let info = json!({"uid": object_id, "utid": tenant.id});
    json!(URL_SAFE_NO_PAD.encode(info.to_string()))
}
