//! What a caller may say of an Auth, and of one call.

use std::time::Duration;

use crate::runtime::Cancel;
use crate::system::System;
use crate::token::Cloud;

/// How to sign in, beyond the credential itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthOptions {
    /// The cloud to sign in to. `None`: the authority's, else the Batch account's, else public.
    pub cloud: Option<Cloud>,
    /// One acquisition in all, over every retry. Default 100 s.
    pub timeout: Duration,
    /// Repetitions of one request. Default 3.
    pub max_retries: u32,
    /// How long before its expiry a token is renewed, where Entra does not say. Default 300 s.
    pub refresh_margin_s: u32,
    /// The host to sign in at. `None`: that of `cloud`, else `AZURE_AUTHORITY_HOST`.
    pub authority_host: Option<String>,
    /// The scope to ask for. `None`: the cloud's Batch scope.
    pub scope: Option<String>,
    /// Further tenants that a call may ask for: ids joined by `;`, or `*`.
    pub additionally_allowed_tenants: Option<String>,
    /// A PEM file of authorities to trust instead of the system's.
    pub ca_bundle_path: Option<String>,
    /// The proxy to use. `None`: `HTTPS_PROXY` or `ALL_PROXY`, less `NO_PROXY`.
    pub proxy_url: Option<String>,
    /// What to add to the user agent.
    pub user_agent_suffix: Option<String>,
    /// The machine to run on: its clocks, environment and random numbers.
    pub system: System,
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            cloud: None,
            timeout: Duration::from_secs(100),
            max_retries: 3,
            refresh_margin_s: 300,
            authority_host: None,
            scope: None,
            additionally_allowed_tenants: None,
            ca_bundle_path: None,
            proxy_url: None,
            user_agent_suffix: None,
            system: System::real(),
        }
    }
}

/// What one call wants other than the Auth's own.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The scope. `None`: the Auth's.
    pub scope: Option<String>,
    /// The tenant. `None`: the credential's.
    pub tenant_id: Option<String>,
    /// A claims challenge to meet, a JSON object. Passes the cache by.
    pub claims: Option<String>,
    /// The id of the request in the service's logs. `None`: a fresh UUID.
    pub correlation_id: Option<String>,
    /// The time for the whole call. `None`: the Auth's.
    pub timeout: Option<Duration>,
    /// Ends the call when it is triggered.
    pub cancel: Option<Cancel>,
    /// Passes the cache by.
    pub force_refresh: bool,
    /// Rather no answer than a wait for the network.
    pub no_io: bool,
}
