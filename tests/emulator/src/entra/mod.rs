//! Microsoft Entra as far as applications need it: routes and the headers of every answer.
//!
//! One file per endpoint: `token`, in `metadata` the three documents that clients look up first, and
//! in `adfs` the same for AD FS. `client` says who calls, `on_behalf_of` is a grant of its own.
//! The directory (tenants, applications) is in `fixtures`, the error bodies are in `error`.

mod adfs;
mod certificate_assertion;
mod client;
mod error;
mod federation;
mod form;
mod metadata;
mod on_behalf_of;
mod token;

use std::sync::Arc;

use hyper::{
    Method, StatusCode,
    header::{CACHE_CONTROL, EXPIRES, PRAGMA, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
};
use uuid::Uuid;

use crate::{
    exchange::Service,
    faults::Fault,
    message::{Answer, Received},
    world::World,
};
use error::Refusal;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// The sign-in service.
pub(crate) struct Entra {
    pub(crate) world: Arc<World>,
}

impl Service for Entra {
    fn listener(&self) -> &'static str {
        "entra"
    }

    fn answer(&self, request: &Received, fault: Option<&Fault>) -> Answer {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let is_get = request.method == Method::GET;
        let result = match path.as_slice() {
            ["common", "discovery", "instance"] if is_get => Ok(metadata::instance(request)),
            ["adfs", path @ ..] => Ok(adfs::answer(&self.world, request, path, fault)),
            [tenant, "oauth2", "v2.0", "token"] => token::answer(&self.world, request, tenant, fault),
            [tenant, "v2.0", ".well-known", "openid-configuration"] if is_get => {
                metadata::openid_configuration(request, tenant)
            }
            [tenant, "discovery", "v2.0", "keys"] if is_get => metadata::keys(&self.world, tenant),
            _ => Ok(Answer::new(StatusCode::NOT_FOUND, "text/html", "")),
        };
        self.dressed(request, result)
    }

    fn refusal(&self, request: &Received, status: StatusCode) -> Answer {
        self.dressed(request, Err(Refusal::trouble(status)))
    }
}

impl Entra {
    /// Adds the headers that every answer carries, and the ids to an error body.
    fn dressed(&self, request: &Received, result: Result<Answer, Refusal>) -> Answer {
        let trace_id = Uuid::new_v4();
        let asked = request.header("client-request-id");
        let correlation_id = Uuid::parse_str(asked).unwrap_or_else(|_| Uuid::new_v4()).to_string();
        let answer =
            result.unwrap_or_else(|refusal| refusal.answer(&self.world.clock, &trace_id, &correlation_id));
        let answer = answer
            .with(CACHE_CONTROL, "no-store, no-cache")
            .with(PRAGMA, "no-cache")
            .with(EXPIRES, "-1")
            .with(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains")
            .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with_named("x-ms-request-id", &trace_id.to_string())
            .with_named("x-ms-ests-server", "2.1.24000.5 - WEULR1 ProdSlices")
            .with_named("x-ms-srs", "1.P")
            .with_named("x-xss-protection", "0");
        if asked.is_empty() { answer } else { answer.with_named("client-request-id", asked) }
    }
}

/// The tenant of a path, or what Entra says to one it does not know.
fn known_tenant(name: &str) -> Result<crate::fixtures::Tenant, Refusal> {
    let is_host_name = |name: &str| {
        name.contains('.')
            && name.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            })
    };
    if !is_host_name(name) && Uuid::parse_str(name).is_err() {
        return Err(Refusal::malformed_tenant(name));
    }
    crate::fixtures::tenant(name).ok_or_else(|| Refusal::unknown_tenant(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_is_known_by_guid_and_by_domain_in_any_case() {
        assert!(known_tenant("C0000000-7E4A-4000-8000-000000000001").is_ok());
        assert!(known_tenant("Contoso.Example").is_ok());
    }

    #[test]
    fn unknown_and_malformed_tenants_are_told_apart() {
        let unknown = "11111111-2222-4333-8444-555555555555";
        assert_eq!(known_tenant(unknown), Err(Refusal::unknown_tenant(unknown)));
        assert_eq!(known_tenant("a b.example"), Err(Refusal::malformed_tenant("a b.example")));
        assert_eq!(known_tenant("contoso"), Err(Refusal::malformed_tenant("contoso")));
    }
}
