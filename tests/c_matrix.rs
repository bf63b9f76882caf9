//! Our C and C++ under every compiler and standard: the header, the harness, the programs, the
//! example.
//!
//! Read by gcc and clang as C99 to C23 and as C++11 to C++23, with warnings as errors; then built
//! and run once as C and once as C++ by each.

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod programs;

use std::path::PathBuf;
use std::sync::Mutex;

use programs::{
    Compiler, HARNESS, Language, Library, Linkage, Suite, WARNINGS, compilers, root, skip, sources,
};

/// Everything that is C: and the header twice over, which must do no harm.
fn files(twice: &std::path::Path) -> Vec<PathBuf> {
    let names = HARNESS.iter().map(ToString::to_string).chain(programs::programs());
    let mut files: Vec<PathBuf> = names.map(|name| sources().join(name)).collect();
    files.push(root().join("examples/list_jobs.c"));
    files.push(twice.to_owned());
    files
}

/// What a compiler says of our C in a language, standard by standard.
fn complaints(compiler: &Compiler, language: Language) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let twice = directory.path().join("twice.c");
    let text = "#include \"batch_auth.h\"\n#include \"batch_auth.h\"\n\nint twice(void);\n\
                int twice(void)\n{\n  return BATCH_OK;\n}\n";
    std::fs::write(&twice, text).expect("a file");
    let files = files(&twice);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for names in language.standards() {
            let (found, files) = (&found, &files);
            scope.spawn(move || {
                let standard = compiler.standard(language, names);
                let Some(standard) = standard else {
                    found.lock().expect("nobody panics").push(format!("{names:?} is not known"));
                    return;
                };
                let arguments = [
                    vec![format!("-std={standard}"), "-fsyntax-only".into()],
                    WARNINGS.map(String::from).to_vec(),
                ];
                let output = compiler.run(language, arguments.concat(), files);
                if !output.status.success() {
                    let said = String::from_utf8_lossy(&output.stderr);
                    found.lock().expect("nobody panics").push(format!("--- {standard}\n{said}"));
                }
            });
        }
    });
    found.into_inner().expect("nobody panics")
}

fn with_compiler(name: &str, work: impl Fn(&Compiler)) {
    let (_, compiler) = compilers().into_iter().find(|(known, _)| *known == name).expect("a known compiler");
    match compiler {
        Some(compiler) => work(&compiler),
        None => skip(name, "it is not installed (Debian: apt-get install clang)"),
    }
}

fn check(name: &str) {
    with_compiler(name, |compiler| {
        for language in [Language::C, Language::Cpp] {
            let found = complaints(compiler, language);
            assert!(found.is_empty(), "{name} as {language:?}:\n{}", found.join("\n"));
        }
    });
}

#[test]
fn gcc_takes_all_our_c_in_every_standard_of_c_and_cpp() {
    check("gcc");
}

#[test]
fn clang_takes_all_our_c_in_every_standard_of_c_and_cpp() {
    check("clang");
}

fn run(name: &str, dialect: (Language, &str)) {
    with_compiler(name, |compiler| {
        Suite::compile(compiler, dialect, Library::build(), Linkage::Dynamic).run();
    });
}

#[test]
fn programs_built_as_cpp_by_gcc_pass() {
    run("gcc", (Language::Cpp, "c++11"));
}

#[test]
fn programs_built_as_c_by_clang_pass() {
    run("clang", (Language::C, "c11"));
}

#[test]
fn programs_built_as_cpp_by_clang_pass() {
    run("clang", (Language::Cpp, "c++17"));
}

/// The check itself finds something: what C99 has and C++ has not, and a warning.
#[test]
fn code_that_is_not_clean_is_found() {
    let file = tempfile::Builder::new().suffix(".c").tempfile().expect("a file");
    let compiler = Compiler::named("gcc").expect("gcc is what we are built with");
    let takes = |text: &str, language, standard: &str| {
        std::fs::write(file.path(), text).expect("a file");
        let arguments =
            [vec![format!("-std={standard}"), "-fsyntax-only".into()], WARNINGS.map(String::from).to_vec()];
        compiler.run(language, arguments.concat(), [file.path()]).status.success()
    };
    let implicit = "void *f(void);\nchar *g(void);\nchar *g(void) { char *c = f(); return c; }\n";
    assert!(takes(implicit, Language::C, "c99"));
    assert!(!takes(implicit, Language::Cpp, "c++11"));
    assert!(!takes("int f(long x);\nint f(long x) { return x; }\n", Language::C, "c99"), "a conversion");
}
