//! The log: one sink a process, set by the host, silent until then.
//!
//! No global logger of another library is used or claimed. A record is handed to the sink on the
//! thread that made it, while a read lock is held: so a sink that was replaced is no longer
//! running when [`set_sink`] returns. Nothing is logged from within a sink.

use std::cell::Cell;
use std::panic;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Once, PoisonError, RwLock};

use super::callback;
use super::flag::with_raised;

/// How much a record matters. A sink gets all records up to its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// No records.
    Off = 0,
    /// A call failed.
    Error = 1,
    /// Something went wrong and was mended, such as a retry.
    Warn = 2,
    /// A token was got, a listing begun.
    Info = 3,
    /// One record a request.
    Debug = 4,
    /// Everything.
    Trace = 5,
}

impl Level {
    /// The level of this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace]
            .into_iter()
            .find(|level| *level as i32 == number)
    }
}

/// Receives the records. It must not block for long: the call that logs waits for it.
pub trait Sink: Send + Sync {
    /// Takes one record. `target` names the room it comes from, such as `http`.
    fn record(&self, level: Level, target: &'static str, message: &str);
}

static MAX_LEVEL: AtomicI32 = AtomicI32::new(0);
static SINK: RwLock<Option<Arc<dyn Sink>>> = RwLock::new(None);

thread_local! {
    static QUIET_PANICS: Cell<bool> = const { Cell::new(false) };
}

/// Makes `sink` the one that gets the records, or none. When this returns, no record is being
/// handed to the old one any more. Must not be called from within a sink.
pub fn set_sink(max_level: Level, sink: Option<Arc<dyn Sink>>) {
    let mut current = SINK.write().unwrap_or_else(PoisonError::into_inner);
    let max_level = if sink.is_some() { max_level } else { Level::Off };
    MAX_LEVEL.store(max_level as i32, Ordering::Relaxed);
    let old = std::mem::replace(&mut *current, sink);
    // Unlocked first: dropping the old sink runs the host's own clean-up.
    drop(current);
    drop(old);
}

/// Hands out a record; `message` is built only when somebody wants it.
pub(crate) fn log(level: Level, target: &'static str, message: impl FnOnce() -> String) {
    if level as i32 > MAX_LEVEL.load(Ordering::Relaxed) || callback::is_inside() {
        return;
    }
    let message = message();
    let sink = SINK.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(sink) = sink.as_ref() {
        callback::call(|| sink.record(level, target, &message));
    }
}

/// From here on, a panic on this thread goes to the log rather than to the host's stderr.
pub(crate) fn quiet_panics() {
    install_panic_hook();
    QUIET_PANICS.set(true);
}

/// Runs `work`; a panic in it goes to the log rather than to the host's stderr.
pub(crate) fn with_quiet_panics<T>(work: impl FnOnce() -> T) -> T {
    install_panic_hook();
    with_raised(&QUIET_PANICS, work)
}

/// Puts our hook before the one that stands. For panics that are not ours it changes nothing.
fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if QUIET_PANICS.try_with(Cell::get).unwrap_or(false) {
                // The place, never the payload: that may quote what was being worked on.
                let place = info.location().map_or_else(String::new, ToString::to_string);
                log(Level::Error, "panic", || format!("a defect of batch-auth at {place}"));
            } else {
                previous(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Collect(Mutex<Vec<String>>);

    impl Sink for Collect {
        fn record(&self, _level: Level, target: &'static str, message: &str) {
            // What a sink does that logs in turn, as one that calls the library would.
            log(Level::Error, "nested", || "never seen".into());
            if target == "log-test" {
                self.0.lock().unwrap().push(message.to_owned());
            }
        }
    }

    #[test]
    fn records_reach_the_sink_up_to_its_level_and_never_from_within_it() {
        let sink = Arc::new(Collect(Mutex::default()));
        set_sink(Level::Info, Some(Arc::clone(&sink) as Arc<dyn Sink>));
        log(Level::Info, "log-test", || "wanted".into());
        log(Level::Debug, "log-test", || unreachable!("not built below the level"));
        set_sink(Level::Off, None);
        log(Level::Error, "log-test", || unreachable!("nobody listens"));
        assert_eq!(*sink.0.lock().unwrap(), ["wanted"]);
    }
}
