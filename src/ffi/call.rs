//! `batch_call_options_t`: what one call wants other than the auth's own.

use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use super::cancel::{batch_cancel, batch_cancel_t};
use super::guard::guard_value;
use super::handle::Counted;
use super::sized::{self, sized_options};
use super::take::owned_text;
use crate::auth::CallOptions;
use crate::error::{Error, Result, Status};

/// Passes the cache by: a new token is asked for.
pub const BATCH_CALL_FORCE_REFRESH: u32 = 1;
/// `BATCH_PENDING` rather than a wait for the network.
pub const BATCH_CALL_NO_IO: u32 = 2;
/// Asks the person even where a silent way exists. Concerns sign-in by a person; other credentials
/// take no notice.
pub const BATCH_CALL_PROMPT: u32 = 4;

const KNOWN_FLAGS: u32 = BATCH_CALL_FORCE_REFRESH | BATCH_CALL_NO_IO | BATCH_CALL_PROMPT;

/// What one call wants. Filled by `batch_call_options_init`, then changed where wanted. Strings and
/// `cancel` are borrowed until the call returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct batch_call_options {
    /// Set by `batch_call_options_init`.
    pub struct_size: u32,
    /// `BATCH_CALL_*`.
    pub flags: u32,
    /// The time for the whole call, in milliseconds; 0: the auth's.
    pub timeout_ms: u32,
    /// Zero.
    pub reserved: u32,
    /// Ends the call when it is thrown; may be NULL.
    pub cancel: *mut batch_cancel_t,
    /// What the token is for; NULL: the auth's scope.
    pub scope: *const c_char,
    /// The tenant to sign in to; NULL: the credential's. Another one must be among
    /// `additionally_allowed_tenants`.
    pub tenant_id: *const c_char,
    /// A claims challenge to meet, as decoded JSON; passes the cache by.
    pub claims: *const c_char,
    /// The id of the request in the service's logs, 1 to 128 visible ASCII characters; NULL: a
    /// fresh UUID.
    pub correlation_id: *const c_char,
}

/// A `struct batch_call_options`.
pub type batch_call_options_t = batch_call_options;

sized_options!(
    batch_call_options, "call_options",
    [
        struct_size: u32, flags: u32, timeout_ms: u32, reserved: u32, cancel: *mut batch_cancel_t,
        scope: *const c_char, tenant_id: *const c_char, claims: *const c_char, correlation_id: *const c_char,
    ],
    Self {
        struct_size: 0,
        flags: 0,
        timeout_ms: 0,
        reserved: 0,
        cancel: ptr::null_mut(),
        scope: ptr::null(),
        tenant_id: ptr::null(),
        claims: ptr::null(),
        correlation_id: ptr::null(),
    }
);

/// Fills options with their defaults: pass `sizeof` of the struct as it was compiled.
///
/// - `options`: written for `struct_size` bytes; NULL is ignored.
/// - `struct_size`: in bytes; less than 4 is ignored.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or writable for `struct_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_call_options_init(options: *mut batch_call_options_t, struct_size: u32) {
    guard_value((), || {
        // SAFETY: NULL or writable for `struct_size` bytes by contract.
        unsafe { sized::init(options, struct_size) };
    });
}

/// The options of the crate; NULL reads as the defaults.
///
/// # Safety
/// `options` is NULL or readable as [`sized::read`] says; its strings and `cancel` are NULL or
/// live.
pub(super) unsafe fn read(options: *const batch_call_options_t) -> Result<CallOptions> {
    // SAFETY: the caller's promise.
    let given = unsafe { sized::read(options) }?;
    if given.flags & !KNOWN_FLAGS != 0 || given.reserved != 0 {
        return Err(Error::new(
            Status::Unsupported,
            "flags or reserved has bits that this library does not know",
        )
        .with_help(
            "Fill the struct with batch_call_options_init, and use the flags of this library's header.",
        ));
    }
    let text = |name: &str, pointer: *const c_char| {
        // SAFETY: the caller's promise about the strings.
        unsafe { owned_text(name, pointer) }
    };
    // SAFETY: NULL or live by the caller's promise.
    let cancel = unsafe { batch_cancel::of(given.cancel) }.cloned();
    Ok(CallOptions {
        scope: text("scope", given.scope)?,
        tenant_id: text("tenant_id", given.tenant_id)?,
        claims: text("claims", given.claims)?,
        correlation_id: text("correlation_id", given.correlation_id)?,
        timeout: (given.timeout_ms > 0).then(|| Duration::from_millis(u64::from(given.timeout_ms))),
        cancel,
        force_refresh: given.flags & BATCH_CALL_FORCE_REFRESH != 0,
        no_io: given.flags & BATCH_CALL_NO_IO != 0,
    })
}
