//! A machine that a test owns: time stands still until it is told to pass.

use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::{Clock, Env, Random, Sleep, System};

/// A clock that moves only by [`FakeClock::advance`].
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeClock(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    monotonic: Duration,
    wall_offset_ms: i64,
    next_id: u64,
    sleepers: HashMap<u64, (Duration, Option<Waker>)>,
}

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

impl FakeClock {
    /// Lets both clocks run on, and wakes who has slept enough.
    pub(crate) fn advance(&self, by: Duration) {
        let mut state = self.0.state.lock().unwrap();
        state.monotonic += by;
        let now = state.monotonic;
        for (until, waker) in state.sleepers.values_mut() {
            if *until <= now
                && let Some(waker) = waker.take()
            {
                waker.wake();
            }
        }
    }

    /// Moves the wall clock alone, as setting it or a suspended machine does.
    pub(crate) fn set_wall(&self, by_ms: i64) {
        self.0.state.lock().unwrap().wall_offset_ms += by_ms;
    }

    /// The wall clock in seconds.
    pub(crate) fn as_unix_s(&self) -> i64 {
        self.unix_ms() / 1000
    }

    /// Waits until somebody sleeps for exactly `duration` from now, then lets it pass.
    pub(crate) fn advance_when_sleeping(&self, duration: Duration) {
        self.wait_for_sleeper(duration);
        self.advance(duration);
    }

    /// Waits until somebody sleeps for exactly `duration` from now.
    pub(crate) fn wait_for_sleeper(&self, duration: Duration) {
        let guard = self.0.state.lock().unwrap();
        let sleeping = |state: &mut State| {
            let until = state.monotonic + duration;
            !state.sleepers.values().any(|(at, waker)| *at == until && waker.is_some())
        };
        let limit = Duration::from_secs(20);
        let (state, waited) = self.0.changed.wait_timeout_while(guard, limit, sleeping).unwrap();
        assert!(
            !waited.timed_out(),
            "nobody sleeps for {duration:?}; asleep: {:?}",
            state.sleepers.values().map(|(at, _)| *at - state.monotonic).collect::<Vec<_>>()
        );
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeClock")
    }
}

impl Clock for FakeClock {
    fn unix_ms(&self) -> i64 {
        let state = self.0.state.lock().unwrap();
        START_MS + i64::try_from(state.monotonic.as_millis()).unwrap() + state.wall_offset_ms
    }

    fn monotonic(&self) -> Duration {
        self.0.state.lock().unwrap().monotonic
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let shared = Arc::clone(&self.0);
        let mut state = shared.state.lock().unwrap();
        state.next_id += 1;
        let ticket = Ticket { id: state.next_id, shared: Arc::clone(&shared) };
        let until = state.monotonic + duration;
        state.sleepers.insert(ticket.id, (until, None));
        drop(state);
        Box::pin(async move {
            poll_fn(|context| {
                let mut state = ticket.shared.state.lock().unwrap();
                if state.monotonic >= until {
                    return Poll::Ready(());
                }
                state.sleepers.insert(ticket.id, (until, Some(context.waker().clone())));
                ticket.shared.changed.notify_all();
                Poll::Pending
            })
            .await;
        })
    }
}

/// Leaves the list of sleepers when its future is dropped.
struct Ticket {
    id: u64,
    shared: Arc<Shared>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Ok(mut state) = self.shared.state.lock() {
            state.sleepers.remove(&self.id);
        }
    }
}

/// An environment of a test's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeEnv(pub(crate) HashMap<String, String>);

impl FakeEnv {
    /// With one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }
}

impl Env for FakeEnv {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

/// Random numbers that are all zero, so that jitter is nil.
#[derive(Debug)]
pub(crate) struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// A machine with this clock, no environment and no jitter.
pub(crate) fn system(clock: &FakeClock) -> System {
    System { clock: Arc::new(clock.clone()), env: Arc::new(FakeEnv::default()), random: Arc::new(NoRandom) }
}
