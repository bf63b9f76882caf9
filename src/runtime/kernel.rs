//! The one file outside `ffi` that talks to the kernel directly.
#![allow(unsafe_code, reason = "pthread_sigmask has no safe form in the standard library")]

/// Blocks every signal on this thread, so that the host's handlers run on the host's threads.
#[cfg(unix)]
pub(super) fn block_signals() {
    let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `all` is writable for a whole sigset_t, which sigfillset initialises.
    let filled = unsafe { libc::sigfillset(all.as_mut_ptr()) };
    if filled == 0 {
        // SAFETY: `all` was initialised above, and a NULL third argument is allowed.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), std::ptr::null_mut()) };
    }
}

#[cfg(not(unix))]
pub(super) fn block_signals() {}
