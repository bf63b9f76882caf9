//! The C compilers of this machine, and how the standards are called by each.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{HARNESS, Library, Linkage, root, sources};

/// What all our C is clean under. The matrix adds nothing to it.
pub(crate) const WARNINGS: [&str; 6] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"];

/// The language that a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    C,
    Cpp,
}

impl Language {
    fn flag(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cpp => "c++",
        }
    }

    /// The standards to hold, each with the names that compilers have for it, newest first.
    pub(crate) fn standards(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::C => &[&["c99"], &["c11"], &["c17"], &["c23", "c2x"]],
            Self::Cpp => &[&["c++11"], &["c++14"], &["c++17"], &["c++20"], &["c++23", "c++2b"]],
        }
    }
}

/// A compiler of C and C++.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    program: PathBuf,
    flags: Vec<String>,
}

impl Compiler {
    /// The system's, as the crate `cc` finds it: CC, CFLAGS and all that.
    pub(crate) fn system() -> Self {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let tool = cc::Build::new()
            .cargo_metadata(false)
            .cargo_warnings(false)
            .host(&target)
            .target(&target)
            .opt_level(0)
            .debug(true)
            // Ours come with each run; `false` would add -w, which silences them.
            .warnings(true)
            .get_compiler();
        let flags = tool.args().iter().map(|flag| flag.to_string_lossy().into_owned());
        Self { program: tool.path().to_owned(), flags: flags.collect() }
    }

    /// The compiler of this name, if it is installed.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = Command::new(name).arg("--version").output().ok()?;
        found.status.success().then(|| Self { program: name.into(), flags: Vec::new() })
    }

    pub(crate) fn name(&self) -> String {
        self.program.display().to_string()
    }

    /// The first of these names that this compiler knows.
    pub(crate) fn standard(&self, language: Language, names: &[&'static str]) -> Option<&'static str> {
        let empty = tempfile::Builder::new().suffix(".c").tempfile().expect("an empty file");
        names.iter().copied().find(|name| {
            let arguments = [format!("-std={name}"), "-fsyntax-only".into()];
            self.run(language, arguments, [empty.path()]).status.success()
        })
    }

    /// Runs it over these files.
    pub(crate) fn run<A: AsRef<OsStr>, F: AsRef<OsStr>>(
        &self,
        language: Language,
        arguments: impl IntoIterator<Item = A>,
        files: impl IntoIterator<Item = F>,
    ) -> Output {
        Command::new(&self.program)
            .args(&self.flags)
            .arg("-I")
            .arg(root().join("include"))
            .args(arguments)
            .args(["-x", language.flag()])
            .args(files)
            .output()
            .unwrap_or_else(|cause| panic!("{} cannot be run: {cause}", self.program.display()))
    }

    /// Compiles the harness, once for all programs that it is linked to.
    pub(crate) fn harness(
        &self,
        dialect: (Language, &str),
        directory: &Path,
    ) -> Result<Vec<PathBuf>, String> {
        let object = |name: &&str| {
            let object = directory.join(name).with_extension("o");
            let mut arguments = Self::arguments(dialect, &object);
            arguments.push("-c".into());
            self.checked(dialect.0, arguments, &[sources().join(name).display().to_string()])?;
            Ok(object)
        };
        HARNESS.iter().map(object).collect()
    }

    /// Compiles a program of `tests/c` and links it; says what is wrong with it.
    pub(crate) fn link(
        &self,
        dialect: (Language, &str),
        (source, harness): (&Path, &[PathBuf]),
        (library, linkage): (&Library, Linkage),
        program: &Path,
    ) -> Result<(), String> {
        let mut files = vec![source.display().to_string(), "-x".into(), "none".into()];
        files.extend(harness.iter().map(|object| object.display().to_string()));
        // Libraries come after what needs them.
        files.extend(library.link_arguments(linkage));
        self.checked(dialect.0, Self::arguments(dialect, program), &files)
    }

    fn arguments((_, standard): (Language, &str), made: &Path) -> Vec<String> {
        let mut arguments = vec![format!("-std={standard}"), "-g".into(), "-pthread".into()];
        arguments.extend(WARNINGS.map(String::from));
        arguments.extend(["-o".into(), made.display().to_string()]);
        arguments
    }

    fn checked(&self, language: Language, arguments: Vec<String>, files: &[String]) -> Result<(), String> {
        let output = self.run(language, arguments, files);
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{}: {}", files.join(" "), String::from_utf8_lossy(&output.stderr)))
    }
}

/// gcc and clang, as far as they are installed.
pub(crate) fn compilers() -> Vec<(&'static str, Option<Compiler>)> {
    ["gcc", "clang"].map(|name| (name, Compiler::named(name))).to_vec()
}
