//! A function of the host's with the data it is called with, and who frees that.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::auth::batch_free_fn;

/// A function of the host's and its data, which is freed with the last that may use it.
pub(super) struct HostFn<F> {
    pub(super) function: F,
    pub(super) user_data: *mut c_void,
    free: batch_free_fn,
    /// Whether the data has passed to us: not before the export that took it has succeeded.
    owned: AtomicBool,
}

impl<F> HostFn<F> {
    /// The data stays the caller's for now.
    pub(super) fn borrowed(function: F, user_data: *mut c_void, free: batch_free_fn) -> Arc<Self> {
        Arc::new(Self { function, user_data, free, owned: AtomicBool::new(false) })
    }

    /// From here on the data is ours to free.
    pub(super) fn own(&self) {
        self.owned.store(true, Ordering::Release);
    }
}

// SAFETY: the header asks of every callback and its user data that they serve any thread.
unsafe impl<F: Send> Send for HostFn<F> {}
// SAFETY: as above, several at once included.
unsafe impl<F: Sync> Sync for HostFn<F> {}

impl<F> Drop for HostFn<F> {
    fn drop(&mut self) {
        if let Some(free) = self.free
            && self.owned.load(Ordering::Acquire)
        {
            // SAFETY: the host's own function for its own data, called once, after the last use.
            unsafe { free(self.user_data) };
        }
    }
}
