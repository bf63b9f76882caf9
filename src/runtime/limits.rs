//! What bounds a call: a deadline for all of it, and the caller's cancellation.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::Cancel;
use crate::error::{Error, Result, Status};
use crate::system::Clock;

/// The bounds of one call. Every wait of the library goes through [`Limits::run`] or
/// [`Limits::pause`].
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    clock: Arc<dyn Clock>,
    started: Duration,
    timeout: Duration,
    cancel: Option<Cancel>,
}

impl Limits {
    /// Bounds that begin now.
    pub(crate) fn starting_now(clock: Arc<dyn Clock>, timeout: Duration, cancel: Option<Cancel>) -> Self {
        let started = clock.monotonic();
        Self { clock, started, timeout, cancel }
    }

    /// The time allowed in all.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The time that is left.
    pub(crate) fn remaining(&self) -> Duration {
        (self.started + self.timeout).saturating_sub(self.clock.monotonic())
    }

    /// The bounds of work that begins now and goes on without this caller.
    pub(crate) fn begun_anew(&self, timeout: Duration) -> Self {
        Self::starting_now(Arc::clone(&self.clock), timeout, None)
    }

    /// Refuses to begin where the caller has cancelled already, whatever is at hand.
    pub(crate) fn check(&self, doing: &str) -> Result<()> {
        match &self.cancel {
            Some(cancel) if cancel.is_triggered() => Err(self.cancelled_error(doing)),
            _ => Ok(()),
        }
    }

    /// Runs `future` until it ends, the time is over, or the caller cancels.
    ///
    /// `doing` completes the sentences "timed out after 5000 ms while ..." and "cancelled while
    /// ...".
    pub(crate) async fn run<T>(&self, doing: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
        let deadline = self.clock.sleep(self.remaining());
        tokio::select! {
            biased;
            () = self.cancelled() => Err(self.cancelled_error(doing)),
            result = future => result,
            () = deadline => Err(self.timeout_error(doing)),
        }
    }

    /// Sleeps, within the bounds.
    pub(crate) async fn pause(&self, doing: &str, duration: Duration) -> Result<()> {
        let sleep = self.clock.sleep(duration);
        self.run(doing, async {
            sleep.await;
            Ok(())
        })
        .await
    }

    async fn cancelled(&self) {
        match &self.cancel {
            Some(cancel) => cancel.triggered().await,
            None => std::future::pending().await,
        }
    }

    fn cancelled_error(&self, doing: &str) -> Error {
        let elapsed = self.clock.monotonic().saturating_sub(self.started);
        Error::new(Status::Cancelled, format!("cancelled while {doing}"))
            .with_detail("elapsed_ms", elapsed.as_millis().to_string())
    }

    fn timeout_error(&self, doing: &str) -> Error {
        let allowed = self.timeout.as_millis();
        Error::new(Status::Timeout, format!("timed out after {allowed} ms while {doing}"))
            .with_help(
                "Try again, or allow more time with timeout_ms; if it happens always, look for a \
                 firewall or proxy that drops the connection.",
            )
            .retryable(None)
    }
}
