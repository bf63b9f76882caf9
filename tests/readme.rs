//! The README's program is a program: it compiles without a warning, and lists jobs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use batch_auth_emulator::{Config, Emulator, fixtures};

mod programs;

use programs::{Compiler, Language, Library, Linkage};

#[test]
#[expect(clippy::disallowed_methods, reason = "compiles and runs a C program")]
fn the_readmes_program_lists_the_jobs_of_an_account() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let program = readme.split("```c\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (source, binary) = (folder.path().join("readme.c"), folder.path().join("readme"));
    fs::write(&source, program).unwrap();
    let library = Library::build();
    let warnings = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o"].map(String::from);
    let arguments = warnings.into_iter().chain([binary.display().to_string()]);
    let linked =
        ["-x".to_owned(), "none".to_owned()].into_iter().chain(library.link_arguments(Linkage::Dynamic));
    let files = [source.display().to_string()].into_iter().chain(linked);
    let compiled = Compiler::system().run(Language::C, arguments, files);
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));

    let emulator = Emulator::start(Config::default()).unwrap();
    let run = |secret: &str| {
        Command::new(&binary)
            .env_clear()
            .env("AZURE_TENANT_ID", fixtures::CONTOSO.id)
            .env("AZURE_CLIENT_ID", fixtures::READER.client_id)
            .env("AZURE_CLIENT_SECRET", secret)
            .env("AZURE_AUTHORITY_HOST", emulator.entra_url())
            .env("AZURE_BATCH_ENDPOINT", emulator.batch_url("contoso"))
            .env("SSL_CERT_FILE", emulator.ca_path())
            .output()
            .unwrap()
    };
    let listed = run(fixtures::READER.secret);
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 2500);

    let refused = run("wrong");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("AADSTS7000215"));
}
