//! Runs tests, several at a time: each in a process of its own, with an emulator of its own.

use std::collections::VecDeque;
use std::io::Read;
use std::path::{Path, PathBuf};
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
    /// The time that one test has.
    pub(crate) limit: Duration,
}

/// How a test ended: its name, and what it said where it failed.
#[derive(Debug)]
struct Verdict {
    test: String,
    failure: Option<String>,
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
        Self { programs: directory, _library: library, names, wrapper: Vec::new(), jobs: 2_500, limit: LIMIT }
    }

    /// Runs every test of every program and panics with the output of those that failed.
    pub(crate) fn run(&self) {
        let tests: VecDeque<(PathBuf, String)> =
            self.names.iter().flat_map(|name| self.tests(name)).collect();
        let count = tests.len();
        assert!(count > 200, "only {count} tests were found");
        let work = Mutex::new(tests);
        let (done, verdicts) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                let done = done.clone();
                let work = &work;
                scope.spawn(move || {
                    while let Some((program, test)) = take(work) {
                        // Nobody listens any more only when the suite itself has failed.
                        drop(done.send(self.run_one(&program, &test)));
                    }
                });
            }
        });
        drop(done);
        let verdicts: Vec<Verdict> = verdicts.iter().collect();
        assert_eq!(verdicts.len(), count, "every test has a verdict");
        let failed = verdicts.iter().filter_map(|verdict| {
            verdict.failure.as_ref().map(|failure| format!("--- {}\n{failure}", verdict.test))
        });
        let failed: Vec<String> = failed.collect();
        assert!(failed.is_empty(), "{} of {count} C tests failed\n{}", failed.len(), failed.join("\n"));
    }

    /// The tests of a program, as it lists them.
    fn tests(&self, name: &str) -> Vec<(PathBuf, String)> {
        let program = self.programs.path().join(name);
        let listed = Command::new(&program).arg("--list").output().expect("a program can be run");
        assert!(listed.status.success(), "{name} --list: {listed:?}");
        let names = String::from_utf8(listed.stdout).expect("names are text");
        names.lines().map(|test| (program.clone(), test.to_owned())).collect()
    }

    fn run_one(&self, program: &Path, test: &str) -> Verdict {
        let config = Config { jobs: self.jobs, worker_threads: 1, ..Config::default() };
        let emulator = Emulator::start(config).expect("an emulator");
        let mut words = self.wrapper.iter().map(PathBuf::from).chain([program.to_owned()]);
        let mut command = Command::new(words.next().expect("the program at least"));
        command
            .args(words)
            .arg(test)
            // Nothing of this machine: a proxy or an AZURE_* variable would change what is tested.
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(emulator.ready().environment())
            .env("EMULATOR_JOBS", self.jobs.to_string())
            .current_dir(self.programs.path());
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        Verdict { test: format!("{name} {test}"), failure: run_limited(command, self.limit).err() }
    }
}

/// Runs a command to its end; its output where it fails or takes too long.
pub(crate) fn run_limited(mut command: Command, limit: Duration) -> Result<(), String> {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    command.stdin(std::process::Stdio::null());
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
