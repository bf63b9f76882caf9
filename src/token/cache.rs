//! The cache in memory: one token a key, one request under way a key.
//!
//! A request that has been begun runs on the library's own thread and ends on its own terms:
//! callers only wait for it, each within its own limits, so that one who gives up takes nothing
//! from the others. While a token is usable nobody waits: its renewal runs in the background, and
//! when that fails the token is still served. Failures are told to those who wait, and not kept.
//!
//! The map's lock is held for look-ups only, never over a wait.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::{Claims, Freshness, Issued, Scope, TenantId, Token};
use crate::error::{Error, Result, Status};
use crate::runtime::log::{Level, log};
use crate::runtime::{self, Limits};
use crate::system::Clock;

/// More keys than this are not kept: the one unused for longest goes.
const MAX_KEYS: usize = 1000;
/// After a renewal failed while the token still works, the next is tried this much later.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);

/// What makes two requests the same, within one Auth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    tenant: Option<TenantId>,
    scope: String,
    claims: Option<Claims>,
}

impl Key {
    pub(crate) fn new(tenant: Option<&TenantId>, scope: &Scope, claims: Option<&Claims>) -> Self {
        Self { tenant: tenant.cloned(), scope: scope.sorted(), claims: claims.cloned() }
    }
}

/// How a request ended, for all who wait for it; `None` while it is under way.
type Ending = Option<Result<Arc<Token>>>;

/// A request under way.
#[derive(Clone, Debug)]
struct Flight {
    ending: watch::Receiver<Ending>,
    /// Whom it asks and for what, as errors say it.
    asks: Arc<str>,
    /// Its id in the service's logs, for those who give up waiting.
    correlation_id: Arc<str>,
}

#[derive(Debug, Default)]
struct Entry {
    token: Option<Arc<Token>>,
    flight: Option<Flight>,
    /// No renewal before this moment of the monotonic clock.
    paused_until: Duration,
    last_used: u64,
}

/// The tokens of one Auth. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    shared: Arc<Mutex<Entries>>,
    clock: Arc<dyn Clock>,
    margin_s: i64,
}

#[derive(Debug, Default)]
struct Entries {
    map: HashMap<Key, Entry>,
    uses: u64,
}

/// A request that a caller would make.
pub(crate) struct Errand<F> {
    /// Whom it asks and for what, as errors say it.
    pub(crate) asks: String,
    /// Its id in the service's logs.
    pub(crate) correlation_id: String,
    /// The request itself, which must bound itself: nobody cuts it short.
    pub(crate) request: F,
}

/// What a look at the cache found.
enum Found<F> {
    Token(Arc<Token>),
    /// Nothing good enough, and nothing may be asked for.
    Nothing,
    /// A request that another caller has begun.
    UnderWay(Flight),
    /// A request is to be begun; the token, where there is one, is served meanwhile.
    Begin(watch::Sender<Ending>, Flight, F, Option<Arc<Token>>),
}

impl Cache {
    /// An empty cache. Tokens are renewed `margin_s` seconds before they expire.
    pub(crate) fn new(clock: Arc<dyn Clock>, margin_s: u32) -> Self {
        Self { shared: Arc::default(), clock, margin_s: i64::from(margin_s) }
    }

    /// The token of this key: a good enough one that is here, else the one that the errand brings.
    /// `None` where `no_io` forbids to begin one or to wait for it.
    pub(crate) async fn token<F>(
        &self,
        key: &Key,
        freshness: &Freshness,
        no_io: bool,
        limits: &Limits,
        errand: impl FnOnce() -> Errand<F>,
    ) -> Result<Option<Arc<Token>>>
    where
        F: Future<Output = Result<Issued>> + Send + 'static,
    {
        match self.look(key, freshness, no_io, errand) {
            Found::Token(token) => Ok(Some(token)),
            Found::Nothing => Ok(None),
            Found::UnderWay(flight) => flight.wait(limits).await.map(Some),
            Found::Begin(sender, flight, request, meanwhile) => {
                let landing = Landing { cache: self.clone(), key: key.clone(), sender: Some(sender) };
                runtime::spawn(async move { landing.land(request.await) })?;
                match meanwhile {
                    Some(token) => Ok(Some(token)),
                    None => flight.wait(limits).await.map(Some),
                }
            }
        }
    }

    fn look<F>(
        &self,
        key: &Key,
        freshness: &Freshness,
        no_io: bool,
        errand: impl FnOnce() -> Errand<F>,
    ) -> Found<F> {
        let clock = &*self.clock;
        let mut entries = self.entries();
        let entry = entries.entry(key);
        let good = entry.token.clone().filter(|token| {
            token.is_usable(clock)
                && match freshness {
                    Freshness::Cached => true,
                    Freshness::NotThis(rejected) => !Arc::ptr_eq(token, rejected),
                    Freshness::New => false,
                }
        });
        let resting = entry.flight.is_some() || clock.monotonic() < entry.paused_until;
        if let Some(token) = &good
            && (no_io || resting || !token.needs_refresh(clock))
        {
            return Found::Token(Arc::clone(token));
        }
        if no_io {
            return Found::Nothing;
        }
        if let Some(flight) = &entry.flight {
            return Found::UnderWay(flight.clone());
        }
        let Errand { asks, correlation_id, request } = errand();
        let (sender, ending) = watch::channel(None);
        let flight = Flight { ending, asks: asks.into(), correlation_id: correlation_id.into() };
        entry.flight = Some(flight.clone());
        Found::Begin(sender, flight, request, good)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics while it holds this lock, and a poisoned map is still a whole one.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    async fn wait(mut self, limits: &Limits) -> Result<Arc<Token>> {
        let doing = format!("waiting for {}", self.asks);
        let mut ended = false;
        let ending = async {
            let ending = self.ending.wait_for(Option::is_some).await.map_err(|_| given_up())?;
            ended = true;
            ending.clone().unwrap_or_else(|| Err(given_up()))
        };
        let token = limits.run(&doing, ending).await;
        // Only who gave up needs it: an ending knows by itself whether anything was sent.
        let id = (!ended).then(|| self.correlation_id.to_string());
        token.map_err(|error| error.with_request_id(id))
    }
}

impl Entries {
    fn entry(&mut self, key: &Key) -> &mut Entry {
        self.uses += 1;
        if self.map.len() >= MAX_KEYS && !self.map.contains_key(key) {
            self.evict();
        }
        let entry = self.map.entry(key.clone()).or_default();
        entry.last_used = self.uses;
        entry
    }

    fn evict(&mut self) {
        let idle = self.map.iter().filter(|(_, entry)| entry.flight.is_none());
        let oldest = idle.min_by_key(|(_, entry)| entry.last_used).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            self.map.remove(&key);
        }
    }
}

/// Where a request ends: the token goes into the cache and the ending to all who wait. When the
/// request dies without an ending (a panic), dropping this frees the key again.
struct Landing {
    cache: Cache,
    key: Key,
    sender: Option<watch::Sender<Ending>>,
}

impl Landing {
    fn land(mut self, result: Result<Issued>) {
        let clock = Arc::clone(&self.cache.clock);
        let ending = result.map(|issued| Arc::new(Token::new(issued, self.cache.margin_s, &*clock)));
        self.free(|entry| match &ending {
            Ok(token) => {
                entry.token = Some(Arc::clone(token));
                entry.paused_until = Duration::ZERO;
            }
            Err(_) => entry.paused_until = clock.monotonic().saturating_add(RENEWAL_PAUSE),
        });
        if let Err(error) = &ending {
            log(Level::Warn, "token", || format!("no new token: {error}"));
        }
        if let Some(sender) = self.sender.take() {
            sender.send_replace(Some(ending));
        }
    }

    fn free(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.cache.entries().map.get_mut(&self.key) {
            entry.flight = None;
            change(entry);
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.sender.is_some() {
            self.free(|_| {});
        }
    }
}

fn given_up() -> Error {
    Error::new(Status::Internal, "the token request ended without an answer, a defect of batch-auth")
}

#[cfg(test)]
mod tests;
