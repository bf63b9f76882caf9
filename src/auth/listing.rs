//! A listing of jobs, bound to the Auth that began it.

use super::{Auth, CallOptions, GRACE};
use crate::batch::{Jobs, PageCall, Step};
use crate::error::Result;
use crate::runtime;

/// The jobs of an account, one by one. It belongs to one thread at a time, and keeps its Auth
/// alive.
#[derive(Debug)]
pub struct Listing {
    auth: Auth,
    jobs: Jobs,
}

impl Listing {
    pub(super) fn new(auth: Auth, jobs: Jobs) -> Self {
        Self { auth, jobs }
    }

    /// The next job. To be awaited on a tokio runtime.
    ///
    /// # Errors
    /// Those of signing in, of the service, of the network, and of the call's limits. The jobs
    /// before stay good, and the next call asks for the same page again.
    pub async fn step(&mut self, call: &CallOptions) -> Result<Step> {
        let call = PageCall {
            ask: self.auth.ask(call)?,
            limits: self.auth.limits(call),
            page_timeout: call.timeout.unwrap_or_default().max(self.auth.shared.timeout) + GRACE,
        };
        self.jobs.step(&call).await
    }

    /// The same, on a thread that may wait.
    ///
    /// # Errors
    /// As [`Listing::step`]; `WouldDeadlock` on a thread of an asynchronous runtime.
    pub fn step_blocking(&mut self, call: &CallOptions) -> Result<Step> {
        runtime::block_on(self.step(call))
    }

    /// The URL of the page after the one in hand; `None` at the end. `ListOptions::continuation`
    /// takes it, also in another process. The jobs of the page in hand are not part of it.
    #[must_use]
    pub fn continuation(&self) -> Option<&str> {
        self.jobs.continuation()
    }
}
