//! The library's own files, built for the programs to link to.
//!
//! Built by `cargo build --lib` into the target directory and profile of the running test; cargo
//! says where the files are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{Linkage, root};

/// What a program links to besides libbatch_auth.a. To compare with what rustc asks for:
/// `cargo rustc --lib --crate-type staticlib -- --print native-static-libs`.
const NATIVE_STATIC_LIBS: [&str; 6] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];

/// The library as an installation has it.
#[derive(Debug)]
pub(crate) struct Library {
    /// Links or copies under the names that linkers and loaders look for.
    directory: TempDir,
    pub(crate) shared: PathBuf,
    pub(crate) archive: PathBuf,
}

impl Library {
    /// Builds it, in the target directory and profile of this test.
    pub(crate) fn build() -> Self {
        let directory = profile_directory();
        let profile = directory.file_name().and_then(|name| name.to_str()).expect("a profile has a name");
        let target = directory.parent().expect("a profile is in a target directory");
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(root())
            .args(["build", "--lib", "--package", "batch-auth", "--message-format=json"])
            .arg("--target-dir")
            .arg(target)
            .args(["--profile", if profile == "debug" { "dev" } else { profile }])
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo can be run");
        assert!(output.status.success(), "cargo build --lib failed");
        let files = files_of("batch_auth", &String::from_utf8_lossy(&output.stdout));
        let find = |extension: &str| {
            let file = files.iter().find(|file| file.extension().is_some_and(|found| found == extension));
            file.unwrap_or_else(|| panic!("cargo built no .{extension}: {files:?}"))
        };
        let directory = tempfile::tempdir().expect("a directory for the library");
        // Copies: a build that goes on meanwhile must not change them under a running program.
        let place = |from: &Path, name: &str| {
            let to = directory.path().join(name);
            std::fs::copy(from, &to).expect("the library can be copied");
            to
        };
        let shared = place(find("so"), "libbatch_auth.so.0");
        std::os::unix::fs::symlink("libbatch_auth.so.0", directory.path().join("libbatch_auth.so"))
            .expect("a link to the library");
        let archive = place(find("a"), "libbatch_auth.a");
        strip(&archive);
        Self { directory, shared, archive }
    }

    /// What to pass to the compiler to link a program to it.
    pub(crate) fn link_arguments(&self, linkage: Linkage) -> Vec<String> {
        match linkage {
            Linkage::Dynamic => {
                let directory = self.directory.path().display();
                vec![format!("-L{directory}"), format!("-Wl,-rpath,{directory}"), "-lbatch_auth".into()]
            }
            Linkage::Static => std::iter::once(self.archive.display().to_string())
                .chain(NATIVE_STATIC_LIBS.iter().map(ToString::to_string))
                .collect(),
        }
    }
}

/// Takes the debug information out, with which each link would take twice as long.
fn strip(archive: &Path) {
    let stripped = Command::new("strip").arg("--strip-debug").arg(archive).status();
    assert!(stripped.is_ok_and(|status| status.success()), "strip (package binutils) failed");
}

/// The directory of the profile that this test was built in.
fn profile_directory() -> PathBuf {
    let program = std::env::current_exe().expect("a test knows its own path");
    program.ancestors().nth(2).expect("tests are in {profile}/deps").to_owned()
}

/// The files that cargo says it made for the library target `name`.
fn files_of(name: &str, messages: &str) -> Vec<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let says = |message: &Value, place: &str, text: &str| {
        message.pointer(place).and_then(Value::as_str).is_some_and(|said| said == text)
    };
    messages
        .filter(|message| {
            says(message, "/reason", "compiler-artifact") && says(message, "/target/name", name)
        })
        .filter_map(|message| message.get("filenames")?.as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .collect()
}
