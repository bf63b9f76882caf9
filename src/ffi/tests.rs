//! What holds for every export: the guard is there, and NULL is survived.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unit_arg,
    clippy::too_many_lines,
    reason = "a table of one-line calls, all with NULL, which every export allows"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::ptr::{null, null_mut};

use super::guard::inject;
use super::*;

/// What an export did: a status, or something that shows it fell back to its safe value.
#[derive(Debug, PartialEq)]
enum Outcome {
    Status(batch_status_t),
    Fallback(bool),
}
use Outcome::{Fallback, Status};

type Row = (&'static str, fn() -> Outcome);

/// Every export, called with NULL wherever that can be.
fn exports() -> Vec<Row> {
    vec![
        ("batch_version", || Fallback(!batch_version().is_null())),
        ("batch_abi_version", || Fallback(batch_abi_version() == 0)),
        ("batch_has_feature", || Fallback(unsafe { batch_has_feature(null()) } == 0)),
        ("batch_status_name", || Fallback(!batch_status_name(0).is_null())),
        ("batch_error_status", || Status(unsafe { batch_error_status(null()) })),
        ("batch_error_message", || Fallback(unsafe { batch_error_message(null()) }.is_null())),
        ("batch_error_help", || Fallback(unsafe { batch_error_help(null()) }.is_null())),
        ("batch_error_service_code", || Fallback(unsafe { batch_error_service_code(null()) }.is_null())),
        ("batch_error_request_id", || Fallback(unsafe { batch_error_request_id(null()) }.is_null())),
        ("batch_error_http_status", || Fallback(unsafe { batch_error_http_status(null()) } == 0)),
        ("batch_error_is_retryable", || Fallback(unsafe { batch_error_is_retryable(null()) } == 0)),
        ("batch_error_retry_after_ms", || Fallback(unsafe { batch_error_retry_after_ms(null()) } == -1)),
        ("batch_error_json", || Fallback(unsafe { batch_error_json(null(), null_mut()) }.is_null())),
        ("batch_error_free", || done(unsafe { batch_error_free(null_mut()) })),
        ("batch_cancel_new", || {
            let cancel = batch_cancel_new();
            let fell_back = cancel.is_null();
            unsafe { batch_cancel_free(cancel) };
            Fallback(fell_back)
        }),
        ("batch_cancel_trigger", || done(unsafe { batch_cancel_trigger(null_mut()) })),
        ("batch_cancel_free", || done(unsafe { batch_cancel_free(null_mut()) })),
        ("batch_auth_options_init", || done(unsafe { batch_auth_options_init(null_mut(), 0) })),
        ("batch_auth_new_client_secret", || {
            Status(unsafe {
                batch_auth_new_client_secret(null(), null(), null(), null(), null_mut(), null_mut())
            })
        }),
        ("batch_auth_new_static_token", || {
            Status(unsafe { batch_auth_new_static_token(null(), 0, null(), null_mut(), null_mut()) })
        }),
        ("batch_sink_assertion", || Status(unsafe { batch_sink_assertion(null_mut(), null()) })),
        ("batch_sink_token", || Status(unsafe { batch_sink_token(null_mut(), null(), 0) })),
        ("batch_sink_fail", || Status(unsafe { batch_sink_fail(null_mut(), 0, null()) })),
        ("batch_auth_new_client_assertion", || {
            Status(unsafe {
                batch_auth_new_client_assertion(
                    null(),
                    null(),
                    None,
                    null_mut(),
                    None,
                    null(),
                    null_mut(),
                    null_mut(),
                )
            })
        }),
        ("batch_auth_new_workload_identity", || {
            Status(unsafe {
                batch_auth_new_workload_identity(null(), null(), null(), null(), null_mut(), null_mut())
            })
        }),
        ("batch_auth_new_on_behalf_of", || {
            Status(unsafe {
                batch_auth_new_on_behalf_of(null(), null(), null(), null(), null(), null_mut(), null_mut())
            })
        }),
        ("batch_auth_new_callback", || {
            Status(unsafe { batch_auth_new_callback(None, null_mut(), None, null(), null_mut(), null_mut()) })
        }),
        ("batch_auth_retain", || Fallback(unsafe { batch_auth_retain(null_mut()) }.is_null())),
        ("batch_auth_free", || done(unsafe { batch_auth_free(null_mut()) })),
        ("batch_call_options_init", || done(unsafe { batch_call_options_init(null_mut(), 0) })),
        ("batch_get_token", || {
            Status(unsafe { batch_get_token(null_mut(), null(), null_mut(), null_mut()) })
        }),
        ("batch_copy_token", || {
            Status(unsafe {
                batch_copy_token(null_mut(), null(), null_mut(), 0, null_mut(), null_mut(), null_mut())
            })
        }),
        ("batch_token_value", || Fallback(unsafe { batch_token_value(null(), null_mut()) }.is_null())),
        ("batch_token_expires_on", || Fallback(unsafe { batch_token_expires_on(null()) } == 0)),
        ("batch_token_refresh_on", || Fallback(unsafe { batch_token_refresh_on(null()) } == 0)),
        ("batch_token_acquired_on", || Fallback(unsafe { batch_token_acquired_on(null()) } == 0)),
        ("batch_token_claims", || Fallback(unsafe { batch_token_claims(null(), null_mut()) }.is_null())),
        ("batch_token_free", || done(unsafe { batch_token_free(null_mut()) })),
        ("batch_list_options_init", || done(unsafe { batch_list_options_init(null_mut(), 0) })),
        ("batch_list_jobs", || {
            Status(unsafe { batch_list_jobs(null_mut(), null(), null(), null_mut(), null_mut()) })
        }),
        ("batch_jobs_next", || {
            Status(unsafe { batch_jobs_next(null_mut(), null(), null_mut(), null_mut()) })
        }),
        ("batch_jobs_continuation", || Fallback(unsafe { batch_jobs_continuation(null()) }.is_null())),
        ("batch_jobs_free", || done(unsafe { batch_jobs_free(null_mut()) })),
        ("batch_job_id", || Fallback(unsafe { batch_job_id(null()) }.is_null())),
        ("batch_job_display_name", || Fallback(unsafe { batch_job_display_name(null()) }.is_null())),
        ("batch_job_state", || Fallback(unsafe { batch_job_state(null()) } == 0)),
        ("batch_job_state_text", || Fallback(unsafe { batch_job_state_text(null()) }.is_null())),
        ("batch_job_priority", || Fallback(unsafe { batch_job_priority(null(), -7) } == -7)),
        ("batch_job_creation_time_ms", || Fallback(unsafe { batch_job_creation_time_ms(null(), -7) } == -7)),
        ("batch_job_pool_id", || Fallback(unsafe { batch_job_pool_id(null()) }.is_null())),
        ("batch_job_json", || Fallback(unsafe { batch_job_json(null(), null_mut()) }.is_null())),
        ("batch_log_set", || Status(unsafe { batch_log_set(-1, None, null_mut(), None) })),
    ]
}

fn done((): ()) -> Outcome {
    Fallback(true)
}

/// Exports that return a status of their own rather than how the call ended.
const NOT_AN_ENDING: &str = "batch_error_status";

#[test]
fn a_panic_in_any_export_ends_at_the_border() {
    for (name, call) in exports() {
        inject::ask();
        let outcome = call();
        let passed_by = inject::withdraw();
        assert!(!passed_by, "{name} has no guard around its body");
        match outcome {
            Status(status) if name == NOT_AN_ENDING => assert_eq!(status, BATCH_OK),
            Status(status) => assert_eq!(status, BATCH_E_PANIC, "{name}"),
            Fallback(fell_back) => assert!(fell_back, "{name} returned something else than its fallback"),
        }
    }
}

#[test]
fn the_error_of_a_panic_says_that_it_is_a_defect_of_the_library() {
    let mut err = null_mut();
    inject::ask();
    // SAFETY: NULL is allowed, `err` is writable.
    let status = unsafe { batch_get_token(null_mut(), null(), null_mut(), &raw mut err) };
    assert_eq!(status, BATCH_E_PANIC);
    // SAFETY: filled by the call above.
    let message = unsafe { std::ffi::CStr::from_ptr(batch_error_message(err)) };
    assert!(message.to_str().unwrap().contains("defect"), "{message:?}");
    // SAFETY: as above, and not used again.
    unsafe { batch_error_free(err) };
}

#[test]
fn null_is_survived_by_every_export() {
    for (name, call) in exports() {
        match call() {
            Status(status) if name == NOT_AN_ENDING => assert_eq!(status, BATCH_OK),
            Status(status) => assert_eq!(status, BATCH_E_INVALID_ARGUMENT, "{name}"),
            Fallback(_) => {}
        }
    }
}

#[test]
fn the_table_of_exports_is_complete() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ffi");
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(sources).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap() == "tests.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for (_, rest) in text.split("#[unsafe(no_mangle)]").skip(1).map(|part| part.split_at(0)) {
            let name = rest.split("extern \"C\" fn ").nth(1).unwrap().split('(').next().unwrap();
            assert!(found.insert(name.to_owned()), "{name} is exported twice");
        }
    }
    let listed: BTreeSet<String> = exports().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed, "add the export to the table in this file");
}

#[test]
fn statuses_have_the_same_numbers_and_names_on_both_sides() {
    for status in crate::error::Status::ALL {
        // SAFETY: a static string.
        let name = unsafe { std::ffi::CStr::from_ptr(batch_status_name(*status as i32)) };
        assert_eq!(name.to_str(), Ok(status.name()));
    }
    // SAFETY: a static string.
    let unknown = unsafe { std::ffi::CStr::from_ptr(batch_status_name(-1)) };
    assert_eq!(unknown, c"BATCH_E_UNKNOWN");
}

#[test]
fn the_version_is_that_of_the_crate() {
    let constants = [BATCH_AUTH_VERSION_MAJOR, BATCH_AUTH_VERSION_MINOR, BATCH_AUTH_VERSION_PATCH];
    let text = constants.map(|number| number.to_string()).join(".");
    assert_eq!(text, env!("CARGO_PKG_VERSION"));
    // SAFETY: a static string.
    assert_eq!(unsafe { std::ffi::CStr::from_ptr(batch_version()) }.to_str(), Ok(text.as_str()));
}
