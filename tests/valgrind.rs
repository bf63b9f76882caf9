//! Every C test under valgrind: no leak, no read or write outside of what is allocated.
//!
//! Against the shared library as `cargo test` builds it anyway: an optimised build takes longer
//! than it saves. What costs time is the start of a process, whose code valgrind translates anew, so
//! the tests of a program share one; and there are fewer jobs, since the memory of a page is
//! the same for a hundred as for a thousand. To see which test it was: tests/README.md.

#![allow(clippy::disallowed_methods, reason = "tests run programs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod programs;

use std::process::Command;
use std::time::Duration;

use programs::{Compiler, Language, Library, Linkage, Suite, root, skip};

/// 250 jobs: three pages in the tests that count pages.
const JOBS: usize = 250;
/// Of one program with all its tests.
const LIMIT: Duration = Duration::from_secs(300);

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
        "--num-callers=40",
        // Threads take turns fairly, so that nothing starves.
        "--fair-sched=yes",
    ]
    .map(String::from)
    .to_vec();
    words.push(format!("--suppressions={}", suppressions.display()));
    words
}

#[test]
fn c_tests_pass_under_valgrind() {
    if !is_installed() {
        return skip("valgrind", "it is not installed (Debian: apt-get install valgrind)");
    }
    let mut suite =
        Suite::compile(&Compiler::system(), (Language::C, "c99"), Library::build(), Linkage::Dynamic);
    suite.wrapper = wrapper();
    suite.jobs = JOBS;
    suite.together = true;
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
