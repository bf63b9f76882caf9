//! The log callback.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use super::auth::batch_free_fn;
use super::guard::{guard, may_block};
use super::host::HostFn;
use super::status::batch_status_t;
use crate::error::{Error, Status};
use crate::runtime::log::{Level, Sink, set_sink};
use crate::system::System;

/// No records.
pub const BATCH_LOG_OFF: i32 = 0;
/// A call failed.
pub const BATCH_LOG_ERROR: i32 = 1;
/// Something went wrong and was mended, such as a retry.
pub const BATCH_LOG_WARN: i32 = 2;
/// A token was got, a page of jobs has come.
pub const BATCH_LOG_INFO: i32 = 3;
/// One record a request.
pub const BATCH_LOG_DEBUG: i32 = 4;
/// Everything.
pub const BATCH_LOG_TRACE: i32 = 5;

/// Receives a log record: its level, the part of the library it comes from, one line of UTF-8
/// without secrets, and the time in milliseconds since 1970, UTC. The strings live until it returns.
///
/// It runs on the thread that logs, perhaps on several at once and on a thread of the library's own.
/// It returns soon, does not unwind, and calls nothing of this library that blocks: such a call is
/// answered with `BATCH_E_WOULD_DEADLOCK`.
pub type batch_log_fn = Option<
    unsafe extern "C" fn(
        level: i32,
        target: *const c_char,
        message: *const c_char,
        time_ms: i64,
        user_data: *mut c_void,
    ),
>;

struct CSink {
    host: Arc<HostFn<LogFn>>,
    system: System,
}

type LogFn = unsafe extern "C" fn(i32, *const c_char, *const c_char, i64, *mut c_void);

impl Sink for CSink {
    fn record(&self, level: Level, target: &'static str, message: &str) {
        let line = |text: &str| CString::new(text.replace(['\0', '\n', '\r'], " ")).unwrap_or_default();
        let (target, message) = (line(target), line(message));
        let time_ms = self.system.clock.unix_ms();
        // SAFETY: a function of the host's, called as the header says, with strings that outlive it.
        unsafe {
            (self.host.function)(
                level as i32,
                target.as_ptr(),
                message.as_ptr(),
                time_ms,
                self.host.user_data,
            );
        }
    }
}

/// Sends the library's log to a function; one for the whole process.
///
/// A new one replaces the old, NULL removes it. When this returns, the old one is no longer running
/// and its user data has been given to its `user_data_free`. Blocks while a record is being handed
/// to the old one. Any thread, but not from inside the callback.
///
/// - `max_level`: the least important records to get, `BATCH_LOG_*`.
/// - `sink`: the function, or NULL.
/// - `user_data`: passed to it as it is; any thread must be able to use it.
/// - `user_data_free`: called once when `user_data` is no longer used, also where `sink` is NULL; may
///   be NULL. On failure it is not called.
///
/// Returns `BATCH_OK`; `BATCH_E_INVALID_ARGUMENT` for a level that is none; `BATCH_E_WOULD_DEADLOCK`
/// from inside the callback. Since 0.1.0.
///
/// # Safety
/// `sink` and `user_data_free` are NULL or functions of these types that may be called with
/// `user_data` from any thread until they are replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_log_set(
    max_level: i32,
    sink: batch_log_fn,
    user_data: *mut c_void,
    user_data_free: batch_free_fn,
) -> batch_status_t {
    let body = || {
        may_block()?;
        let level = Level::from_number(max_level).ok_or_else(|| {
            Error::invalid("max_level", "must be one of BATCH_LOG_*", &max_level.to_string())
        })?;
        let sink = sink.map(|function| {
            let host = HostFn::borrowed(function, user_data, user_data_free);
            host.own();
            Arc::new(CSink { host, system: System::real() }) as Arc<dyn Sink>
        });
        if sink.is_none()
            && let Some(free) = user_data_free
        {
            // SAFETY: the host's own function for its own data, which nobody else will free.
            unsafe { free(user_data) };
        }
        set_sink(level, sink);
        Ok(Status::Ok)
    };
    // SAFETY: NULL is allowed.
    unsafe { guard(std::ptr::null_mut(), body) }
}
