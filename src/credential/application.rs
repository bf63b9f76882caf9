//! What every credential of an application shares: tenant, client id, and the sign-in itself.
//!
//! The credentials differ in how the application proves who it is: a secret, or an assertion that
//! something signed (RFC 7521, 4.2; RFC 7523, 2.2).

use crate::entra::{self, ClientId, TokenForm};
use crate::error::{Error, Result};
use crate::runtime::Limits;
use crate::token::{Issued, TenantId, TokenRequest};

/// An application of a tenant.
#[derive(Debug)]
pub(super) struct Application {
    tenant: TenantId,
    client: ClientId,
    entra: entra::Client,
}

impl Application {
    /// Checks its inputs; does no I/O.
    ///
    /// # Errors
    /// `InvalidArgument` for a tenant or application that cannot be right.
    pub(super) fn new(tenant: &str, client: &str, entra: entra::Client) -> Result<Self> {
        let tenant = TenantId::parse(tenant)?;
        if tenant.is_shared_endpoint() {
            let rule =
                "must be one tenant's id or domain: an application cannot sign in at a shared endpoint";
            return Err(Error::invalid("tenant_id", rule, tenant.as_str())
                .with_help("Find it in the Azure portal: Microsoft Entra ID > Overview > Tenant ID."));
        }
        Ok(Self { tenant, client: ClientId::parse(client)?, entra })
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub(super) fn client(&self) -> &ClientId {
        &self.client
    }

    /// The tenant that a request goes to.
    pub(super) fn tenant_of<'a>(&'a self, request: &'a TokenRequest) -> &'a TenantId {
        request.tenant.as_ref().unwrap_or(&self.tenant)
    }

    /// The token endpoint that a request goes to: the audience of an assertion.
    pub(super) fn endpoint(&self, request: &TokenRequest) -> Result<String> {
        self.entra.endpoint(self.tenant_of(request), request)
    }

    /// Sends the form to the tenant of the request.
    pub(super) async fn sign_in(
        &self,
        form: TokenForm<'_>,
        request: &TokenRequest,
        limits: &Limits,
    ) -> Result<Issued> {
        self.entra.token(self.tenant_of(request), form, request, limits).await
    }
}
