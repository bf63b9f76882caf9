//! `batch_auth_t`: a credential and its cache.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use super::error::batch_error_t;
use super::guard::{guard, guard_value};
use super::handle::Counted;
use super::options::{self, batch_auth_options_t};
use super::status::batch_status_t;
use super::take::{Out, optional_text, text};
use crate::auth::Auth;
use crate::error::Status;

/// A way to sign in, with the tokens it has got. Counted: `batch_auth_retain` and
/// `batch_auth_free`. May be used from any thread, by several at once.
#[derive(Debug)]
pub struct batch_auth(());

/// A `struct batch_auth`.
pub type batch_auth_t = batch_auth;

impl Counted for batch_auth {
    type Inner = Auth;
}

/// Gives back what the host attached to a callback.
pub type batch_free_fn = Option<unsafe extern "C" fn(user_data: *mut std::ffi::c_void)>;

/// Signs in as an application with its secret (RFC 6749, 4.4).
///
/// No network: the first token is asked for when one is needed. Any thread.
///
/// - `tenant_id`: borrowed, not NULL: the tenant's id or one of its domains.
/// - `client_id`: borrowed, not NULL: the application's id.
/// - `client_secret`: borrowed, not NULL: the secret's Value. Copied, and wiped when the auth goes.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns `BATCH_OK`; `BATCH_E_INVALID_ARGUMENT`, `BATCH_E_INVALID_UTF8`; `BATCH_E_IO` where
/// `ca_bundle_path` cannot be read; `BATCH_E_UNSUPPORTED` for options of a newer library. Since
/// 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_new_client_secret(
    tenant_id: *const c_char,
    client_id: *const c_char,
    client_secret: *const c_char,
    options: *const batch_auth_options_t,
    out: *mut *mut batch_auth_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null_mut()) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let tenant_id = unsafe { text("tenant_id", tenant_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let client_id = unsafe { text("client_id", client_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let client_secret = unsafe { text("client_secret", client_secret) }?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { options::read(options) }?;

        let auth = Auth::new_client_secret(tenant_id, client_id, client_secret, &options)?;
        out.give(batch_auth::share(Arc::new(auth)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Signs in as a workload with the token that its platform writes to a file: a Kubernetes pod with
/// Entra Workload ID, or any federated credential whose token is in a file. The file is read for each
/// token request.
///
/// No network, and the file is not read yet. Any thread.
///
/// - `tenant_id`: borrowed; NULL: `AZURE_TENANT_ID` of the environment.
/// - `client_id`: borrowed; NULL: `AZURE_CLIENT_ID`.
/// - `token_file_path`: borrowed; NULL: `AZURE_FEDERATED_TOKEN_FILE`.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns as `batch_auth_new_client_secret`, and `BATCH_E_CREDENTIAL_UNAVAILABLE` that names the
/// variables which are missing. Later calls return that status where the file cannot be read or is
/// empty. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_new_workload_identity(
    tenant_id: *const c_char,
    client_id: *const c_char,
    token_file_path: *const c_char,
    options: *const batch_auth_options_t,
    out: *mut *mut batch_auth_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null_mut()) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let tenant_id = unsafe { optional_text("tenant_id", tenant_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let client_id = unsafe { optional_text("client_id", client_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let path = unsafe { optional_text("token_file_path", token_file_path) }?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { options::read(options) }?;

        let auth = Auth::new_workload_identity(tenant_id, client_id, path, &options)?;
        out.give(batch_auth::share(Arc::new(auth)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Signs in as a service in the name of the user whose token it was sent (Entra's on-behalf-of flow;
/// RFC 7523, 2.1). One auth serves one user.
///
/// No network. Any thread.
///
/// - `tenant_id`, `client_id`, `client_secret`: as for `batch_auth_new_client_secret`.
/// - `user_assertion`: borrowed, not NULL: the access token that the user's request carried, without
///   "Bearer"; its audience is this service. Copied, and wiped when the auth goes.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns as `batch_auth_new_client_secret`. Later calls return `BATCH_E_INTERACTION_REQUIRED`, with
/// `claims` in `batch_error_json`, where the user must sign in anew. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_new_on_behalf_of(
    tenant_id: *const c_char,
    client_id: *const c_char,
    client_secret: *const c_char,
    user_assertion: *const c_char,
    options: *const batch_auth_options_t,
    out: *mut *mut batch_auth_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null_mut()) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let tenant_id = unsafe { text("tenant_id", tenant_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let client_id = unsafe { text("client_id", client_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let client_secret = unsafe { text("client_secret", client_secret) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let user_assertion = unsafe { text("user_assertion", user_assertion) }?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { options::read(options) }?;

        let auth = Auth::new_on_behalf_of(tenant_id, client_id, client_secret, user_assertion, &options)?;
        out.give(batch_auth::share(Arc::new(auth)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Serves a token that the host has got elsewhere, until it expires. It is never renewed.
///
/// No network. Any thread.
///
/// - `token`: borrowed, not NULL: the access token alone, without "Bearer". Copied, and wiped when
///   the auth goes.
/// - `expires_on`: seconds since 1970, UTC; more than 0.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns as `batch_auth_new_client_secret`. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_new_static_token(
    token: *const c_char,
    expires_on: i64,
    options: *const batch_auth_options_t,
    out: *mut *mut batch_auth_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null_mut()) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let token = unsafe { text("token", token) }?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { options::read(options) }?;

        let auth = Auth::new_static_token(token, expires_on, &options)?;
        out.give(batch_auth::share(Arc::new(auth)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Takes one more count of an auth, to be given back with `batch_auth_free`.
///
/// - `auth`: borrowed, may be NULL.
///
/// Returns `auth`. Any thread. Since 0.1.0.
///
/// # Safety
/// `auth` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_retain(auth: *mut batch_auth_t) -> *mut batch_auth_t {
    guard_value(ptr::null_mut(), || {
        // SAFETY: NULL or live by contract.
        unsafe { batch_auth::retain(auth) }
    })
}

/// Gives one count of an auth back; with the last, its secrets and tokens are wiped. Listings that
/// were begun with it keep it alive for themselves. NULL is allowed.
///
/// - `auth`: taken.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `auth` is NULL or a live handle of which the caller has a count, not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_free(auth: *mut batch_auth_t) {
    guard_value((), || {
        // SAFETY: NULL or live by contract, and its count is given up.
        unsafe { batch_auth::release(auth) };
    });
}
