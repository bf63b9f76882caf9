//! The ways to sign in: one file a credential.
//!
//! A credential makes one request for one token; caching, sharing and renewal are `token`'s, and
//! retries and deadlines `http`'s.

mod application;
mod callback;
mod client_assertion;
mod client_secret;
mod on_behalf_of;
mod static_token;
mod workload_identity;

use async_trait::async_trait;

use crate::error::Result;
use crate::runtime::Limits;
use crate::token::{Issued, TenantId, TokenRequest};

pub(crate) use callback::Callback;
pub use callback::{HostTokens, TokenAsk};
pub use client_assertion::AssertionSource;
pub(crate) use client_assertion::ClientAssertion;
pub(crate) use client_secret::ClientSecret;
pub(crate) use on_behalf_of::OnBehalfOf;
pub(crate) use static_token::StaticToken;
pub(crate) use workload_identity::WorkloadIdentity;

/// One way to sign in.
#[async_trait]
pub(crate) trait Credential: Send + Sync + std::fmt::Debug {
    /// Its name in the Azure Identity libraries.
    fn name(&self) -> &'static str;

    /// The tenant it was made for, where it has one.
    fn tenant(&self) -> Option<&TenantId>;

    /// Asks for a token, within the limits.
    ///
    /// # Errors
    /// Any; `CredentialUnavailable` alone means that it is not configured or not to be had here.
    async fn acquire(&self, request: &TokenRequest, limits: &Limits) -> Result<Issued>;
}
