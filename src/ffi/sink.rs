//! Sinks: how the host answers a callback, during it or later, from any thread.
//!
//! A sink is a number that looks like a pointer: it is looked up, never followed. So a second answer
//! is refused rather than a crash, and a late one, after the call has given up, harms nobody.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use once_cell::sync::Lazy;
use tokio::sync::oneshot::{self, Receiver, Sender};

use super::auth::{batch_auth, batch_auth_t, batch_free_fn};
use super::error::batch_error_t;
use super::guard::guard;
use super::handle::Counted;
use super::host::HostFn;
use super::options::{self, batch_auth_options_t};
use super::status::batch_status_t;
use super::take::{Out, optional_text, text};
use crate::auth::Auth;
use crate::credential::{AssertionSource, HostTokens, TokenAsk};
use crate::error::{Error, Result, Status};
use crate::runtime::callback;
use crate::secret::Secret;

/// Where the host puts the answer to a callback. Answered exactly once, from any thread, during the
/// callback or later; the answer ends its life. Until then it stays valid, also when the call that
/// waited for it has given up.
#[derive(Debug)]
pub struct batch_sink(());

/// A `struct batch_sink`.
pub type batch_sink_t = batch_sink;

/// Asked for a signed JSON web token by which the application proves who it is (RFC 7523, 2.2).
///
/// - `token_endpoint`: the audience of the assertion, unless a federated credential says otherwise;
///   lives until the callback returns.
/// - `sink`: to be answered with `batch_sink_assertion` or `batch_sink_fail`.
/// - `user_data`: as it was given.
///
/// Called once for each token request, on a thread of the library's own, perhaps on several at once.
/// It may take its time, but calls nothing of this library that blocks: such a call is answered with
/// `BATCH_E_WOULD_DEADLOCK`. It does not unwind.
pub type batch_assertion_fn = Option<
    unsafe extern "C" fn(token_endpoint: *const c_char, sink: *mut batch_sink_t, user_data: *mut c_void),
>;

/// Asked for an access token that the host has got elsewhere.
///
/// - `scope`: what it is for. `tenant_id`: the tenant that the call named, or NULL. `claims`: a claims
///   challenge to meet, JSON, or NULL. They live until the callback returns.
/// - `sink`: to be answered with `batch_sink_token` or `batch_sink_fail`.
/// - `user_data`: as it was given.
///
/// Called as `batch_assertion_fn` is.
pub type batch_token_fn = Option<
    unsafe extern "C" fn(
        scope: *const c_char,
        tenant_id: *const c_char,
        claims: *const c_char,
        sink: *mut batch_sink_t,
        user_data: *mut c_void,
    ),
>;

/// Who waits for a sink's answer.
enum Waiting {
    Assertion(Sender<Result<Secret>>),
    Token(Sender<Result<(Secret, i64)>>),
}

static SINKS: Lazy<Mutex<HashMap<usize, Waiting>>> = Lazy::new(Mutex::default);
static NEXT: AtomicUsize = AtomicUsize::new(1);

fn open(waiting: Waiting) -> *mut batch_sink_t {
    // Multiples of eight, as a pointer would be.
    let number = NEXT.fetch_add(1, Ordering::Relaxed) << 3;
    SINKS.lock().unwrap_or_else(PoisonError::into_inner).insert(number, waiting);
    std::ptr::without_provenance_mut(number)
}

/// Ends the life of a sink, if it is one and `take` can answer what waits there.
fn answer(
    sink: *mut batch_sink_t,
    take: impl FnOnce(Waiting) -> std::result::Result<(), Waiting>,
) -> Result<Status> {
    let mut sinks = SINKS.lock().unwrap_or_else(PoisonError::into_inner);
    let number = sink.addr();
    let waiting = sinks.remove(&number).ok_or_else(|| {
        Error::new(Status::InvalidArgument, "sink is NULL, has been answered already, or is none")
    })?;
    match take(waiting) {
        Ok(()) => Ok(Status::Ok),
        Err(waiting) => {
            sinks.insert(number, waiting);
            Err(Error::new(Status::InvalidArgument, "sink waits for an answer of another kind"))
        }
    }
}

type AssertionFn = unsafe extern "C" fn(*const c_char, *mut batch_sink_t, *mut c_void);
type TokenFn =
    unsafe extern "C" fn(*const c_char, *const c_char, *const c_char, *mut batch_sink_t, *mut c_void);

struct HostAssertions(Arc<HostFn<AssertionFn>>);

#[async_trait]
impl AssertionSource for HostAssertions {
    async fn assertion(&self, token_endpoint: &str) -> Result<Secret> {
        let (host, endpoint) = (Arc::clone(&self.0), c_text(token_endpoint)?);
        let (sender, receiver) = oneshot::channel();
        callback::call_apart(move || {
            let sink = open(Waiting::Assertion(sender));
            // SAFETY: a function of the host's, called as the header says; the text outlives it.
            unsafe { (host.function)(endpoint.as_ptr(), sink, host.user_data) };
        })
        .await?;
        answered(receiver).await
    }
}

struct HostTokenFn(Arc<HostFn<TokenFn>>);

#[async_trait]
impl HostTokens for HostTokenFn {
    async fn token(&self, ask: TokenAsk<'_>) -> Result<(Secret, i64)> {
        let host = Arc::clone(&self.0);
        let scope = c_text(ask.scope)?;
        let (tenant, claims) = (ask.tenant_id.map(c_text).transpose()?, ask.claims.map(c_text).transpose()?);
        let (sender, receiver) = oneshot::channel();
        callback::call_apart(move || {
            let sink = open(Waiting::Token(sender));
            let or_null =
                |text: &Option<CString>| text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
            let (tenant, claims) = (or_null(&tenant), or_null(&claims));
            // SAFETY: a function of the host's, called as the header says; the texts outlive it.
            unsafe { (host.function)(scope.as_ptr(), tenant, claims, sink, host.user_data) };
        })
        .await?;
        answered(receiver).await
    }
}

async fn answered<T>(receiver: Receiver<Result<T>>) -> Result<T> {
    let gone = |_| Error::new(Status::Internal, "a sink was lost without an answer, a defect of batch-auth");
    receiver.await.map_err(gone)?
}

fn c_text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::new(Status::Internal, "a text for the host holds a NUL"))
}

/// Answers a `batch_assertion_fn` with a signed JSON web token.
///
/// - `sink`: taken, except on failure.
/// - `jwt`: borrowed, not NULL. Copied, and wiped after use.
///
/// Does not block. Any thread. Returns `BATCH_OK`, also where the call has given up meanwhile;
/// `BATCH_E_INVALID_ARGUMENT` for a sink that has been answered, is none, or waits for a token;
/// `BATCH_E_INVALID_UTF8`. Since 0.1.0.
///
/// # Safety
/// `jwt` is NULL or NUL-terminated. `sink` may be anything.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_sink_assertion(sink: *mut batch_sink_t, jwt: *const c_char) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or NUL-terminated by contract.
        let jwt = unsafe { text("jwt", jwt) }?;
        let jwt = Secret::new(jwt);
        answer(sink, |waiting| match (waiting, jwt) {
            (Waiting::Assertion(sender), Some(jwt)) => {
                // Nobody may be waiting any more, which is no failure of the host's.
                let _late = sender.send(Ok(jwt));
                Ok(())
            }
            (other, _) => Err(other),
        })
    };
    // SAFETY: NULL is allowed.
    unsafe { guard(std::ptr::null_mut(), body) }
}

/// Answers a `batch_token_fn` with an access token.
///
/// - `sink`: taken, except on failure.
/// - `token`: borrowed, not NULL: the access token alone. Copied, and wiped when it goes.
/// - `expires_on`: seconds since 1970, UTC.
///
/// Does not block. Any thread. Returns as `batch_sink_assertion`. Since 0.1.0.
///
/// # Safety
/// `token` is NULL or NUL-terminated. `sink` may be anything.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_sink_token(
    sink: *mut batch_sink_t,
    token: *const c_char,
    expires_on: i64,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or NUL-terminated by contract.
        let token = unsafe { text("token", token) }?;
        let token = Secret::new(token);
        answer(sink, |waiting| match (waiting, token) {
            (Waiting::Token(sender), Some(token)) => {
                // Nobody may be waiting any more, which is no failure of the host's.
                let _late = sender.send(Ok((token, expires_on)));
                Ok(())
            }
            (other, _) => Err(other),
        })
    };
    // SAFETY: NULL is allowed.
    unsafe { guard(std::ptr::null_mut(), body) }
}

/// Answers a callback with a failure, which becomes that of the call.
///
/// - `sink`: taken, except on failure.
/// - `status`: one of `BATCH_E_*`; `BATCH_E_CREDENTIAL_UNAVAILABLE` lets a chain go on.
/// - `message`: borrowed; what went wrong, without secrets. NULL for none.
///
/// Does not block. Any thread. Returns `BATCH_OK`, also where the call has given up meanwhile;
/// `BATCH_E_INVALID_ARGUMENT` for a sink that has been answered or is none, and for a status that is
/// no failure; `BATCH_E_INVALID_UTF8`. Since 0.1.0.
///
/// # Safety
/// `message` is NULL or NUL-terminated. `sink` may be anything.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_sink_fail(
    sink: *mut batch_sink_t,
    status: batch_status_t,
    message: *const c_char,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or NUL-terminated by contract.
        let message = unsafe { optional_text("message", message) }?.unwrap_or("no reason given");
        let failures = Status::ALL.iter().copied().filter(|status| *status as i32 >= 100);
        let status = failures
            .into_iter()
            .find(|known| *known as i32 == status)
            .ok_or_else(|| Error::invalid("status", "must be one of BATCH_E_*", &status.to_string()))?;
        let error = Error::new(status, format!("the host's callback failed: {message}"));
        answer(sink, |waiting| {
            // Nobody may be waiting any more, which is no failure of the host's.
            match waiting {
                Waiting::Assertion(sender) => drop(sender.send(Err(error))),
                Waiting::Token(sender) => drop(sender.send(Err(error))),
            }
            Ok(())
        })
    };
    // SAFETY: NULL is allowed.
    unsafe { guard(std::ptr::null_mut(), body) }
}

/// Signs in as an application with an assertion that the host signs (RFC 7523, 2.2).
///
/// No network, and the callback is not called yet. Any thread.
///
/// - `tenant_id`: borrowed, not NULL: the tenant's id or one of its domains.
/// - `client_id`: borrowed, not NULL: the application's id.
/// - `assertion`: not NULL; called for each token request.
/// - `user_data`: passed to it as it is; any thread must be able to use it.
/// - `user_data_free`: called once when `user_data` is no longer used; may be NULL. That may be on a
///   thread of the library's own, after `batch_auth_free` has returned, where a request is still under
///   way. On failure it is not called.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns as `batch_auth_new_client_secret`. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns; the functions and
/// `user_data` until `user_data_free` is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_new_client_assertion(
    tenant_id: *const c_char,
    client_id: *const c_char,
    assertion: batch_assertion_fn,
    user_data: *mut c_void,
    user_data_free: batch_free_fn,
    options: *const batch_auth_options_t,
    out: *mut *mut batch_auth_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, std::ptr::null_mut()) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let tenant_id = unsafe { text("tenant_id", tenant_id) }?;
        // SAFETY: NULL or NUL-terminated by contract.
        let client_id = unsafe { text("client_id", client_id) }?;
        let function = assertion.ok_or_else(|| missing("assertion"))?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { options::read(options) }?;

        let host = HostFn::borrowed(function, user_data, user_data_free);
        let source = Arc::new(HostAssertions(Arc::clone(&host)));
        let auth = Auth::new_client_assertion(tenant_id, client_id, source, &options)?;
        host.own();
        out.give(batch_auth::share(Arc::new(auth)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Serves the tokens that the host gets elsewhere, cached and renewed like any other.
///
/// No network, and the callback is not called yet. Any thread.
///
/// - `acquire`: not NULL; called for each token that the cache does not have.
/// - `user_data`: passed to it as it is; any thread must be able to use it.
/// - `user_data_free`: called once when `user_data` is no longer used; may be NULL. That may be on a
///   thread of the library's own, after `batch_auth_free` has returned, where a request is still under
///   way. On failure it is not called.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns as `batch_auth_new_client_secret`. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns; the functions and
/// `user_data` until `user_data_free` is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_new_callback(
    acquire: batch_token_fn,
    user_data: *mut c_void,
    user_data_free: batch_free_fn,
    options: *const batch_auth_options_t,
    out: *mut *mut batch_auth_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, std::ptr::null_mut()) }?;
        let function = acquire.ok_or_else(|| missing("acquire"))?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { options::read(options) }?;

        let host = HostFn::borrowed(function, user_data, user_data_free);
        let auth = Auth::new_callback(Arc::new(HostTokenFn(Arc::clone(&host))), &options)?;
        host.own();
        out.give(batch_auth::share(Arc::new(auth)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

fn missing(callback: &str) -> Error {
    Error::new(Status::InvalidArgument, format!("{callback} is NULL"))
}
