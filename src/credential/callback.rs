//! Callback: the host has tokens of its own, and is asked for one when it is needed.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::Credential;
use crate::error::{Error, Result, Status};
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::system::Clock;
use crate::token::{Issued, TenantId, TokenRequest, is_sendable};

/// What the host is asked for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenAsk<'a> {
    /// What the token is for.
    pub scope: &'a str,
    /// The tenant that the call named, if it did.
    pub tenant_id: Option<&'a str>,
    /// A claims challenge to meet, JSON.
    pub claims: Option<&'a str>,
}

/// The host's source of tokens.
#[async_trait]
pub trait HostTokens: Send + Sync {
    /// A token and when it expires, in seconds since 1970, UTC.
    ///
    /// # Errors
    /// Any; the call fails with it.
    async fn token(&self, ask: TokenAsk<'_>) -> Result<(Secret, i64)>;
}

/// A credential that asks the host.
pub(crate) struct Callback {
    source: Arc<dyn HostTokens>,
    clock: Arc<dyn Clock>,
}

impl Callback {
    /// Does not ask yet.
    pub(crate) fn new(source: Arc<dyn HostTokens>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock }
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

#[async_trait]
impl Credential for Callback {
    fn name(&self) -> &'static str {
        "CallbackCredential"
    }

    fn tenant(&self) -> Option<&TenantId> {
        None
    }

    async fn acquire(&self, request: &TokenRequest, limits: &Limits) -> Result<Issued> {
        let asked = self.source.token(TokenAsk {
            scope: request.scope.as_str(),
            tenant_id: request.tenant.as_ref().map(TenantId::as_str),
            claims: request.claims.as_ref().map(|claims| claims.as_str()),
        });
        let (value, expires_on) = limits.run("waiting for the token callback", asked).await?;
        let refuse = |why: &str| {
            Error::new(Status::AuthenticationFailed, format!("the token callback gave {why}"))
                .with_help("Answer with the access token alone and its expiry in seconds since 1970, UTC.")
        };
        if !is_sendable(value.expose()) {
            return Err(refuse("what cannot be a token: it is empty or holds blanks"));
        }
        if self.clock.unix_ms().div_euclid(1000) >= expires_on {
            return Err(refuse("a token that has expired"));
        }
        Ok(Issued { value, expires_on, refresh_in: None })
    }
}
