//! The guard around every export: no panic leaves it, and a failure fills the caller's error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::{ErrorTexts, batch_error_t};
use super::handle::Owned;
use crate::error::{Error, Result, Status};
use crate::runtime::callback;
use crate::runtime::log::with_quiet_panics;

/// Runs the body of an export that returns a status.
///
/// # Safety
/// `err` is NULL or writable for one pointer.
pub(super) unsafe fn guard(err: *mut *mut batch_error_t, body: impl FnOnce() -> Result<Status>) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { set(err, std::ptr::null_mut()) };
    let error = match caught(body) {
        Some(Ok(status)) => return status as i32,
        Some(Err(error)) => error,
        None => panicked(),
    };
    let status = error.status() as i32;
    if !err.is_null() {
        // Even making the error may not unwind into the caller.
        let handle = caught(|| batch_error_t::own(ErrorTexts::new(error)));
        // SAFETY: the caller's promise.
        unsafe { set(err, handle.unwrap_or(std::ptr::null_mut())) };
    }
    status
}

/// Runs the body of an export that returns a value; `fallback` where it panics.
pub(super) fn guard_value<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    caught(body).unwrap_or(fallback)
}

/// Refuses to wait inside a callback of ours, where it would wait for itself.
pub(super) fn may_block() -> Result<()> {
    if callback::is_inside() {
        return Err(Error::new(Status::WouldDeadlock, "a blocking call was made from inside a callback")
            .with_help("Note what is to be done and do it after the callback has returned."));
    }
    Ok(())
}

fn caught<T>(body: impl FnOnce() -> T) -> Option<T> {
    with_quiet_panics(|| {
        catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            inject::panic_if_asked();
            body()
        }))
        .ok()
    })
}

fn panicked() -> Error {
    Error::new(Status::Panic, "batch-auth met a defect of its own and stopped this call")
        .with_help("Report it: the log at level BATCH_LOG_ERROR names the place.")
}

/// # Safety
/// `err` is NULL or writable for one pointer.
unsafe fn set(err: *mut *mut batch_error_t, value: *mut batch_error_t) {
    if !err.is_null() {
        // SAFETY: not NULL, so writable by the caller's promise.
        unsafe { err.write(value) };
    }
}

/// For tests: a panic inside the next guard of this thread.
#[cfg(test)]
pub(super) mod inject {
    use std::cell::Cell;

    thread_local! {
        static ASKED: Cell<bool> = const { Cell::new(false) };
    }

    pub(in crate::ffi) fn ask() {
        ASKED.set(true);
    }

    /// Whether no guard has been passed since [`ask`].
    pub(in crate::ffi) fn withdraw() -> bool {
        ASKED.take()
    }

    pub(super) fn panic_if_asked() {
        assert!(!ASKED.take(), "injected by a test");
    }
}
