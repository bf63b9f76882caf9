//! The walls of the house: which room may import which, where unsafe code may live, and that the
//! committed C header is the one the sources make.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from top to bottom. A room may import those in the lines below its own, and nothing in
/// its own line or above.
const FLOORS: [&[&str]; 8] = [
    &["ffi"],
    &["auth"],
    &["credential", "batch"],
    &["entra"],
    &["token"],
    &["http"],
    &["runtime"],
    &["error", "secret", "system"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below a folder, with its path from there.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The room a file belongs to: the first part of its path.
fn room_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// Every `crate::room` that code names; comments may name any.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap())
        .filter(|name| !name.is_empty())
}

/// What is wrong with the imports of one file.
fn broken_walls(file: &str, text: &str) -> Vec<String> {
    let room = room_of(file);
    let own = floor(room).unwrap_or_else(|| panic!("{file}: no such room; add it to FLOORS"));
    let reaches_up = |other: &&str| *other != room && floor(other).is_none_or(|other| other <= own);
    let hidden = text.contains("use crate::{").then(|| format!("{file} hides rooms in `use crate::{{`"));
    let broken = imports(text).filter(reaches_up).map(|other| format!("{file} imports {other}"));
    broken.chain(hidden).collect()
}

#[test]
fn imports_point_one_way_only() {
    let rooms = files(&source()).into_iter().filter(|(file, _)| file != "lib.rs");
    let broken: Vec<String> = rooms.flat_map(|(file, text)| broken_walls(&file, &text)).collect();
    assert!(broken.is_empty(), "a room may import only what stands below it:\n{}", broken.join("\n"));
}

#[test]
fn an_import_against_the_order_is_found() {
    assert_eq!(broken_walls("token/x.rs", "use crate::entra::Client;"), ["token/x.rs imports entra"]);
    assert_eq!(broken_walls("batch/x.rs", "    crate::credential::f()"), ["batch/x.rs imports credential"]);
    assert_eq!(broken_walls("error.rs", "use crate::secret::Secret;"), ["error.rs imports secret"]);
    assert_eq!(broken_walls("token/x.rs", "use crate::{http, entra};").len(), 1);
    assert!(broken_walls("entra/x.rs", "use crate::token::Token; // crate::ffi").len() == 1);
    assert!(broken_walls("entra/x.rs", "/// See crate::ffi\nuse crate::entra::y;").is_empty());
}

#[test]
fn unsafe_code_lives_at_the_border_only() {
    let allowed = |file: &str| file.starts_with("ffi/") || file == "runtime/kernel.rs";
    for (file, text) in files(&source()).into_iter().filter(|(file, _)| !allowed(file)) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = code.flat_map(str::split_whitespace).any(|word| word == "unsafe");
        assert!(!found, "{file} holds unsafe code");
    }
}

#[test]
fn every_file_says_first_what_it_is() {
    for (file, text) in files(&source()) {
        let tests = file.ends_with("tests.rs");
        assert!(tests || text.starts_with("//!"), "{file} has no lines at its head");
    }
}

#[test]
fn the_header_is_current() {
    let made = fs::read_to_string(env!("BATCH_AUTH_GENERATED_HEADER")).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/batch_auth.h");
    #[expect(clippy::disallowed_methods, reason = "how `make header` says what it wants")]
    if std::env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(made == committed, "include/batch_auth.h differs from what the sources make: run `make header`");
}
