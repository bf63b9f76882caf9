//! An Auth: a credential, its cache, and its way to the network. What a `batch_auth_t` holds.

mod listing;
mod options;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::batch::{self, AccountUrl, ListOptions};
use crate::credential::{
    AssertionSource, Callback, ClientAssertion, ClientSecret, Credential, HostTokens, OnBehalfOf,
    StaticToken, WorkloadIdentity,
};
use crate::entra::{self, Authority};
use crate::error::{Error, Result};
use crate::http::{ClientSettings, Transport};
use crate::runtime::{self, Limits};
use crate::system::System;
use crate::token::cache::{Cache, Errand, Key};
use crate::token::{
    Ask, Claims, Cloud, Freshness, Scope, TenantId, TenantRule, Token, TokenRequest, TokenSource,
};

pub use listing::Listing;
pub use options::{AuthOptions, CallOptions};

/// How much longer than its caller may wait a request or a page may take in the background.
const GRACE: Duration = Duration::from_secs(1);

/// A way to sign in, with the tokens it has got. Clones share both; any thread may use it.
#[derive(Clone)]
pub struct Auth {
    shared: Arc<Shared>,
}

struct Shared {
    credential: Arc<dyn Credential>,
    cache: Cache,
    transport: Transport,
    system: System,
    authority: Authority,
    cloud: Option<Cloud>,
    scope: Option<Scope>,
    tenants: TenantRule,
    timeout: Duration,
}

impl Auth {
    /// An application that signs in with a secret. No I/O but reading `ca_bundle_path`.
    ///
    /// # Errors
    /// `InvalidArgument` for an input that cannot be right, `Io` for an unreadable CA bundle.
    pub fn new_client_secret(
        tenant_id: &str,
        client_id: &str,
        client_secret: &str,
        options: &AuthOptions,
    ) -> Result<Self> {
        Self::with(options, |entra, _| {
            Ok(Arc::new(ClientSecret::new(tenant_id, client_id, client_secret, entra)?))
        })
    }

    /// An application that signs in with an assertion that `source` signs.
    ///
    /// # Errors
    /// As [`Auth::new_client_secret`].
    pub fn new_client_assertion(
        tenant_id: &str,
        client_id: &str,
        source: Arc<dyn AssertionSource>,
        options: &AuthOptions,
    ) -> Result<Self> {
        Self::with(options, |entra, _| {
            Ok(Arc::new(ClientAssertion::new(tenant_id, client_id, source, entra)?))
        })
    }

    /// A workload that signs in with the token its platform writes to a file. What is `None` is read
    /// from `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`.
    ///
    /// # Errors
    /// As [`Auth::new_client_secret`], and `CredentialUnavailable` where a variable is missing.
    pub fn new_workload_identity(
        tenant_id: Option<&str>,
        client_id: Option<&str>,
        token_file_path: Option<&str>,
        options: &AuthOptions,
    ) -> Result<Self> {
        Self::with(options, |entra, system| {
            let env = &*system.env;
            Ok(Arc::new(WorkloadIdentity::new(tenant_id, client_id, token_file_path, env, entra)?))
        })
    }

    /// A service that acts in the name of the user whose token it was sent.
    ///
    /// # Errors
    /// As [`Auth::new_client_secret`].
    pub fn new_on_behalf_of(
        tenant_id: &str,
        client_id: &str,
        client_secret: &str,
        user_assertion: &str,
        options: &AuthOptions,
    ) -> Result<Self> {
        Self::with(options, |entra, _| {
            let service = OnBehalfOf::new(tenant_id, client_id, client_secret, user_assertion, entra)?;
            Ok(Arc::new(service))
        })
    }

    /// The host's own source of tokens.
    ///
    /// # Errors
    /// `InvalidArgument` for options that cannot be right, `Io` for an unreadable CA bundle.
    pub fn new_callback(source: Arc<dyn HostTokens>, options: &AuthOptions) -> Result<Self> {
        Self::with(options, |_, system| Ok(Arc::new(Callback::new(source, Arc::clone(&system.clock)))))
    }

    /// A token from elsewhere, served until it expires. `expires_on`: seconds since 1970, UTC.
    ///
    /// # Errors
    /// As [`Auth::new_client_secret`].
    pub fn new_static_token(token: &str, expires_on: i64, options: &AuthOptions) -> Result<Self> {
        Self::with(options, |_, system| {
            Ok(Arc::new(StaticToken::new(token, expires_on, Arc::clone(&system.clock))?))
        })
    }

    /// Reads the options and puts the parts together around a credential.
    fn with(
        options: &AuthOptions,
        credential: impl FnOnce(entra::Client, &System) -> Result<Arc<dyn Credential>>,
    ) -> Result<Self> {
        let system = options.system.clone();
        let settings = ClientSettings {
            ca_bundle_path: options.ca_bundle_path.clone(),
            proxy_url: options.proxy_url.clone(),
        };
        let suffix = options.user_agent_suffix.as_deref();
        let transport = Transport::new(&settings, suffix, options.max_retries, system.clone())?;
        let host = options.authority_host.as_deref();
        let authority = Authority::choose(host, options.cloud, &*system.env)?;
        let own_only = system.env.var("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH").is_some();
        let tenants = TenantRule::parse(options.additionally_allowed_tenants.as_deref(), own_only)?;
        let entra = entra::Client::new(authority.clone(), transport.clone());
        let shared = Shared {
            credential: credential(entra, &system)?,
            cache: Cache::new(Arc::clone(&system.clock), options.refresh_margin_s),
            transport,
            cloud: options.cloud,
            scope: options.scope.as_deref().map(Scope::parse).transpose()?,
            authority,
            tenants,
            timeout: options.timeout,
            system,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A token: from the cache while one is usable there, else from the credential. `None` only
    /// where the call asks for no I/O and some would be needed. To be awaited on a tokio runtime.
    ///
    /// # Errors
    /// Those of signing in, of the network, and of the call's limits.
    pub async fn token(&self, call: &CallOptions) -> Result<Option<Arc<Token>>> {
        let ask = self.ask(call)?;
        TokenSource::token(self, &ask, &self.limits(call)).await
    }

    /// The same, on a thread that may wait.
    ///
    /// # Errors
    /// As [`Auth::token`]; `WouldDeadlock` on a thread of an asynchronous runtime.
    pub fn token_blocking(&self, call: &CallOptions) -> Result<Option<Arc<Token>>> {
        runtime::block_on(self.token(call))
    }

    /// The jobs of a Batch account. No I/O: the first page is asked for by the first step.
    ///
    /// # Errors
    /// `InvalidArgument` for an account or an option that cannot be right.
    pub fn list_jobs(&self, account_url: &str, options: &ListOptions) -> Result<Listing> {
        let client = batch::Client::new(
            AccountUrl::parse(account_url)?,
            Arc::new(self.clone()),
            self.shared.transport.clone(),
            options.server_timeout_s,
        );
        Ok(Listing::new(self.clone(), batch::Jobs::new(client, options)?))
    }

    /// What a call asks for, checked.
    fn ask(&self, call: &CallOptions) -> Result<Ask> {
        if let Some(id) = &call.correlation_id {
            let usable = (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
            if !usable {
                let rule = "must be 1 to 128 visible ASCII characters, best a UUID";
                return Err(Error::invalid("correlation_id", rule, id));
            }
        }
        let claims = call.claims.as_deref().map(Claims::parse).transpose()?;
        // A challenge says that the token at hand was not good enough, whatever the cache holds.
        let fresh = call.force_refresh || claims.is_some();
        Ok(Ask {
            scope: call.scope.as_deref().map(Scope::parse).transpose()?,
            tenant: call.tenant_id.as_deref().map(TenantId::parse).transpose()?,
            claims,
            cloud: None,
            correlation_id: call.correlation_id.clone(),
            freshness: if fresh { Freshness::New } else { Freshness::Cached },
            no_io: call.no_io,
        })
    }

    fn limits(&self, call: &CallOptions) -> Limits {
        let timeout = call.timeout.unwrap_or(self.shared.timeout);
        Limits::starting_now(Arc::clone(&self.shared.system.clock), timeout, call.cancel.clone())
    }

    /// What is asked of the credential once every default is filled in.
    fn request(&self, ask: &Ask) -> Result<TokenRequest> {
        let shared = &*self.shared;
        let tenant = shared.tenants.resolve(shared.credential.tenant(), ask.tenant.as_ref())?;
        // The caller's cloud, else that of the authority, else that of the Batch account.
        let cloud = shared.cloud.or_else(|| shared.authority.cloud()).or(ask.cloud);
        let scope = ask.scope.as_ref().or(shared.scope.as_ref());
        Ok(TokenRequest {
            scope: scope.cloned().unwrap_or_else(|| cloud.unwrap_or(Cloud::Public).batch_scope()),
            tenant,
            claims: ask.claims.clone(),
            cloud,
            correlation_id: ask.correlation_id.clone().unwrap_or_else(|| shared.system.uuid()),
        })
    }
}

#[async_trait]
impl TokenSource for Auth {
    async fn token(&self, ask: &Ask, limits: &Limits) -> Result<Option<Arc<Token>>> {
        limits.check("asking for a token")?;
        let request = self.request(ask)?;
        let shared = &*self.shared;
        let key = Key::new(request.tenant.as_ref(), &request.scope, request.claims.as_ref());
        let errand = || {
            let credential = Arc::clone(&shared.credential);
            // Longer than anybody waits, so that whoever does hears of their own deadline.
            let limits = limits.begun_anew(limits.timeout().max(shared.timeout) + GRACE);
            Errand {
                asks: asked_of(&*credential, &request),
                correlation_id: request.correlation_id.clone(),
                request: async move { credential.acquire(&request, &limits).await },
            }
        };
        shared.cache.token(&key, &ask.freshness, ask.no_io, limits, errand).await
    }
}

/// A request as errors say it: "a token from ClientSecretCredential for tenant contoso.example".
fn asked_of(credential: &dyn Credential, request: &TokenRequest) -> String {
    let tenant = request.tenant.as_ref().map(|tenant| format!(" for tenant {}", tenant.as_str()));
    format!("a token from {}{}", credential.name(), tenant.unwrap_or_default())
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Auth").field(&self.shared.credential.name()).finish()
    }
}

#[cfg(test)]
mod tests;
