//! Makes the C header out of `src/ffi`, and names the shared library.
//!
//! The header goes to OUT_DIR only: a build does not write into its sources. `make header` copies
//! it to `include/`, and the test `header_is_current` holds the two together.

#![allow(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/ffi");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=cbindgen.toml");
    let source = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let header = PathBuf::from(env::var("OUT_DIR")?).join("batch_auth.h");
    let config = cbindgen::Config::from_file(source.join("cbindgen.toml"))?;
    let mut text = Vec::new();
    cbindgen::Builder::new()
        .with_config(config)
        .with_src(source.join("src/ffi/mod.rs"))
        .generate()?
        .write(&mut text);
    fs::write(&header, unsigned_flags(&String::from_utf8(text)?))?;
    println!("cargo::rustc-env=BATCH_AUTH_GENERATED_HEADER={}", header.display());

    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let major = env::var("CARGO_PKG_VERSION_MAJOR")?;
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libbatch_auth.so.{major}");
        // Its threads and thread-locals outlive a dlclose, so the code has to stay as well.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    Ok(())
}

/// Writes flags as unsigned numbers, as the `uint32_t` members they go into; cbindgen knows no
/// suffix for those.
fn unsigned_flags(header: &str) -> String {
    let mut out = String::with_capacity(header.len() + 16);
    for line in header.lines() {
        let name = line.strip_prefix("#define ").unwrap_or_default();
        let flag = name.starts_with("BATCH_CALL_")
            || (name.starts_with("BATCH_AUTH_") && !name.starts_with("BATCH_AUTH_VERSION_"));
        out.push_str(line);
        out.push_str(if flag && line.ends_with(|last: char| last.is_ascii_digit()) { "u\n" } else { "\n" });
    }
    out
}
