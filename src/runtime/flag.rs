//! A flag of one thread that is up while some work runs, also where that panics.

use std::cell::Cell;
use std::thread::LocalKey;

/// A thread's own flag.
pub(super) type Flag = LocalKey<Cell<bool>>;

/// Runs `work` with the flag up, and puts it back as it was.
pub(super) fn with_raised<T>(flag: &'static Flag, work: impl FnOnce() -> T) -> T {
    struct Restore(&'static Flag, bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }
    let _restore = Restore(flag, flag.replace(true));
    work()
}
