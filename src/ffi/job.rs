//! `batch_job_t`: one job, borrowed from its listing.

use std::ffi::{CStr, c_char};
use std::ptr::{self, NonNull};

use super::guard::guard_value;
use super::take::Out;
use crate::batch::Job;

/// Absent, or newer than this library: see `batch_job_state_text`.
pub const BATCH_JOB_STATE_UNKNOWN: i32 = 0;
/// Its tasks run.
pub const BATCH_JOB_STATE_ACTIVE: i32 = 1;
/// On the way to disabled.
pub const BATCH_JOB_STATE_DISABLING: i32 = 2;
/// Its tasks do not run until it is enabled.
pub const BATCH_JOB_STATE_DISABLED: i32 = 3;
/// On the way back to active.
pub const BATCH_JOB_STATE_ENABLING: i32 = 4;
/// On the way to completed.
pub const BATCH_JOB_STATE_TERMINATING: i32 = 5;
/// Ended.
pub const BATCH_JOB_STATE_COMPLETED: i32 = 6;
/// On the way to be gone.
pub const BATCH_JOB_STATE_DELETING: i32 = 7;

/// One job of a listing. Borrowed: it lives until the next `batch_jobs_next` of its listing.
#[derive(Debug)]
pub struct batch_job(());

/// A `struct batch_job`.
pub type batch_job_t = batch_job;

/// Where a listing keeps the job it handed out last: one place, written anew for each job. Behind a
/// raw pointer, so that working on the listing leaves what C holds untouched.
#[derive(Debug, Default)]
pub(super) struct JobCell(Option<NonNull<Job>>);

// SAFETY: the pointer is the only one to its job, which is Send; C's borrow ends with the thread's
// turn on the listing.
unsafe impl Send for JobCell {}

impl JobCell {
    /// Puts a job in the place of the one before.
    pub(super) fn put(&mut self, job: Job) -> *const batch_job_t {
        let place = match self.0 {
            Some(place) => {
                // SAFETY: made below, and not handed to anyone who still may use it: the borrow of
                // the job before ends with this call.
                drop(unsafe { place.replace(job) });
                place
            }
            None => *self.0.insert(NonNull::from(Box::leak(Box::new(job)))),
        };
        place.as_ptr().cast_const().cast()
    }
}

impl Drop for JobCell {
    fn drop(&mut self) {
        if let Some(place) = self.0.take() {
            // SAFETY: made by Box::leak in `put`; the borrow ends with the listing.
            drop(unsafe { Box::from_raw(place.as_ptr()) });
        }
    }
}

/// # Safety
/// `job` is NULL or live for `'a`.
unsafe fn read<'a, T: Copy>(job: *const batch_job_t, absent: T, field: impl FnOnce(&'a Job) -> T) -> T {
    guard_value(absent, || {
        // SAFETY: NULL or live by the caller's promise; made from a `Job` by `JobCell::put`.
        unsafe { job.cast::<Job>().as_ref() }.map_or(absent, field)
    })
}

fn pointer(text: Option<&CStr>) -> *const c_char {
    text.map_or(ptr::null(), CStr::as_ptr)
}

/// The id of a job.
///
/// - `job`: borrowed, may be NULL.
///
/// Returns UTF-8 that lives as long as `job`; NULL where the field is absent, as `select` can make
/// it. Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_id(job: *const batch_job_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, ptr::null(), |job| pointer(job.id())) }
}

/// The display name of a job. U+0000, which a C string cannot hold, and lone surrogates are shown
/// as U+FFFD; `batch_job_json` has them as they are.
///
/// - `job`: borrowed, may be NULL.
///
/// Returns UTF-8 that lives as long as `job`; NULL where absent. Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_display_name(job: *const batch_job_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, ptr::null(), |job| pointer(job.display_name())) }
}

/// The state of a job, one of `BATCH_JOB_STATE_*`.
///
/// - `job`: borrowed, may be NULL.
///
/// Returns `BATCH_JOB_STATE_UNKNOWN` where absent, or newer than this library. Any thread. Since
/// 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_state(job: *const batch_job_t) -> i32 {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, BATCH_JOB_STATE_UNKNOWN, |job| job.state() as i32) }
}

/// The state of a job as the service wrote it.
///
/// - `job`: borrowed, may be NULL.
///
/// Returns UTF-8 that lives as long as `job`; NULL where absent. Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_state_text(job: *const batch_job_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, ptr::null(), |job| pointer(job.state_text())) }
}

/// The priority of a job, -1000 to 1000.
///
/// - `job`: borrowed, may be NULL.
/// - `absent`: what to return where the field is absent.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_priority(job: *const batch_job_t, absent: i32) -> i32 {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, absent, |job| job.priority().unwrap_or(absent)) }
}

/// When a job was created, in milliseconds since 1970, UTC.
///
/// - `job`: borrowed, may be NULL.
/// - `absent`: what to return where the field is absent.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_creation_time_ms(job: *const batch_job_t, absent: i64) -> i64 {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, absent, |job| job.creation_time_ms().unwrap_or(absent)) }
}

/// The pool that a job runs in: `executionInfo`'s, which for an autopool is the real one, else
/// `poolInfo`'s.
///
/// - `job`: borrowed, may be NULL.
///
/// Returns UTF-8 that lives as long as `job`; NULL where absent. Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_pool_id(job: *const batch_job_t) -> *const c_char {
    // SAFETY: NULL or live by contract.
    unsafe { read(job, ptr::null(), |job| pointer(job.pool_id())) }
}

/// A job as the service wrote it, with all its fields. It may hold secrets of the job, such as SAS
/// tokens in resource files: do not log it.
///
/// - `job`: borrowed, may be NULL.
/// - `out_len`: gets the length without the NUL; may be NULL.
///
/// Returns JSON that lives as long as `job`; NULL only for NULL. Any thread. Since 0.1.0.
///
/// # Safety
/// `job` is NULL or a live job; `out_len` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_job_json(job: *const batch_job_t, out_len: *mut usize) -> *const c_char {
    guard_value(ptr::null(), || {
        // SAFETY: NULL or writable by contract.
        let out_len = unsafe { Out::optional(out_len, 0) };
        // SAFETY: NULL or live by contract; made from a `Job` by `JobCell::put`.
        let Some(job) = (unsafe { job.cast::<Job>().as_ref() }) else { return ptr::null() };
        let json = job.json();
        out_len.give(json.to_bytes().len());
        json.as_ptr()
    })
}
