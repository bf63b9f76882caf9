//! Client assertion: an application signs in with a JSON web token that somebody else signs for it.
//!
//! Entra: "client credentials flow, third case: access token request with a federated credential"
//! and RFC 7523, 2.2. The source is asked once for each token request, never for a cached token.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::Credential;
use super::application::Application;
use crate::entra::{self, TokenForm};
use crate::error::{Error, Result, Status};
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::token::{Issued, TenantId, TokenRequest, is_sendable};

/// Somebody who signs assertions.
#[async_trait]
pub trait AssertionSource: Send + Sync {
    /// A fresh assertion, whose audience is `token_endpoint` unless a federated credential says
    /// otherwise.
    ///
    /// # Errors
    /// Any; the sign-in fails with it.
    async fn assertion(&self, token_endpoint: &str) -> Result<Secret>;
}

/// An application and who signs for it.
pub(crate) struct ClientAssertion {
    application: Application,
    source: Arc<dyn AssertionSource>,
}

impl ClientAssertion {
    /// Checks its inputs; does no I/O and does not ask the source.
    ///
    /// # Errors
    /// `InvalidArgument` for a tenant or application that cannot be right.
    pub(crate) fn new(
        tenant: &str,
        client: &str,
        source: Arc<dyn AssertionSource>,
        entra: entra::Client,
    ) -> Result<Self> {
        Ok(Self { application: Application::new(tenant, client, entra)?, source })
    }
}

impl fmt::Debug for ClientAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertion").field("application", &self.application).finish_non_exhaustive()
    }
}

#[async_trait]
impl Credential for ClientAssertion {
    fn name(&self) -> &'static str {
        "ClientAssertionCredential"
    }

    fn tenant(&self) -> Option<&TenantId> {
        Some(self.application.tenant())
    }

    async fn acquire(&self, request: &TokenRequest, limits: &Limits) -> Result<Issued> {
        let endpoint = self.application.endpoint(request)?;
        let asked = self.source.assertion(&endpoint);
        let assertion = limits.run("waiting for the assertion callback", asked).await?;
        if !is_sendable(assertion.expose()) {
            return Err(Error::new(
                Status::AuthenticationFailed,
                "the assertion callback gave what cannot be an assertion: it is empty or holds blanks",
            )
            .with_help("Answer with the signed JSON web token alone."));
        }
        let form = TokenForm::client_credentials(self.application.client()).assertion(&assertion);
        self.application.sign_in(form, request, limits).await
    }
}
