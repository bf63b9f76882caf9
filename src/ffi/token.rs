//! `batch_token_t`: an access token, and the two ways to get one.

use std::ffi::c_char;
use std::ptr;

use super::auth::{batch_auth, batch_auth_t};
use super::call::{self, batch_call_options_t};
use super::error::batch_error_t;
use super::guard::{guard, guard_value, may_block};
use super::handle::{Counted, required};
use super::status::batch_status_t;
use super::take::Out;
use crate::error::{Error, Status};
use crate::secret::Secret;
use crate::token::Token;

/// An access token. Freed with `batch_token_free`. May be read from any thread, by several at
/// once.
#[derive(Debug)]
pub struct batch_token(());

/// A `struct batch_token`.
pub type batch_token_t = batch_token;

impl Counted for batch_token {
    type Inner = Token;
}

/// Gets a token: from the cache while one is usable there, else from the credential. A token that
/// is due for renewal is served while its renewal runs in the background.
///
/// Blocks for at most `call->timeout_ms`. Any thread, any number of calls at once: they share one
/// request.
///
/// - `auth`: borrowed, not NULL.
/// - `call`: borrowed; NULL takes the defaults.
/// - `out`: gets a token that the caller frees with `batch_token_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns `BATCH_OK`; `BATCH_PENDING`, without a token, only under `BATCH_CALL_NO_IO`; else
/// `BATCH_E_INVALID_ARGUMENT`, `BATCH_E_INVALID_UTF8`, `BATCH_E_UNSUPPORTED`,
/// `BATCH_E_WOULD_DEADLOCK`, 200 to 303, `BATCH_E_SERVICE` where Entra is out of order,
/// `BATCH_E_PROTOCOL` for an answer that is not Entra's, `BATCH_E_CANCELLED`. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_get_token(
    auth: *mut batch_auth_t,
    call: *const batch_call_options_t,
    out: *mut *mut batch_token_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null_mut()) }?;
        may_block()?;
        // SAFETY: NULL or live by contract; the reference ends with this closure.
        let auth = required("auth", unsafe { batch_auth::of(auth) })?;
        // SAFETY: NULL or readable by contract.
        let call = unsafe { call::read(call) }?;

        let Some(token) = auth.token_blocking(&call)? else { return Ok(Status::Pending) };
        out.give(batch_token::share(token));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Gets a token as `batch_get_token` does, into the caller's buffer.
///
/// Blocks for at most `call->timeout_ms`. Any thread, any number of calls at once. The caller wipes
/// the buffer when the token is no longer needed.
///
/// - `auth`: borrowed, not NULL.
/// - `call`: borrowed; NULL takes the defaults.
/// - `buffer`: gets the token and a NUL; may be NULL where `capacity` is 0, to ask for the length.
///   On failure it holds an empty string.
/// - `capacity`: the bytes that `buffer` has.
/// - `out_len`: gets the length without the NUL, also when the buffer is too small; 0 on other
///   failures. May be NULL.
/// - `out_expires_on`: gets when it expires, in seconds since 1970, UTC; 0 on failure. May be NULL.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns as `batch_get_token`, and `BATCH_E_BUFFER_TOO_SMALL`. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns; `buffer` is writable for
/// `capacity` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_copy_token(
    auth: *mut batch_auth_t,
    call: *const batch_call_options_t,
    buffer: *mut c_char,
    capacity: usize,
    out_len: *mut usize,
    out_expires_on: *mut i64,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract.
        let out_len = unsafe { Out::optional(out_len, 0) };
        // SAFETY: NULL or writable by contract.
        let out_expires_on = unsafe { Out::optional(out_expires_on, 0) };
        if capacity > 0 {
            // SAFETY: NULL or writable for at least this byte by contract.
            let _emptied = unsafe { Out::required("buffer", buffer, 0) }?;
        }
        may_block()?;
        // SAFETY: NULL or live by contract; the reference ends with this closure.
        let auth = required("auth", unsafe { batch_auth::of(auth) })?;
        // SAFETY: NULL or readable by contract.
        let call = unsafe { call::read(call) }?;

        let Some(token) = auth.token_blocking(&call)? else { return Ok(Status::Pending) };
        let text = token.value().as_c_str().to_bytes_with_nul();
        out_len.give(text.len() - 1);
        if text.len() > capacity {
            let needed = text.len();
            return Err(Error::new(
                Status::BufferTooSmall,
                format!("buffer has {capacity} bytes, the token and its NUL need {needed}"),
            )
            .with_help("Call again with a buffer of *out_len + 1 bytes; the token is cached."));
        }
        // SAFETY: `buffer` is not NULL, since `capacity` is at least `text.len()`, which is not 0,
        // and writable for that many bytes by contract; the cached token does not overlap it.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, text.len()) };
        out_expires_on.give(token.expires_on());
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// # Safety
/// `token` is NULL or live for `'a`.
unsafe fn moment(token: *const batch_token_t, which: impl FnOnce(&Token) -> i64) -> i64 {
    guard_value(0, || {
        // SAFETY: NULL or live by the caller's promise.
        unsafe { batch_token::of(token) }.map_or(0, which)
    })
}

/// # Safety
/// `token` is NULL or live for `'a`, `out_len` NULL or writable.
unsafe fn secret<'a>(
    token: *const batch_token_t,
    out_len: *mut usize,
    which: impl FnOnce(&'a Token) -> Option<&'a Secret>,
) -> *const c_char {
    guard_value(ptr::null(), || {
        // SAFETY: NULL or writable by the caller's promise.
        let out_len = unsafe { Out::optional(out_len, 0) };
        // SAFETY: NULL or live by the caller's promise.
        let token = unsafe { batch_token::of(token) };
        let Some(text) = token.and_then(which).map(Secret::as_c_str) else { return ptr::null() };
        out_len.give(text.to_bytes().len());
        text.as_ptr()
    })
}

/// The token itself: a secret. Send it only over TLS and only to the service it is for; do not log
/// it.
///
/// - `token`: borrowed, may be NULL.
/// - `out_len`: gets the length without the NUL; may be NULL.
///
/// Returns a string that lives as long as `token`; NULL only for NULL. Any thread. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or a live handle; `out_len` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_token_value(
    token: *const batch_token_t,
    out_len: *mut usize,
) -> *const c_char {
    // SAFETY: NULL or valid by contract.
    unsafe { secret(token, out_len, |token| Some(token.value())) }
}

/// When the token expires, in seconds since 1970, UTC; 0 for NULL.
///
/// - `token`: borrowed, may be NULL.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_token_expires_on(token: *const batch_token_t) -> i64 {
    // SAFETY: NULL or live by contract.
    unsafe { moment(token, Token::expires_on) }
}

/// From when on the token is renewed, in seconds since 1970, UTC; 0 for NULL. Past it, it is still
/// served while its renewal is under way or has failed.
///
/// - `token`: borrowed, may be NULL.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_token_refresh_on(token: *const batch_token_t) -> i64 {
    // SAFETY: NULL or live by contract.
    unsafe { moment(token, Token::refresh_on) }
}

/// When the token was got, in seconds since 1970, UTC; 0 for NULL.
///
/// - `token`: borrowed, may be NULL.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_token_acquired_on(token: *const batch_token_t) -> i64 {
    // SAFETY: NULL or live by contract.
    unsafe { moment(token, Token::acquired_on) }
}

/// The claims inside the token, as the JSON object they are (RFC 7519, 4). Not verified: that is
/// the business of the service that the token is for.
///
/// - `token`: borrowed, may be NULL.
/// - `out_len`: gets the length without the NUL; 0 where there are none. May be NULL.
///
/// Returns a string that lives as long as `token`; NULL for NULL and for a token that is no JSON web
/// token. Any thread. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or a live handle; `out_len` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_token_claims(
    token: *const batch_token_t,
    out_len: *mut usize,
) -> *const c_char {
    // SAFETY: NULL or valid by contract.
    unsafe { secret(token, out_len, Token::claims) }
}

/// Frees a token; the last to be freed wipes it. NULL is allowed.
///
/// - `token`: taken; its strings go with it.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or a live handle that is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_token_free(token: *mut batch_token_t) {
    guard_value((), || {
        // SAFETY: NULL or live by contract, and given up.
        unsafe { batch_token::release(token) };
    });
}
