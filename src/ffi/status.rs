//! Statuses: the numbers of [`Status`], as C reads them.

use std::ffi::{CStr, c_char};

use super::guard::guard_value;
use crate::error::Status;

/// How a call ended: `BATCH_OK`, `BATCH_DONE` and `BATCH_PENDING` are successes, the rest
/// failures. Numbers are never reused; a newer library may return ones not listed here.
pub type batch_status_t = i32;

/// Success.
pub const BATCH_OK: batch_status_t = 0;
/// The iteration has ended.
pub const BATCH_DONE: batch_status_t = 1;
/// `BATCH_CALL_NO_IO` was asked for and I/O would be needed.
pub const BATCH_PENDING: batch_status_t = 2;
/// An argument is missing, malformed or out of range.
pub const BATCH_E_INVALID_ARGUMENT: batch_status_t = 100;
/// A string is not UTF-8.
pub const BATCH_E_INVALID_UTF8: batch_status_t = 101;
/// The caller's buffer cannot hold the answer.
pub const BATCH_E_BUFFER_TOO_SMALL: batch_status_t = 102;
/// A blocking call from inside a callback of ours.
pub const BATCH_E_WOULD_DEADLOCK: batch_status_t = 103;
/// This build or platform cannot do it.
pub const BATCH_E_UNSUPPORTED: batch_status_t = 104;
/// The handle is in use elsewhere.
pub const BATCH_E_BUSY: batch_status_t = 105;
/// The credential is not configured, or not to be had here: a chain goes on.
pub const BATCH_E_CREDENTIAL_UNAVAILABLE: batch_status_t = 200;
/// Entra or the source of tokens refused: a chain stops.
pub const BATCH_E_AUTHENTICATION_FAILED: batch_status_t = 201;
/// A person must sign in.
pub const BATCH_E_INTERACTION_REQUIRED: batch_status_t = 202;
/// The host could not be found, reached or kept.
pub const BATCH_E_NETWORK: batch_status_t = 300;
/// No secure connection could be made, or the server is not trusted.
pub const BATCH_E_TLS: batch_status_t = 301;
/// The time allowed is over.
pub const BATCH_E_TIMEOUT: batch_status_t = 302;
/// The service asks to be called less often: see `batch_error_retry_after_ms`.
pub const BATCH_E_THROTTLED: batch_status_t = 303;
/// The Batch service answered 401.
pub const BATCH_E_UNAUTHORIZED: batch_status_t = 400;
/// The Batch service answered 403: a role, a network rule or a mode of sign-in is missing.
pub const BATCH_E_FORBIDDEN: batch_status_t = 401;
/// The Batch service answered 404.
pub const BATCH_E_NOT_FOUND: batch_status_t = 402;
/// Any other refusal of the service; also Entra's when it is out of order.
pub const BATCH_E_SERVICE: batch_status_t = 403;
/// An answer that cannot be understood or trusted.
pub const BATCH_E_PROTOCOL: batch_status_t = 404;
/// The caller cancelled.
pub const BATCH_E_CANCELLED: batch_status_t = 500;
/// The library was shut down meanwhile.
pub const BATCH_E_SHUTDOWN: batch_status_t = 501;
/// The operation was begun by the parent process.
pub const BATCH_E_FORKED: batch_status_t = 502;
/// Memory ran out.
pub const BATCH_E_OUT_OF_MEMORY: batch_status_t = 503;
/// A file could not be read or written.
pub const BATCH_E_IO: batch_status_t = 504;
/// A defect of this library.
pub const BATCH_E_INTERNAL: batch_status_t = 505;
/// A defect of this library that was caught on its way into the caller.
pub const BATCH_E_PANIC: batch_status_t = 599;

/// The name of a status, such as `"BATCH_E_TLS"`.
///
/// Any thread. Returns a string that lives as long as the library, never NULL;
/// `"BATCH_E_UNKNOWN"` for a number that is no status of this library. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn batch_status_name(status: batch_status_t) -> *const c_char {
    guard_value(c"BATCH_E_UNKNOWN", || {
        let known = Status::ALL.iter().find(|known| **known as i32 == status);
        known.map_or(c"BATCH_E_UNKNOWN", |known| name(*known))
    })
    .as_ptr()
}

macro_rules! names {
    ($($variant:ident $name:literal)*) => {
        const fn name(status: Status) -> &'static CStr {
            match status { $(Status::$variant => $name,)* }
        }
    };
}

names! {
    Ok c"BATCH_OK"
    Done c"BATCH_DONE"
    Pending c"BATCH_PENDING"
    InvalidArgument c"BATCH_E_INVALID_ARGUMENT"
    InvalidUtf8 c"BATCH_E_INVALID_UTF8"
    BufferTooSmall c"BATCH_E_BUFFER_TOO_SMALL"
    WouldDeadlock c"BATCH_E_WOULD_DEADLOCK"
    Unsupported c"BATCH_E_UNSUPPORTED"
    Busy c"BATCH_E_BUSY"
    CredentialUnavailable c"BATCH_E_CREDENTIAL_UNAVAILABLE"
    AuthenticationFailed c"BATCH_E_AUTHENTICATION_FAILED"
    InteractionRequired c"BATCH_E_INTERACTION_REQUIRED"
    Network c"BATCH_E_NETWORK"
    Tls c"BATCH_E_TLS"
    Timeout c"BATCH_E_TIMEOUT"
    Throttled c"BATCH_E_THROTTLED"
    Unauthorized c"BATCH_E_UNAUTHORIZED"
    Forbidden c"BATCH_E_FORBIDDEN"
    NotFound c"BATCH_E_NOT_FOUND"
    Service c"BATCH_E_SERVICE"
    Protocol c"BATCH_E_PROTOCOL"
    Cancelled c"BATCH_E_CANCELLED"
    Shutdown c"BATCH_E_SHUTDOWN"
    Forked c"BATCH_E_FORKED"
    OutOfMemory c"BATCH_E_OUT_OF_MEMORY"
    Io c"BATCH_E_IO"
    Internal c"BATCH_E_INTERNAL"
    Panic c"BATCH_E_PANIC"
}
