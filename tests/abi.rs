//! The binary interface: what the shared library exports, what it needs, and what its header says.
//!
//! `tests/abi/contract.c` holds prototypes, numbers and layouts; `tests/abi/symbols.txt` the exact list
//! of exports. Both change only with what users are told.

#![allow(clippy::disallowed_methods, reason = "tests run the tools that look into libraries")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod programs;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use programs::{Compiler, Language, Library, WARNINGS, root};

fn library() -> &'static Library {
    static BUILT: OnceLock<Library> = OnceLock::new();
    BUILT.get_or_init(Library::build)
}

fn output(tool: &str, arguments: &[&str], file: &Path) -> String {
    let run = Command::new(tool).args(arguments).arg(file).output();
    let run = run.unwrap_or_else(|cause| panic!("{tool} (package binutils) cannot be run: {cause}"));
    assert!(run.status.success(), "{tool}: {run:?}");
    String::from_utf8(run.stdout).expect("tools write text")
}

fn header() -> String {
    std::fs::read_to_string(root().join("include/batch_auth.h")).expect("the header is there")
}

/// A function of the header: its name, and the comment before it.
struct Declared {
    name: String,
    comment: String,
}

/// Every function that the header declares.
fn declared(header: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut comment = String::new();
    let mut rest = header;
    while let Some(start) = rest.find("/*") {
        let after = rest.get(start..).unwrap_or_default();
        let end = after.find("*/").map_or(after.len(), |end| end + 2);
        let (text, behind) = after.split_at(end);
        text.clone_into(&mut comment);
        let code = behind.find("/*").map_or(behind, |next| behind.get(..next).unwrap_or_default());
        for (at, statement) in code.split("BATCH_API").skip(1).enumerate() {
            let name = statement.split('(').next().unwrap_or_default();
            let name = name.rsplit(|c: char| c.is_whitespace() || c == '*').next().unwrap_or_default();
            if name.starts_with("batch_") {
                // A comment belongs to the first declaration behind it.
                let comment = if at == 0 { comment.clone() } else { String::new() };
                found.push(Declared { name: name.to_owned(), comment });
            }
        }
        rest = behind;
    }
    found
}

fn exported() -> BTreeSet<String> {
    let listed = output("nm", &["--dynamic", "--defined-only", "--format=posix"], &library().shared);
    listed.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
}

#[test]
fn exports_are_exactly_those_of_the_list() {
    let list = std::fs::read_to_string(root().join("tests/abi/symbols.txt")).expect("the list is there");
    let names: Vec<&str> = list.lines().collect();
    assert!(names.is_sorted(), "tests/abi/symbols.txt is sorted");
    let listed: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
    let exported = exported();
    let (new, gone) = (&exported - &listed, &listed - &exported);
    assert!(
        new.is_empty() && gone.is_empty(),
        "new: {new:?}, gone: {gone:?}\nIf that is meant, repair the list and tell users in CHANGELOG.md:\n  \
         nm -D --defined-only target/debug/libbatch_auth.so | awk '{{print $3}}' | LC_ALL=C sort > tests/abi/symbols.txt"
    );
}

#[test]
fn every_export_is_declared_and_every_declaration_exported() {
    let declared: BTreeSet<String> = declared(&header()).into_iter().map(|found| found.name).collect();
    let exported = exported();
    let (undeclared, missing) = (&exported - &declared, &declared - &exported);
    assert!(
        undeclared.is_empty() && missing.is_empty(),
        "not in the header: {undeclared:?}, not in the library: {missing:?}\nTo make the header again: make header"
    );
}

#[test]
fn static_library_has_the_same_functions() {
    let listed = output("nm", &["--defined-only", "--extern-only", "--format=posix"], &library().archive);
    let ours = |line: &str| {
        let mut words = line.split(' ');
        let (name, kind) = (words.next()?, words.next()?);
        (kind == "T" && name.starts_with("batch_")).then(|| name.to_owned())
    };
    let defined: BTreeSet<String> = listed.lines().filter_map(ours).collect();
    assert_eq!(defined, exported());
}

#[test]
fn every_function_is_documented_with_threads_and_version() {
    let functions = declared(&header());
    assert!(functions.len() > 40, "the header has {} functions only", functions.len());
    for Declared { name, comment } in functions {
        let words = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.to_lowercase().contains("thread"), "{name} does not say which threads may call it");
        assert!(words.contains("Since "), "{name} does not say since when it is there");
        assert!(words.len() > 60, "{name} is hardly documented: {words}");
    }
}

#[test]
fn contract_holds_in_c_and_in_cpp() {
    let compiler = Compiler::system();
    let contract = root().join("tests/abi/contract.c");
    // _Static_assert came with C11.
    let languages = [(Language::C, 1), (Language::Cpp, 0)];
    for (language, first) in languages {
        for names in language.standards().iter().skip(first) {
            let standard = compiler.standard(language, names).expect("the standards are known");
            let arguments = [
                vec![format!("-std={standard}"), "-fsyntax-only".into()],
                WARNINGS.map(String::from).to_vec(),
            ];
            let run = compiler.run(language, arguments.concat(), [&contract]);
            assert!(run.status.success(), "{standard}: {}", String::from_utf8_lossy(&run.stderr));
        }
    }
}

/// A contract that is broken does not compile: each line of a kind is seen to fail once.
#[test]
fn broken_contract_does_not_compile() {
    let compiler = Compiler::system();
    let contract = std::fs::read_to_string(root().join("tests/abi/contract.c")).expect("the contract");
    let directory = tempfile::tempdir().expect("a directory");
    let broken = directory.path().join("broken.c");
    let changes = [
        ("SAME(BATCH_E_TLS, 301);", "SAME(BATCH_E_TLS, 302);"),
        ("FLAG(BATCH_CALL_NO_IO, 2);", "SAME(BATCH_CALL_NO_IO, 2);"),
        ("AT(batch_call_options_t, cancel, 16, 8);", "AT(batch_call_options_t, cancel, 8, 8);"),
        ("IS(uint64_t, list->max_items);", "IS(int64_t, list->max_items);"),
        ("typedef struct batch_token batch_token_t;", "typedef struct batch_job batch_token_t;"),
        ("BATCH_API int32_t batch_has_feature(", "BATCH_API uint32_t batch_has_feature("),
        ("BATCH_API const char *batch_version(void);", "BATCH_API const char *batch_version(int);"),
    ];
    for (language, standard) in [(Language::C, "c11"), (Language::Cpp, "c++11")] {
        for (right, wrong) in changes {
            // C++ calls functions of other arguments other functions, outside of extern "C".
            let text = contract.replacen(right, wrong, 1);
            assert_ne!(text, contract, "the contract says: {right}");
            std::fs::write(&broken, text).expect("a file");
            let arguments = [
                vec![format!("-std={standard}"), "-fsyntax-only".into()],
                WARNINGS.map(String::from).to_vec(),
            ];
            let run = compiler.run(language, arguments.concat(), [&broken]);
            assert!(!run.status.success(), "{standard} took {wrong}");
        }
    }
}

/// Entries of the dynamic section with this tag: what stands in brackets, or the flags.
fn dynamic(tag: &str) -> Vec<String> {
    let section = output("readelf", &["--dynamic", "--wide"], &library().shared);
    let lines = section.lines().filter(|line| line.contains(&format!("({tag})")));
    lines
        .map(|line| match line.split_once('[') {
            Some((_, rest)) => rest.trim_end().trim_end_matches(']').to_owned(),
            None => line.rsplit(')').next().unwrap_or_default().trim().to_owned(),
        })
        .collect()
}

#[test]
fn shared_library_is_named_by_its_major_version() {
    assert_eq!(dynamic("SONAME"), ["libbatch_auth.so.0"]);
}

/// Its threads and thread-locals outlive a dlclose, so its code has to stay.
#[test]
fn shared_library_stays_loaded_after_dlclose() {
    let flags = dynamic("FLAGS_1");
    assert!(flags.iter().any(|flags| flags.contains("NODELETE")), "{flags:?}");
}

#[test]
fn shared_library_needs_the_c_library_and_nothing_else() {
    let needed: BTreeSet<String> = dynamic("NEEDED").into_iter().collect();
    // The loader's name differs from machine to machine; it is part of the C library.
    let others: Vec<&str> =
        needed.iter().map(String::as_str).filter(|name| !name.starts_with("ld-linux")).collect();
    assert_eq!(others, ["libc.so.6", "libgcc_s.so.1", "libm.so.6"], "neither OpenSSL nor anything like it");
}

/// Nothing of ours runs with a stack or a section that can be written and executed.
#[test]
fn shared_library_has_no_executable_stack_and_no_text_relocations() {
    let headers = output("readelf", &["--program-headers", "--wide"], &library().shared);
    let stack = headers.lines().find(|line| line.contains("GNU_STACK")).expect("a stack is declared");
    assert!(!stack.contains("RWE"), "{stack}");
    assert_eq!(dynamic("TEXTREL"), Vec::<String>::new());
}
