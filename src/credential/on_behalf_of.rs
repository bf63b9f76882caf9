//! On behalf of: a service exchanges the token that a user sent it for one of its own, in the user's
//! name.
//!
//! Entra: "Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow", RFC 7523, 2.1. One Auth
//! serves one user: its cache never holds another's tokens.

use async_trait::async_trait;

use super::Credential;
use super::application::Application;
use super::client_secret;
use crate::entra::{self, TokenForm};
use crate::error::{Error, Result, Status};
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::token::{Issued, TenantId, TokenRequest, is_sendable};

/// A service, its secret, and the token of the user it acts for.
#[derive(Debug)]
pub(crate) struct OnBehalfOf {
    application: Application,
    secret: Secret,
    user_assertion: Secret,
}

impl OnBehalfOf {
    /// Checks its inputs; does no I/O.
    ///
    /// # Errors
    /// `InvalidArgument` for an input that cannot be right.
    pub(crate) fn new(
        tenant: &str,
        client: &str,
        secret: &str,
        user_assertion: &str,
        entra: entra::Client,
    ) -> Result<Self> {
        let application = Application::new(tenant, client, entra)?;
        let secret = client_secret::parse(secret)?;
        let user_assertion =
            Secret::new(user_assertion).filter(|_| is_sendable(user_assertion)).ok_or_else(|| {
                Error::new(Status::InvalidArgument, "user_assertion is empty or holds blanks")
                    .with_help("Pass the access token that the user's request carried, without \"Bearer\".")
            })?;
        Ok(Self { application, secret, user_assertion })
    }
}

#[async_trait]
impl Credential for OnBehalfOf {
    fn name(&self) -> &'static str {
        "OnBehalfOfCredential"
    }

    fn tenant(&self) -> Option<&TenantId> {
        Some(self.application.tenant())
    }

    async fn acquire(&self, request: &TokenRequest, limits: &Limits) -> Result<Issued> {
        let form = TokenForm::on_behalf_of(self.application.client(), &self.user_assertion);
        self.application.sign_in(form.secret(&self.secret), request, limits).await
    }
}
