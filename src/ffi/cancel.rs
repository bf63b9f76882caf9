//! `batch_cancel_t`: one switch that ends the calls it was handed to.

use std::ptr;
use std::sync::Arc;

use super::guard::guard_value;
use super::handle::Counted;
use crate::runtime::Cancel;

/// A switch that is thrown once and ends every call that has it in its options. Freed with
/// `batch_cancel_free`. May be used from any thread, by several at once.
#[derive(Debug)]
pub struct batch_cancel(());

/// A `struct batch_cancel`.
pub type batch_cancel_t = batch_cancel;

impl Counted for batch_cancel {
    type Inner = Cancel;
}

/// Makes a switch that has not been thrown.
///
/// Any thread. Returns a handle that the caller frees with `batch_cancel_free`; NULL only if the
/// library has a defect. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn batch_cancel_new() -> *mut batch_cancel_t {
    guard_value(ptr::null_mut(), || batch_cancel::share(Arc::new(Cancel::new())))
}

/// Throws the switch: calls that have it end with `BATCH_E_CANCELLED`, those begun later at once.
/// Again is no matter.
///
/// - `cancel`: borrowed, may be NULL.
///
/// Does not wait for the calls to end. Any thread, but not a signal handler. Since 0.1.0.
///
/// # Safety
/// `cancel` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_cancel_trigger(cancel: *mut batch_cancel_t) {
    guard_value((), || {
        // SAFETY: NULL or live by contract.
        if let Some(cancel) = unsafe { batch_cancel::of(cancel) } {
            cancel.trigger();
        }
    });
}

/// Frees a switch. Calls that have it go on, and can no longer be cancelled. NULL is allowed.
///
/// - `cancel`: taken.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `cancel` is NULL or a live handle that is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_cancel_free(cancel: *mut batch_cancel_t) {
    guard_value((), || {
        // SAFETY: NULL or live by contract, and given up.
        unsafe { batch_cancel::release(cancel) };
    });
}
