//! The log of requests, so that a test can count them, read them, and wait for them.
//!
//! A request is entered when it was received, before anything is answered, so one that is left
//! hanging counts too. Status and size follow when they are known. Waiting is for a number of
//! entries, never for time to pass.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Serialize, Serializer};
use tokio::sync::watch;

/// One request as the emulator received it. Secrets and tokens are in it as they came.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Running number since the last reset, from 1.
    pub n: u64,
    /// `entra`, `batch:<account>`, `pipelines`, `proxy`, `untrusted`, `wrong_host` or `expired`.
    pub listener: String,
    /// HTTP method.
    pub method: String,
    /// Path as sent, still percent-encoded; the authority for CONNECT.
    pub path: String,
    /// Query as sent, without the question mark; empty when there is none.
    pub query: String,
    /// Header names (lower case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// Decoded form fields; only for the Entra listener.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<(String, String)>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Request {
    /// The first header called `name`, without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, |key| key.eq_ignore_ascii_case(name))
    }

    /// The first form field called `name`.
    #[must_use]
    pub fn form_field(&self, name: &str) -> Option<&str> {
        first(&self.form, |key| key == name)
    }
}

fn first(pairs: &[(String, String)], is_it: impl Fn(&str) -> bool) -> Option<&str> {
    pairs.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value.as_str())
}

/// Status and body size of the answer, filled in while it is being sent.
#[derive(Debug, Clone, Default)]
pub struct Outcome(Arc<(AtomicU16, AtomicU64)>);

impl Outcome {
    /// Status sent; none while unanswered, or when the connection was cut instead.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        Some(self.0.0.load(Ordering::SeqCst)).filter(|status| *status != 0)
    }

    /// Body bytes handed to the connection so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.1.load(Ordering::SeqCst)
    }

    pub(crate) fn set_status(&self, status: u16) {
        self.0.0.store(status, Ordering::SeqCst);
    }

    pub(crate) fn add_bytes(&self, bytes: u64) {
        self.0.1.fetch_add(bytes, Ordering::SeqCst);
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields {
            status: Option<u16>,
            bytes: u64,
        }
        Fields { status: self.status(), bytes: self.bytes() }.serialize(serializer)
    }
}

/// Whether `pattern` names `listener`: equal, or the part before its colon. Empty matches all.
pub(crate) fn listener_matches(pattern: &str, listener: &str) -> bool {
    let rest = listener.strip_prefix(pattern);
    pattern.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

#[derive(Debug)]
pub(crate) struct Journal {
    requests: Mutex<Vec<Request>>,
    received: watch::Sender<u64>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { requests: Mutex::default(), received: watch::Sender::new(0) }
    }

    /// Enters a request and gives it its number.
    pub(crate) fn enter(&self, mut request: Request) {
        let mut requests = self.lock();
        request.n = requests.len() as u64 + 1;
        requests.push(request);
        drop(requests);
        self.received.send_modify(|count| *count += 1);
    }

    /// All requests since the last reset.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.lock().clone()
    }

    /// How many requests reached `listener` with `path` in their path. Empty means any.
    pub(crate) fn count(&self, listener: &str, path: &str) -> usize {
        let is_it =
            |request: &&Request| listener_matches(listener, &request.listener) && request.path.contains(path);
        self.lock().iter().filter(is_it).count()
    }

    /// Waits until at least `wanted` such requests were received; false if `limit` passes first.
    pub(crate) async fn wait(&self, listener: &str, path: &str, wanted: usize, limit: Duration) -> bool {
        let mut received = self.received.subscribe();
        let enough = received.wait_for(|_| self.count(listener, path) >= wanted);
        matches!(tokio::time::timeout(limit, enough).await, Ok(Ok(_)))
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
