//! Runs tests, several at a time: each in a process of its own, with an emulator of its own.
//!
//! Under a tool that makes processes dear, the tests of a program can share one; the emulators stay
//! apart, so that nothing of one test is counted in another.

use std::collections::VecDeque;
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use batch_auth_emulator::{Config, Emulator};
use tempfile::TempDir;

use super::{Compiler, LIMIT, Language, Library, Linkage, programs, sources};

/// Tests that run at once.
const WORKERS: usize = 4;

/// Programs, and how to run their tests.
#[derive(Debug)]
pub(crate) struct Suite {
    programs: TempDir,
    /// Kept, since the programs load it from where it is.
    _library: Library,
    names: Vec<String>,
    /// What goes before the program, such as a debugger's command line.
    pub(crate) wrapper: Vec<String>,
    /// Jobs in the emulator's large account.
    pub(crate) jobs: usize,
    /// Whether all tests of a program run in one process.
    pub(crate) together: bool,
    /// The time that one process has.
    pub(crate) limit: Duration,
}

impl Suite {
    /// Compiles all programs with one compiler; panics with what it says of those that fail.
    pub(crate) fn compile(
        compiler: &Compiler,
        dialect: (Language, &str),
        library: Library,
        linkage: Linkage,
    ) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the programs");
        let harness = compiler.harness(dialect, directory.path()).unwrap_or_else(|said| panic!("{said}"));
        let work = Mutex::new(VecDeque::from(programs()));
        let failures = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(source) = take(&work) {
                        let program = directory.path().join(source.trim_end_matches(".c"));
                        let source = sources().join(source);
                        let linked =
                            compiler.link(dialect, (&source, &harness), (&library, linkage), &program);
                        failures.lock().unwrap_or_else(PoisonError::into_inner).extend(linked.err());
                    }
                });
            }
        });
        let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        let names = programs().iter().map(|name| name.trim_end_matches(".c").to_owned()).collect();
        Self {
            programs: directory,
            _library: library,
            names,
            wrapper: Vec::new(),
            jobs: 2_500,
            together: false,
            limit: LIMIT,
        }
    }

    /// Runs every test of every program and panics with the output of those that failed.
    pub(crate) fn run(&self) {
        let programs = self.names.iter().map(|name| (name.as_str(), self.tests(name)));
        let runs: VecDeque<(&str, Vec<String>)> = if self.together {
            programs.collect()
        } else {
            programs.flat_map(|(name, tests)| tests.into_iter().map(move |test| (name, vec![test]))).collect()
        };
        let count: usize = runs.iter().map(|(_, tests)| tests.len()).sum();
        assert!(count > 200, "only {count} tests were found");
        let work = Mutex::new(runs);
        let failures = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some((name, tests)) = take(&work) {
                        if let Err(failure) = self.run_tests(name, &tests) {
                            let failure = format!("--- {name} {}\n{failure}", tests.join(", "));
                            failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
                        }
                    }
                });
            }
        });
        let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
        assert!(failures.is_empty(), "{} of {count} C tests failed\n{}", failures.len(), failures.join("\n"));
    }

    /// The tests of a program, as it lists them.
    fn tests(&self, name: &str) -> Vec<String> {
        let listed = Command::new(self.programs.path().join(name)).arg("--list").output();
        let listed = listed.expect("a program can be run");
        assert!(listed.status.success(), "{name} --list: {listed:?}");
        let names = String::from_utf8(listed.stdout).expect("names are text");
        names.lines().map(str::to_owned).collect()
    }

    /// Runs these tests of a program in one process, with an emulator each.
    fn run_tests(&self, name: &str, tests: &[String]) -> Result<(), String> {
        let mut emulators = Vec::new();
        let mut input = tempfile::tempfile().expect("a file");
        for test in tests {
            let config = Config { jobs: self.jobs, worker_threads: 1, ..Config::default() };
            let emulator = Emulator::start(config).expect("an emulator");
            for (variable, value) in emulator.ready().environment() {
                writeln!(input, "{variable}={value}").expect("a file can be written");
            }
            writeln!(input, "EMULATOR_JOBS={}\n{test}", self.jobs).expect("a file can be written");
            emulators.push(emulator);
        }
        input.rewind().expect("a file can be read from its start");
        let program = self.programs.path().join(name);
        let mut words = self.wrapper.iter().map(PathBuf::from).chain([program]);
        let mut command = Command::new(words.next().expect("the program at least"));
        command
            .args(words)
            .arg("--feed")
            .stdin(input)
            // Nothing of this machine: a proxy or an AZURE_* variable would change what is tested.
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .current_dir(self.programs.path());
        run_limited(command, self.limit)
    }
}

/// Runs a command to its end; its output where it fails or takes too long.
pub(crate) fn run_limited(mut command: Command, limit: Duration) -> Result<(), String> {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    command.stdout(writer.try_clone().expect("a pipe has copies")).stderr(writer);
    let mut child = command.spawn().map_err(|cause| format!("it cannot be run: {cause}"))?;
    // Ours would keep the pipe open when the child's is closed.
    drop(command);
    let (ended, wait) = mpsc::channel();
    let reading = std::thread::spawn(move || {
        let mut output = Vec::new();
        let read = reader.read_to_end(&mut output);
        // The receiver waits for as long as there is a limit.
        let _ = ended.send(());
        read.map(|_| output)
    });
    let in_time = wait.recv_timeout(limit).is_ok();
    if !in_time {
        // Gone already, then.
        drop(child.kill());
    }
    let status = child.wait().map_err(|cause| cause.to_string())?;
    let output =
        reading.join().map_err(|_| "its output cannot be read")?.map_err(|cause| cause.to_string())?;
    let output = String::from_utf8_lossy(&output);
    if !in_time {
        return Err(format!("did not end within {} s\n{output}", limit.as_secs()));
    }
    if status.success() { Ok(()) } else { Err(format!("{status}\n{output}")) }
}

fn take<T>(work: &Mutex<VecDeque<T>>) -> Option<T> {
    work.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}
