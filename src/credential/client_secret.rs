//! Client secret: an application signs in with a shared secret.
//!
//! One POST to the tenant's token endpoint, `grant_type=client_credentials` (RFC 6749, 4.4;
//! Entra: "client credentials flow, first case: access token request with a shared secret").
//! Not here: caching (`token`), retries and deadlines (`http`).

use async_trait::async_trait;

use super::Credential;
use super::application::Application;
use crate::entra::{self, TokenForm};
use crate::error::{Error, Result, Status};
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::token::{Issued, TenantId, TokenRequest};

/// An application and its secret, which is wiped on drop and never printed.
#[derive(Debug)]
pub(crate) struct ClientSecret {
    application: Application,
    secret: Secret,
}

impl ClientSecret {
    /// Checks its inputs; does no I/O.
    ///
    /// # Errors
    /// `InvalidArgument` for a tenant, application or secret that cannot be right.
    pub(crate) fn new(tenant: &str, client: &str, secret: &str, entra: entra::Client) -> Result<Self> {
        let application = Application::new(tenant, client, entra)?;
        Ok(Self { application, secret: parse(secret)? })
    }

    /// Says so where what was given looks like the id of a secret: the most usual mistake of all.
    fn explain(&self, error: Error) -> Error {
        let wrong = error.service_code() == Some("AADSTS7000215");
        if wrong && uuid::Uuid::try_parse(self.secret.expose()).is_ok() {
            return error.with_help(
                "What was given has the form of a Secret ID. Copy the secret's Value instead, from the column \
                 beside it: App registrations > your app > Certificates & secrets. The Value is shown only \
                 once, so make a new secret where it is lost.",
            );
        }
        error
    }
}

/// A secret that can be one: Entra's are printable.
pub(super) fn parse(secret: &str) -> Result<Secret> {
    let usable = !secret.is_empty() && !secret.chars().any(char::is_control);
    Secret::new(secret).filter(|_| usable).ok_or_else(|| {
        Error::new(
            Status::InvalidArgument,
            "client_secret is empty or holds control characters such as a line end",
        )
        .with_help(
            "Pass the secret's Value exactly as the portal showed it; strip the line end of a file it was \
             read from.",
        )
    })
}

#[async_trait]
impl Credential for ClientSecret {
    fn name(&self) -> &'static str {
        "ClientSecretCredential"
    }

    fn tenant(&self) -> Option<&TenantId> {
        Some(self.application.tenant())
    }

    /// Never unavailable: a secret that was given is meant to be used.
    async fn acquire(&self, request: &TokenRequest, limits: &Limits) -> Result<Issued> {
        let form = TokenForm::client_credentials(self.application.client()).secret(&self.secret);
        let issued = self.application.sign_in(form, request, limits).await;
        issued.map_err(|error| self.explain(error))
    }
}
