//! The connection pool: one for each TLS and proxy setting in use, shared by the Auths that have it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use once_cell::sync::{Lazy, OnceCell};
use rustls::pki_types::CertificateDer;

use super::proxy::ProxyRules;
use super::tls;
use crate::error::{Error, Result, Status};
use crate::system::System;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Azure's front ends drop idle connections after some minutes; be earlier.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// What the caller says of TLS and proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientSettings {
    /// A PEM file whose certificates take the place of the system's trust store.
    pub(crate) ca_bundle_path: Option<String>,
    /// A proxy that takes the place of the environment's.
    pub(crate) proxy_url: Option<String>,
}

/// The settings after checking: two Auths with equal ones share a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Checked {
    authorities: Option<Vec<CertificateDer<'static>>>,
    pub(super) proxy: Option<ProxyRules>,
}

/// A connection pool that is made by the first request.
#[derive(Debug)]
pub(crate) struct SharedClient {
    settings: Checked,
    client: OnceCell<reqwest::Client>,
}

/// The pools in use. Weak: the last Auth that is freed takes its connections along.
static POOLS: Lazy<Mutex<HashMap<Checked, Weak<SharedClient>>>> = Lazy::new(Mutex::default);

impl SharedClient {
    /// The pool for these settings, which are checked now.
    pub(super) fn shared(settings: &ClientSettings, system: &System) -> Result<Arc<Self>> {
        let checked = Checked {
            authorities: settings.ca_bundle_path.as_deref().map(tls::read_ca_bundle).transpose()?,
            proxy: ProxyRules::choose(settings.proxy_url.as_deref(), &*system.env)?,
        };
        let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&checked).and_then(Weak::upgrade) {
            return Ok(pool);
        }
        pools.retain(|_, pool| pool.strong_count() > 0);
        let pool = Arc::new(Self { settings: checked.clone(), client: OnceCell::new() });
        pools.insert(checked, Arc::downgrade(&pool));
        Ok(pool)
    }

    pub(super) fn settings(&self) -> &Checked {
        &self.settings
    }

    /// The pool itself. Reading the system's trust store waits until here.
    pub(super) fn get(&self) -> Result<&reqwest::Client> {
        self.client.get_or_try_init(|| self.build())
    }

    fn build(&self) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(self.settings.authorities.as_deref())?)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            // Ours are in `super::retry`, where they are bounded by the call's deadline.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tcp_keepalive(Duration::from_secs(60))
            .no_proxy();
        if let Some(rules) = self.settings.proxy.clone() {
            let proxy = reqwest::Proxy::custom(move |target| rules.proxy_for(target).cloned());
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map_err(|cause| Error::new(Status::Internal, format!("the HTTP client cannot be made: {cause}")))
    }
}
