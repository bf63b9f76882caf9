//! Every C test, against the shared library and against the static one.
//!
//! What is tested stands in `tests/c/*.c`; how it is built and run, in `tests/programs`.

mod programs;

use programs::{Compiler, Language, Library, Linkage, Suite};

fn run_all(linkage: Linkage) {
    Suite::compile(&Compiler::system(), (Language::C, "c99"), Library::build(), linkage).run();
}

#[test]
fn c_tests_pass_with_the_shared_library() {
    run_all(Linkage::Dynamic);
}

#[test]
fn c_tests_pass_with_the_static_library() {
    run_all(Linkage::Static);
}
