//! `batch_jobs_t`: a listing under way.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{Mutex, TryLockError};

use super::auth::{batch_auth, batch_auth_t};
use super::call::{self, batch_call_options_t};
use super::error::batch_error_t;
use super::guard::{guard, guard_value, may_block};
use super::handle::{Counted, Owned, required};
use super::job::{JobCell, batch_job_t};
use super::list::{self, batch_list_options_t};
use super::status::batch_status_t;
use super::take::{Out, text};
use crate::auth::Listing;
use crate::batch::Step;
use crate::error::{Error, Result, Status};

/// A listing under way. Freed with `batch_jobs_free`. Belongs to one thread at a time: a second
/// user is answered with `BATCH_E_BUSY`.
#[derive(Debug)]
pub struct batch_jobs(());

/// A `struct batch_jobs`.
pub type batch_jobs_t = batch_jobs;

impl Owned for batch_jobs {
    type Inner = Mutex<State>;
}

/// What a `batch_jobs_t` stands for.
#[derive(Debug)]
pub struct State {
    listing: Listing,
    /// The job that was handed out last.
    job: JobCell,
    /// Every continuation that was handed out, since each lives as long as the handle.
    continuations: Vec<CString>,
}

/// Begins to list the jobs of a Batch account. No I/O: the first page is asked for by the first
/// `batch_jobs_next`.
///
/// Any thread.
///
/// - `auth`: borrowed, not NULL; the listing keeps what it needs of it.
/// - `account_url`: borrowed, not NULL: `https://{account}.{region}.batch.azure.com`, or the host
///   alone.
/// - `options`: borrowed; NULL takes the defaults.
/// - `out`: gets a listing that the caller frees with `batch_jobs_free`; NULL on failure.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns `BATCH_OK`; `BATCH_E_INVALID_ARGUMENT`, also for a continuation of another account;
/// `BATCH_E_INVALID_UTF8`; `BATCH_E_UNSUPPORTED` for options of a newer library. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_list_jobs(
    auth: *mut batch_auth_t,
    account_url: *const c_char,
    options: *const batch_list_options_t,
    out: *mut *mut batch_jobs_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null_mut()) }?;
        // SAFETY: NULL or live by contract; the reference ends with this closure.
        let auth = required("auth", unsafe { batch_auth::of(auth) })?;
        // SAFETY: NULL or NUL-terminated by contract.
        let account_url = unsafe { text("account_url", account_url) }?;
        // SAFETY: NULL or readable by contract.
        let options = unsafe { list::read(options) }?;

        let listing = auth.list_jobs(account_url, &options)?;
        let state = State { listing, job: JobCell::default(), continuations: Vec::new() };
        out.give(batch_jobs::own(Mutex::new(state)));
        Ok(Status::Ok)
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// Gets the next job, and the next page where the one in hand is read. While a page is read the
/// one after it is already on its way.
///
/// Blocks for at most `call->timeout_ms`. One thread at a time.
///
/// - `jobs`: borrowed, not NULL.
/// - `call`: borrowed; NULL takes the defaults.
/// - `out`: gets a job that lives until the next `batch_jobs_next` or `batch_jobs_free`; NULL unless
///   `BATCH_OK` is returned.
/// - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.
///
/// Returns `BATCH_OK` and a job; `BATCH_DONE` at the end; `BATCH_PENDING`, only under
/// `BATCH_CALL_NO_IO`, where the next page is not here; `BATCH_E_BUSY` where another thread is
/// inside; else those of `batch_get_token` and 400 to 404. After a failure the jobs so far stay
/// good, and the next call asks for the same page again; a next link that leaves the account, or
/// leads in a circle, stays `BATCH_E_PROTOCOL`. Since 0.1.0.
///
/// # Safety
/// Each pointer is NULL or valid, as said above, until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_jobs_next(
    jobs: *mut batch_jobs_t,
    call: *const batch_call_options_t,
    out: *mut *const batch_job_t,
    err: *mut *mut batch_error_t,
) -> batch_status_t {
    let body = || {
        // SAFETY: NULL or writable by contract. First, so that `out` reads NULL whatever fails next.
        let out = unsafe { Out::required("out", out, ptr::null()) }?;
        may_block()?;
        // SAFETY: NULL or live by contract; the reference ends with this closure.
        let jobs = required("jobs", unsafe { batch_jobs::of(jobs) })?;
        // SAFETY: NULL or readable by contract.
        let call = unsafe { call::read(call) }?;

        let mut state = lock(jobs)?;
        match state.listing.step_blocking(&call)? {
            Step::Job(job) => {
                out.give(state.job.put(job));
                Ok(Status::Ok)
            }
            Step::Done => Ok(Status::Done),
            Step::Pending => Ok(Status::Pending),
        }
    };
    // SAFETY: `err` is NULL or writable by contract.
    unsafe { guard(err, body) }
}

/// The page after the one in hand, to go on from later, also in another process: see
/// `batch_list_options_t.continuation`. The jobs of the page in hand that were not taken yet are not
/// part of it.
///
/// - `jobs`: borrowed, may be NULL.
///
/// Returns a string that lives as long as `jobs`: before the first page the URL of that one; NULL at
/// the end, after a next link that is not followed, for NULL, and while another thread is inside
/// `batch_jobs_next`. It is a URL of the account; it holds no token. One thread at a time. Since
/// 0.1.0.
///
/// # Safety
/// `jobs` is NULL or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_jobs_continuation(jobs: *const batch_jobs_t) -> *const c_char {
    guard_value(ptr::null(), || {
        // SAFETY: NULL or live by contract.
        let Some(jobs) = (unsafe { batch_jobs::of(jobs) }) else { return ptr::null() };
        let Ok(mut state) = lock(jobs) else { return ptr::null() };
        let state = &mut *state;
        let Some(link) = state.listing.continuation() else { return ptr::null() };
        let handed_out = state.continuations.last().filter(|last| last.as_bytes() == link.as_bytes());
        if let Some(last) = handed_out {
            return last.as_ptr();
        }
        let Ok(link) = CString::new(link) else { return ptr::null() };
        state.continuations.push(link);
        state.continuations.last().map_or(ptr::null(), |link| link.as_ptr())
    })
}

/// Frees a listing, with the job it handed out last. What is under way for it is given up. NULL is
/// allowed.
///
/// - `jobs`: taken.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `jobs` is NULL or a live handle that is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_jobs_free(jobs: *mut batch_jobs_t) {
    guard_value((), || {
        // SAFETY: NULL or live by contract, and given up.
        unsafe { batch_jobs::release(jobs) };
    });
}

fn lock(jobs: &Mutex<State>) -> Result<std::sync::MutexGuard<'_, State>> {
    match jobs.try_lock() {
        Ok(state) => Ok(state),
        // After a caught panic: the listing itself stays whole, a step either happens or not.
        Err(TryLockError::Poisoned(state)) => Ok(state.into_inner()),
        Err(TryLockError::WouldBlock) => {
            Err(Error::new(Status::Busy, "this listing is in use by another thread")
                .with_help("Give each thread a listing of its own, or take turns."))
        }
    }
}
