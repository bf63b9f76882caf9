//! Every C test under valgrind: no leak, no read or write outside of what is allocated.
//!
//! Against the shared library as `cargo test` builds it otherwise, but lightly optimised: the code
//! of a plain debug build takes valgrind several times as long. And with fewer jobs, since the
//! memory of a page is the same for ten jobs as for a thousand.

#![allow(clippy::disallowed_methods, reason = "tests run programs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod programs;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use programs::{Compiler, Language, Library, Linkage, Suite, root, skip};

/// 250 jobs: three pages in the tests that count pages.
const JOBS: usize = 250;
/// Of one test; most take two or three seconds.
const LIMIT: Duration = Duration::from_secs(120);

fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|found| found.status.success())
}

fn wrapper() -> Vec<String> {
    let suppressions = root().join("tests/valgrind.supp");
    let mut words: Vec<String> = [
        "valgrind",
        "--quiet",
        "--leak-check=full",
        "--show-leak-kinds=definite",
        "--errors-for-leak-kinds=definite",
        "--error-exitcode=99",
        // Threads take turns fairly, so that nothing starves.
        "--fair-sched=yes",
    ]
    .map(String::from)
    .to_vec();
    words.push(format!("--suppressions={}", suppressions.display()));
    words
}

/// The library where it has a directory of its own: cargo keeps one for each set of settings.
fn library() -> Library {
    let program = std::env::current_exe().expect("a test knows its own path");
    let target = program.ancestors().nth(3).unwrap_or_else(|| Path::new("target")).join("valgrind");
    Library::build_in(&target, "dev", &[("CARGO_PROFILE_DEV_OPT_LEVEL", "1")])
}

#[test]
fn c_tests_pass_under_valgrind() {
    if !is_installed() {
        return skip("valgrind", "it is not installed (Debian: apt-get install valgrind)");
    }
    let mut suite = Suite::compile(&Compiler::system(), (Language::C, "c99"), library(), Linkage::Dynamic);
    suite.wrapper = wrapper();
    suite.jobs = JOBS;
    suite.limit = LIMIT;
    suite.run();
}

/// The check itself finds something.
#[test]
fn leak_is_found() {
    if !is_installed() {
        return skip("valgrind", "it is not installed (Debian: apt-get install valgrind)");
    }
    let directory = tempfile::tempdir().expect("a directory");
    let (source, program) = (directory.path().join("leak.c"), directory.path().join("leak"));
    let text = "#include <stdlib.h>\nint main(void)\n{\n  volatile char *p = malloc(8);\n  p[0] = 1;\n  p = 0;\n  return 0;\n}\n";
    std::fs::write(&source, text).expect("a file");
    let output =
        Compiler::system().run(Language::C, ["-o".to_owned(), program.display().to_string()], [&source]);
    assert!(output.status.success(), "{output:?}");
    let words = wrapper();
    let (tool, arguments) = words.split_first().expect("a command");
    let status = Command::new(tool).args(arguments).arg(&program).output().expect("valgrind runs").status;
    assert_eq!(status.code(), Some(99));
}
