//! The library's version, the ABI's, and what this build can do.

use std::ffi::c_char;

use super::guard::guard_value;
use super::take;

/// The version that this header belongs to: `BATCH_AUTH_VERSION_MAJOR.MINOR.PATCH`.
pub const BATCH_AUTH_VERSION_MAJOR: i32 = 0;
/// See `BATCH_AUTH_VERSION_MAJOR`.
pub const BATCH_AUTH_VERSION_MINOR: i32 = 1;
/// See `BATCH_AUTH_VERSION_MAJOR`.
pub const BATCH_AUTH_VERSION_PATCH: i32 = 0;

/// The ABI's version: additions raise the minor number, nothing else changes under one major.
const ABI: (u32, u32) = (0, 1);

/// What `batch_has_feature` knows.
const FEATURES: [&str; 7] = [
    "client_secret",
    "client_assertion",
    "workload_identity",
    "on_behalf_of",
    "callback",
    "static_token",
    "list_jobs",
];

/// The version of the library that is loaded, such as `"0.1.0"`.
///
/// Any thread. Returns a string that lives as long as the library, never NULL. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn batch_version() -> *const c_char {
    guard_value(c"", || concat_version()).as_ptr()
}

const fn concat_version() -> &'static std::ffi::CStr {
    match std::ffi::CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    }
}

/// The version of the ABI: `major << 16 | minor`. A program works with a library of the same major
/// and the same or a higher minor number.
///
/// Any thread. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn batch_abi_version() -> u32 {
    guard_value(0, || (ABI.0 << 16) | ABI.1)
}

/// Whether this build can do something: 1 or 0.
///
/// - `name`: borrowed; a credential, as in `batch_auth_new_<name>` (`"client_secret"`,
///   `"client_assertion"`, `"workload_identity"`, `"on_behalf_of"`, `"callback"`, `"static_token"`), or
///   `"list_jobs"`. NULL and unknown names give 0.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `name` is NULL or a NUL-terminated string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_has_feature(name: *const c_char) -> i32 {
    guard_value(0, || {
        // SAFETY: NULL or NUL-terminated by contract.
        let name = unsafe { take::optional_text("name", name) };
        i32::from(name.ok().flatten().is_some_and(|name| FEATURES.contains(&name)))
    })
}
