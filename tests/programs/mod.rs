//! Builds the C programs of `tests/c` against the library, and runs each of their tests.
//!
//! One process and one emulator a test, four tests at a time, each with a time limit. What differs
//! between the suites (linkage, a tool such as valgrind around the program) is in [`Suite`].
//! Shared by `c_programs.rs`, `c_matrix.rs`, `valgrind.rs` and `abi.rs`.

#![allow(dead_code, unused_imports, reason = "each suite uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "tests run compilers and programs, and measure no time")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![allow(clippy::print_stderr, reason = "what a suite left out is said where its reader looks")]

mod artefacts;
mod compiler;
mod pool;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use artefacts::Library;
pub(crate) use compiler::{Compiler, Language, WARNINGS, compilers};
pub(crate) use pool::Suite;

/// Where the C sources are.
pub(crate) fn sources() -> PathBuf {
    root().join("tests/c")
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The harness, which is linked to every program.
pub(crate) const HARNESS: [&str; 3] = ["harness.c", "emulator.c", "json.c"];

/// The test programs: every other C file of `tests/c`.
pub(crate) fn programs() -> Vec<String> {
    let entries = std::fs::read_dir(sources()).expect("tests/c is there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".c") && !HARNESS.contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(names.len() > 5, "the programs of tests/c are missing: {names:?}");
    names
}

/// Says why something is left out; in CI, where everything can be had, that is a failure.
pub(crate) fn skip(what: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI cannot do without {what}: {why}");
    eprintln!("SKIPPED: {what}: {why}");
}

/// How the library is linked to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linkage {
    Dynamic,
    Static,
}

/// The time that one test has where nothing slows it down.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
