//! `batch_error_t`: the facts of a failure as C strings, made once.

use std::ffi::{CString, c_char};
use std::ptr;

use super::guard::guard_value;
use super::handle::Owned;
use super::status::{BATCH_OK, batch_status_t};
use super::take::Out;
use crate::error::{Error, millis};

/// Why a call failed, and what to do about it. Freed with `batch_error_free`. May be read from
/// any thread, by several at once.
#[derive(Debug)]
pub struct batch_error(());

/// A `struct batch_error`.
pub type batch_error_t = batch_error;

/// What a `batch_error_t` stands for.
#[derive(Debug)]
pub struct ErrorTexts {
    error: Error,
    message: CString,
    help: Option<CString>,
    service_code: Option<CString>,
    request_id: Option<CString>,
    json: CString,
}

impl Owned for batch_error {
    type Inner = ErrorTexts;
}

impl ErrorTexts {
    pub(super) fn new(error: Error) -> Self {
        Self {
            message: c_text(error.message()),
            help: error.help().map(c_text),
            service_code: error.service_code().map(c_text),
            request_id: error.request_id().map(c_text),
            json: c_text(&error.to_json()),
            error,
        }
    }
}

fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// # Safety
/// `error` is NULL or live for `'a`.
unsafe fn read<'a, T>(error: *const batch_error_t, absent: T, field: impl FnOnce(&'a ErrorTexts) -> T) -> T
where
    T: Copy,
{
    guard_value(absent, || {
        // SAFETY: NULL or live by the caller's promise.
        unsafe { batch_error::of(error) }.map_or(absent, field)
    })
}

fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// The status of the call that failed; `BATCH_OK` for NULL.
///
/// - `error`: borrowed, may be NULL.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_status(error: *const batch_error_t) -> batch_status_t {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, BATCH_OK, |texts| texts.error.status() as i32) }
}

/// What happened: one paragraph in UTF-8 that names the operation, its harmless inputs and the
/// cause. It holds no secret and no token.
///
/// - `error`: borrowed, may be NULL.
///
/// Returns a string that lives as long as `error`; NULL only for NULL. Any thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_message(error: *const batch_error_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, ptr::null(), |texts| texts.message.as_ptr()) }
}

/// What to do about it, in whole sentences.
///
/// - `error`: borrowed, may be NULL.
///
/// Returns a string that lives as long as `error`, or NULL where there is no advice. Any thread.
/// Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_help(error: *const batch_error_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, ptr::null(), |texts| pointer(texts.help.as_ref())) }
}

/// The service's own code: `"AADSTS7000215"` of Entra, `"AuthenticationFailed"` of Batch.
///
/// - `error`: borrowed, may be NULL.
///
/// Returns a string that lives as long as `error`, or NULL where no service answered with one. Any
/// thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_service_code(error: *const batch_error_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, ptr::null(), |texts| pointer(texts.service_code.as_ref())) }
}

/// The id to quote to the service's support: Entra's correlation id or Batch's request id, or, where
/// no answer came, the id that the request carried.
///
/// - `error`: borrowed, may be NULL.
///
/// Returns a string that lives as long as `error`, or NULL where no request was made. Any thread.
/// Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_request_id(error: *const batch_error_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, ptr::null(), |texts| pointer(texts.request_id.as_ref())) }
}

/// The HTTP status of the refusal; 0 where there was none.
///
/// - `error`: borrowed, may be NULL.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_http_status(error: *const batch_error_t) -> i32 {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, 0, |texts| texts.error.http_status().map_or(0, i32::from)) }
}

/// Whether the same call may succeed later without a change of configuration: 1 or 0.
///
/// - `error`: borrowed, may be NULL.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_is_retryable(error: *const batch_error_t) -> i32 {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, 0, |texts| i32::from(texts.error.is_retryable())) }
}

/// How long the service asked to be left alone, in milliseconds; -1 where it did not say.
///
/// - `error`: borrowed, may be NULL.
///
/// Any thread. Source: `Retry-After` (RFC 9110, 10.2.3). Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_retry_after_ms(error: *const batch_error_t) -> i64 {
    // SAFETY: NULL or live by contract.
    unsafe { read(error, -1, |texts| texts.error.retry_after().map_or(-1, millis)) }
}

/// All of it as one JSON object: `status`, `name`, `message`, `help`, `service_code`,
/// `request_id`, `http_status`, `retryable`, `retry_after_ms`, `claims` (a challenge to meet) and
/// `details` (a list of `key` and `value`). What is absent is left out.
///
/// - `error`: borrowed, may be NULL.
/// - `out_len`: gets the length without the NUL; may be NULL.
///
/// Returns a string that lives as long as `error`; NULL only for NULL. Any thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error; `out_len` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_json(error: *const batch_error_t, out_len: *mut usize) -> *const c_char {
    guard_value(ptr::null(), || {
        // SAFETY: NULL or writable by contract.
        let out_len = unsafe { Out::optional(out_len, 0) };
        // SAFETY: NULL or live by contract.
        let Some(texts) = (unsafe { batch_error::of(error) }) else { return ptr::null() };
        out_len.give(texts.json.as_bytes().len());
        texts.json.as_ptr()
    })
}

/// Frees an error. NULL is allowed.
///
/// - `error`: taken; its strings go with it.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `error` is NULL or a live error that is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_error_free(error: *mut batch_error_t) {
    guard_value((), || {
        // SAFETY: NULL or live by contract, and given up.
        unsafe { batch_error::release(error) };
    });
}
