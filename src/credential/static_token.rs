//! Static token: one that the host has got elsewhere, served until it expires.

use std::sync::Arc;

use async_trait::async_trait;

use super::Credential;
use crate::error::{Error, Result, Status};
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::system::Clock;
use crate::token::{Issued, TenantId, TokenRequest, is_sendable};

/// A token that is never renewed.
#[derive(Debug)]
pub(crate) struct StaticToken {
    value: Secret,
    expires_on: i64,
    clock: Arc<dyn Clock>,
}

impl StaticToken {
    /// Takes a token and the moment it expires, in seconds since 1970, UTC.
    ///
    /// # Errors
    /// `InvalidArgument` for a token that cannot be sent, or an expiry that is no moment.
    pub(crate) fn new(token: &str, expires_on: i64, clock: Arc<dyn Clock>) -> Result<Self> {
        let value = Secret::new(token).filter(|_| is_sendable(token)).ok_or_else(|| {
            Error::new(
                Status::InvalidArgument,
                "token is empty or holds blanks or control characters such as a line end",
            )
            .with_help("Pass the token alone, without \"Bearer\" and without a line end.")
        })?;
        if expires_on <= 0 {
            let rule = "must be seconds since 1970, UTC";
            return Err(Error::invalid("expires_on", rule, &expires_on.to_string()));
        }
        Ok(Self { value, expires_on, clock })
    }

    fn refuse(why: &str) -> Error {
        Error::new(Status::AuthenticationFailed, format!("the static token {why}"))
            .with_help("Make a new Auth with a fresh token, or use a credential that can renew it.")
    }
}

#[async_trait]
impl Credential for StaticToken {
    fn name(&self) -> &'static str {
        "StaticTokenCredential"
    }

    fn tenant(&self) -> Option<&TenantId> {
        None
    }

    /// It is what it is: no other tenant, no other claims, no longer life. The scope asked for is
    /// not compared, since an opaque token does not tell its own.
    async fn acquire(&self, request: &TokenRequest, _limits: &Limits) -> Result<Issued> {
        if let Some(claims) = &request.claims {
            return Err(
                Self::refuse("cannot meet a claims challenge").with_claims(Some(claims.as_str().to_owned()))
            );
        }
        if request.tenant.is_some() {
            return Err(Self::refuse("cannot be asked for another tenant"));
        }
        if self.clock.unix_ms().div_euclid(1000) >= self.expires_on {
            return Err(Self::refuse(&format!("expired at {} (seconds since 1970)", self.expires_on)));
        }
        Ok(Issued {
            value: self.value.clone(),
            expires_on: self.expires_on,
            // Never due: there is nothing to renew it from.
            refresh_in: Some(i64::MAX),
        })
    }
}
