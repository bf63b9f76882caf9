//! `batch_list_options_t`: which jobs to list, and how.

use std::ffi::c_char;
use std::ptr;

use super::guard::guard_value;
use super::sized::{self, sized_options};
use super::take::owned_text;
use crate::batch::ListOptions;
use crate::error::{Error, Result, Status};

/// Which jobs to list. Filled by `batch_list_options_init`, then changed where wanted. The strings
/// are NUL-terminated UTF-8, borrowed until `batch_list_jobs` returns; NULL and empty ones are left
/// out of the request. Source: "Jobs - List Jobs" of the Batch REST reference.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct batch_list_options {
    /// Set by `batch_list_options_init`.
    pub struct_size: u32,
    /// Jobs a page, 1 to 1000; 0: the service's default.
    pub max_results: u32,
    /// Jobs in all; 0: no limit.
    pub max_items: u64,
    /// Seconds the service may take for a page; 0: the service's default of 30, which is also the
    /// most.
    pub server_timeout_s: u32,
    /// Zero.
    pub reserved: u32,
    /// OData, sent as it is: `state eq 'active'`.
    pub filter: *const c_char,
    /// Properties to return, joined by commas: `id,state`.
    pub select: *const c_char,
    /// Properties to expand: `stats`.
    pub expand: *const c_char,
    /// Only the jobs of this schedule.
    pub job_schedule_id: *const c_char,
    /// The service's version; NULL: `2025-06-01`.
    pub api_version: *const c_char,
    /// Where to go on, from `batch_jobs_continuation`. It carries filter, selection and page size of
    /// its own; those above are then not sent.
    pub continuation: *const c_char,
}

/// A `struct batch_list_options`.
pub type batch_list_options_t = batch_list_options;

sized_options!(
    batch_list_options, "list_options",
    [
        struct_size: u32, max_results: u32, max_items: u64, server_timeout_s: u32, reserved: u32,
        filter: *const c_char, select: *const c_char, expand: *const c_char, job_schedule_id: *const c_char,
        api_version: *const c_char, continuation: *const c_char,
    ],
    Self {
        struct_size: 0,
        max_results: 0,
        max_items: 0,
        server_timeout_s: 0,
        reserved: 0,
        filter: ptr::null(),
        select: ptr::null(),
        expand: ptr::null(),
        job_schedule_id: ptr::null(),
        api_version: ptr::null(),
        continuation: ptr::null(),
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
pub unsafe extern "C" fn batch_list_options_init(options: *mut batch_list_options_t, struct_size: u32) {
    guard_value((), || {
        // SAFETY: NULL or writable for `struct_size` bytes by contract.
        unsafe { sized::init(options, struct_size) };
    });
}

/// The options of the crate; NULL reads as the defaults.
///
/// # Safety
/// `options` is NULL or readable as [`sized::read`] says, its strings NULL or NUL-terminated.
pub(super) unsafe fn read(options: *const batch_list_options_t) -> Result<ListOptions> {
    // SAFETY: the caller's promise.
    let given = unsafe { sized::read(options) }?;
    if given.reserved != 0 {
        return Err(Error::new(Status::Unsupported, "reserved is not zero")
            .with_help("Fill the struct with batch_list_options_init."));
    }
    let text = |name: &str, pointer: *const c_char| {
        // SAFETY: the caller's promise about the strings.
        unsafe { owned_text(name, pointer) }
    };
    Ok(ListOptions {
        max_results: given.max_results,
        max_items: given.max_items,
        server_timeout_s: given.server_timeout_s,
        filter: text("filter", given.filter)?,
        select: text("select", given.select)?,
        expand: text("expand", given.expand)?,
        job_schedule_id: text("job_schedule_id", given.job_schedule_id)?,
        api_version: text("api_version", given.api_version)?,
        continuation: text("continuation", given.continuation)?,
    })
}
