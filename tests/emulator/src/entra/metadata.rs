//! The documents that clients read before they sign in: OpenID metadata, keys, instance discovery.
//!
//! OpenID Connect Discovery 1.0, RFC 7517, and Entra's instance discovery (`api-version` 1.0 and
//! 1.1). URLs are built from the Host header, so they lead back to wherever the client came from;
//! the issuer stays Microsoft's, as MSAL expects of an authority that it does not know.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::{
    entra::{CONTENT_TYPE, Refusal, known_tenant},
    fixtures,
    message::{Answer, Received},
    world::World,
};

/// Login hosts of one cloud each; the first is the host to send to, the second names the cache.
const CLOUDS: [&[&str]; 3] = [
    &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
];

fn document(status: StatusCode, document: &Value) -> Answer {
    Answer::new(status, CONTENT_TYPE, document.to_string())
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(super) fn openid_configuration(request: &Received, tenant: &str) -> Result<Answer, Refusal> {
    // The shared endpoints have a document too, with a placeholder for the tenant.
    let id = match tenant {
        "common" | "organizations" => "{tenantid}".to_owned(),
        tenant => known_tenant(tenant)?.id.to_owned(),
    };
    let base = format!("https://{}/{tenant}", request.host());
    Ok(document(
        StatusCode::OK,
        &json!({
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": format!("https://login.microsoftonline.com/{id}/v2.0"),
            "request_uri_parameter_supported": false,
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "tid", "ver"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }),
    ))
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub(super) fn keys(world: &World, tenant: &str) -> Result<Answer, Refusal> {
    let id = match tenant {
        "common" | "organizations" => "{tenantid}",
        tenant => known_tenant(tenant)?.id,
    };
    let issuer = format!("https://login.microsoftonline.com/{id}/v2.0");
    Ok(document(StatusCode::OK, &world.keys.jwks(&issuer)))
}

/// `GET /common/discovery/instance`.
pub(super) fn instance(request: &Received) -> Answer {
    let mut version = String::new();
    let mut endpoint = String::new();
    for (name, value) in request.query_pairs() {
        match name.as_ref() {
            "api-version" => version = value.into_owned(),
            "authorization_endpoint" => endpoint = value.into_owned(),
            _ => {}
        }
    }
    let rest = endpoint.strip_prefix("https://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_ours = host.eq_ignore_ascii_case(request.host());
    let is_known = CLOUDS.iter().flat_map(|hosts| hosts.iter()).any(|known| *known == host);
    if !matches!(version.as_str(), "1.0" | "1.1") || !(is_ours || is_known) {
        return document(StatusCode::BAD_REQUEST, &invalid_instance());
    }
    let tenant = path.split('/').next().filter(|tenant| !tenant.is_empty()).unwrap_or("common");
    let mut answer = json!({
        "tenant_discovery_endpoint":
            format!("https://{host}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": version,
    });
    if version == "1.1" {
        answer["metadata"] = CLOUDS.iter().map(|hosts| metadata(hosts)).collect();
    }
    document(StatusCode::OK, &answer)
}

fn metadata(hosts: &[&str]) -> Value {
    let network = hosts.first().copied().unwrap_or_default();
    // Only the public cloud's caches go by another name than its host.
    let cache = if network.ends_with(".com") { "login.windows.net" } else { network };
    json!({"preferred_network": network, "preferred_cache": cache, "aliases": hosts})
}

fn invalid_instance() -> Value {
    json!({
        "error": "invalid_instance",
        "error_description": format!(
            "AADSTS50049: Unknown or invalid instance. Trace ID: {}", fixtures::CONTOSO.id
        ),
        "error_codes": [50049],
    })
}
