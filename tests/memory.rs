//! Memory stays at two pages, however many jobs there are.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod programs;

use std::path::Path;
use std::process::Command;

use batch_auth_emulator::{Config, Emulator, fixtures};
use programs::{Compiler, Language, Library, Linkage, WARNINGS};

/// How much more than for one page may be resident for a hundred of them.
const LIMIT_KIB: u64 = 16 * 1024;

#[test]
#[expect(clippy::disallowed_methods, reason = "runs a C program")]
fn a_hundred_thousand_jobs_take_at_most_16_mib_more_than_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("list_memory");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/list_memory.c");
    let library = Library::build();
    let output = ["-std=c99", "-o"].into_iter().chain(program.to_str()).map(String::from);
    let arguments = WARNINGS.map(String::from).into_iter().chain(output);
    let linked = library.link_arguments(Linkage::Dynamic);
    let files = [source.display().to_string(), "-x".into(), "none".into()].into_iter().chain(linked);
    let compiled = Compiler::system().run(Language::C, arguments, files);
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));

    let emulator = Emulator::start(Config { jobs: 100_000, ..Config::default() }).unwrap();
    let app = fixtures::READER;
    let listed = |most: &str| {
        let output = Command::new(&program)
            .arg(most)
            .env("EMULATOR_ENTRA", emulator.entra_url())
            .env("EMULATOR_BATCH_CONTOSO", emulator.batch_url("contoso"))
            .env("EMULATOR_CA", emulator.ca_path())
            .env("EMULATOR_TENANT", app.tenant.id)
            .env("EMULATOR_CLIENT_ID", app.client_id)
            .env("EMULATOR_CLIENT_SECRET", app.secret)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (count, peak) = text.trim().split_once(' ').unwrap();
        (count.parse::<u64>().unwrap(), peak.parse::<u64>().unwrap())
    };
    let (one_page, all) = (listed("1000"), listed("0"));
    assert_eq!((one_page.0, all.0), (1_000, 100_000));
    let more = all.1.saturating_sub(one_page.1);
    assert!(more <= LIMIT_KIB, "{more} KiB more than for one page, which takes {} KiB", one_page.1);
}
