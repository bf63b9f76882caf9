//! What the library takes from the machine: time, environment, random numbers.
//!
//! Nothing else in the crate may ask the machine for these (clippy's `disallowed-methods` holds
//! that), so a test can hand in its own and own the time. Handed in once, by `Auth`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use once_cell::sync::Lazy;

/// A future that ends when a time has passed.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The clocks. Both are needed: the wall clock may be set back, the monotonic one may stand still
/// while the machine is suspended.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since 1970, UTC, by the wall clock.
    fn unix_ms(&self) -> i64;

    /// Time since a fixed but arbitrary point, never going back.
    fn monotonic(&self) -> Duration;

    /// Ends after `duration`. Polled inside the library's runtime.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The environment variables.
pub trait Env: fmt::Debug + Send + Sync {
    /// The value of a variable; `None` where it is unset, empty or not UTF-8.
    fn var(&self, name: &str) -> Option<String>;
}

/// Unpredictable bytes.
pub trait Random: fmt::Debug + Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The machine as one Auth sees it.
#[derive(Clone, Debug)]
pub struct System {
    /// Its clocks.
    pub clock: Arc<dyn Clock>,
    /// Its environment.
    pub env: Arc<dyn Env>,
    /// Its random numbers.
    pub random: Arc<dyn Random>,
}

impl System {
    /// The real machine.
    #[must_use]
    pub fn real() -> Self {
        Self { clock: Arc::new(RealClock), env: Arc::new(RealEnv), random: Arc::new(RealRandom) }
    }

    /// A random (version 4) UUID, as correlation ids are.
    #[must_use]
    pub(crate) fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// A number from 0 up to, not including, 1.
    #[must_use]
    pub(crate) fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

impl Default for System {
    fn default() -> Self {
        Self::real()
    }
}

#[derive(Debug)]
struct RealClock;

static START: Lazy<Instant> = Lazy::new(|| {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads this clock")]
    Instant::now()
});

impl Clock for RealClock {
    fn unix_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads this clock")]
        let now = SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        #[expect(clippy::disallowed_methods, reason = "the one place that waits for time")]
        Box::pin(tokio::time::sleep(duration))
    }
}

#[derive(Debug)]
struct RealEnv;

impl Env for RealEnv {
    fn var(&self, name: &str) -> Option<String> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let value = std::env::var(name);
        value.ok().filter(|value| !value.is_empty())
    }
}

#[derive(Debug)]
struct RealRandom;

impl Random for RealRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // Where the kernel has no random numbers left to give, TLS cannot work either: the ids
        // and the jitter made from these bytes then stay zero, and the connection fails.
        if getrandom::fill(buffer).is_err() {
            buffer.fill(0);
        }
    }
}

#[cfg(test)]
pub(crate) mod fake;
