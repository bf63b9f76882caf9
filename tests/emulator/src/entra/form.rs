//! The fields of a token request: the form itself, the scope in it, the claims request.
//!
//! A field that is there but empty counts as missing. `+` and `%20` are both a space here.

use serde_json::Value;
use uuid::Uuid;

use crate::{entra::Refusal, fixtures::Tenant, message::Received};

/// Scopes that are about the user who signs in, not about a resource.
const SIGN_IN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

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

/// The decoded body.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn of(request: &Received) -> Self {
        Self(request.form())
    }

    /// A field that is there and not empty.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        field.map(|(_, value)| value.as_str())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.field(name).ok_or_else(|| Refusal::missing_parameter(name))
    }
}

/// The resource of a scope: what is left when exactly one `/.default` is taken off. So a resource
/// that ends in a slash keeps it only if the scope has two.
pub(super) fn resource(scope: &str) -> Result<String, Refusal> {
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
pub(super) fn claims(text: Option<&str>) -> Result<Option<Value>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    match serde_json::from_str(text) {
        Ok(claims @ Value::Object(_)) => Ok(Some(claims)),
        _ => Err(Refusal::malformed_request()),
    }
}

/// What an application asks for on behalf of a user: one permission on one resource, and possibly
/// scopes that are about the user.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DelegatedScope {
    pub(super) resource: String,
    /// Whether an id token is wanted.
    pub(super) openid: bool,
    /// Whether a refresh token is wanted.
    pub(super) offline_access: bool,
}

/// Reads a scope of a delegated request: `/.default` or `/user_impersonation`.
pub(super) fn delegated_scope(scope: &str) -> Result<DelegatedScope, Refusal> {
    let parts = scope.split(' ').filter(|part| !part.is_empty());
    let (about_user, permissions): (Vec<_>, Vec<_>) = parts.partition(|part| SIGN_IN_SCOPES.contains(part));
    let [permission] = permissions.as_slice() else {
        return Err(Refusal::malformed_scope(scope));
    };
    let resource = match permission.strip_suffix("/user_impersonation") {
        Some(resource) => self::resource(&format!("{resource}/.default"))?,
        None => self::resource(permission)?,
    };
    let has = |scope| about_user.contains(&scope);
    Ok(DelegatedScope { resource, openid: has("openid"), offline_access: has("offline_access") })
}

/// Refuses a resource that has no service principal in the tenant.
pub(super) fn check_resource(resource: &str, tenant: Tenant) -> Result<(), Refusal> {
    let name = resource.strip_suffix('/').unwrap_or(resource);
    if RESOURCES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(Refusal::unknown_resource(resource, tenant.name))
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

    #[test]
    fn delegated_scope_has_one_resource_and_may_have_scopes_about_the_user() {
        let both =
            delegated_scope("openid https://batch.core.windows.net//user_impersonation offline_access");
        let plain = delegated_scope("https://batch.core.windows.net//.default");
        let wanted = |on| {
            let resource = "https://batch.core.windows.net/".to_owned();
            Ok(DelegatedScope { resource, openid: on, offline_access: on })
        };
        assert_eq!(both, wanted(true));
        assert_eq!(plain, wanted(false));
        for wrong in ["openid", "a b", "https://batch.core.windows.net//jobs"] {
            assert!(delegated_scope(wrong).is_err(), "{wrong}");
        }
    }
}
