//! Calls into the host: where they run, and what they may not do.
//!
//! A callback that may take its time runs on a thread of its own among the library's, so that it
//! holds up nobody's sockets. From within any callback a blocking call of this library is refused:
//! it could wait for the callback itself.

use std::cell::Cell;

use super::flag::with_raised;
use super::handle;
use crate::error::{Error, Result, Status};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a callback of the host's.
#[must_use]
pub(crate) fn is_inside() -> bool {
    INSIDE.get()
}

/// Calls the host on this thread.
pub(crate) fn call<T>(host: impl FnOnce() -> T) -> T {
    with_raised(&INSIDE, host)
}

/// Calls the host on a thread that may block, and waits until it has returned.
///
/// # Errors
/// `Internal` where the system gives no thread, `Panic` where the call does not return.
pub(crate) async fn call_apart(host: impl FnOnce() + Send + 'static) -> Result<()> {
    let called = handle()?.spawn_blocking(|| call(host));
    called.await.map_err(|_| Error::new(Status::Panic, "a callback of the host ended in a panic"))
}
