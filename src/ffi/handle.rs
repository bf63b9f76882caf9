//! Handles: which Rust value each opaque C type stands for, and who frees it.
//!
//! The marker types have no values of their own; a pointer to one is a pointer to its `Inner`,
//! made by `Box` (one owner) or `Arc` (counted). The trait says which, so that a wrong cast does
//! not compile.

use std::sync::Arc;

use crate::error::{Error, Result, Status};

/// A handle with one owner.
pub(super) trait Owned: Sized {
    /// What it stands for.
    type Inner;

    /// A handle that the caller frees.
    fn own(inner: Self::Inner) -> *mut Self {
        Box::into_raw(Box::new(inner)).cast()
    }

    /// Frees a handle, if there is one.
    ///
    /// # Safety
    /// `handle` is NULL or came from [`Owned::own`], and is not used again.
    unsafe fn release(handle: *mut Self) {
        if !handle.is_null() {
            // SAFETY: made by Box::into_raw in `own`, and given up by the caller.
            drop(unsafe { Box::from_raw(handle.cast::<Self::Inner>()) });
        }
    }

    /// The value of a handle.
    ///
    /// # Safety
    /// `handle` is NULL or live for `'a`.
    unsafe fn of<'a>(handle: *const Self) -> Option<&'a Self::Inner> {
        // SAFETY: points to an `Inner` made by `own`, live by the caller's promise.
        unsafe { handle.cast::<Self::Inner>().as_ref() }
    }
}

/// A handle that is counted.
pub(super) trait Counted: Sized {
    /// What it stands for.
    type Inner;

    /// A handle that holds one count.
    fn share(inner: Arc<Self::Inner>) -> *mut Self {
        Arc::into_raw(inner).cast_mut().cast()
    }

    /// Gives one count back.
    ///
    /// # Safety
    /// `handle` is NULL or holds a count that the caller gives up.
    unsafe fn release(handle: *mut Self) {
        if !handle.is_null() {
            // SAFETY: made by Arc::into_raw in `share`, with a count of the caller's.
            drop(unsafe { Arc::from_raw(handle.cast_const().cast::<Self::Inner>()) });
        }
    }

    /// Takes one count more.
    ///
    /// # Safety
    /// `handle` is NULL or live.
    unsafe fn retain(handle: *mut Self) -> *mut Self {
        if !handle.is_null() {
            // SAFETY: made by Arc::into_raw in `share`, and live by the caller's promise.
            unsafe { Arc::increment_strong_count(handle.cast_const().cast::<Self::Inner>()) };
        }
        handle
    }

    /// The value of a handle.
    ///
    /// # Safety
    /// `handle` is NULL or live for `'a`.
    unsafe fn of<'a>(handle: *const Self) -> Option<&'a Self::Inner> {
        // SAFETY: points to an `Inner` made by `share`, live by the caller's promise.
        unsafe { handle.cast::<Self::Inner>().as_ref() }
    }
}

/// The value of a handle that must not be NULL.
pub(super) fn required<'a, T>(name: &str, value: Option<&'a T>) -> Result<&'a T> {
    value.ok_or_else(|| Error::new(Status::InvalidArgument, format!("{name} is NULL")))
}
