//! The emulator as a program: starts it, says where it is, and ends when told to.
//!
//! With `--run` it is the frame around another program (a demo, a C test), which finds the emulator
//! through its environment and whose exit status becomes ours. Everything else is in the library.

use std::{
    io::{self, Read, Write},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Child, Command, ExitCode, ExitStatus},
    sync::mpsc::{Sender, channel},
    thread,
};

use batch_auth_emulator::{Config, Emulator};
use clap::Parser;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

/// A strict local emulator of Microsoft Entra (applications) and the Azure Batch data plane.
///
/// Prints one line of JSON when it is ready: the urls, the CA file, the tenants and the apps.
#[derive(Debug, Parser)]
#[command(version, after_help = ENVIRONMENT)]
struct Arguments {
    /// Jobs in each account whose count is not fixed (1 to 100000)
    #[arg(long, default_value_t = Config::default().jobs, value_name = "N")]
    jobs: usize,

    /// Write the CA certificate here and leave it [default: a temporary file]
    #[arg(long, value_name = "PATH")]
    ca_out: Option<PathBuf>,

    /// Lay all jobs out before being ready, for benchmarks
    #[arg(long)]
    prepare: bool,

    /// End, with status 0, when standard input is closed
    #[arg(long)]
    until_stdin_closes: bool,

    /// Run a command against the emulator and exit with its status
    #[arg(long, value_name = "CMD", num_args = 1.., allow_hyphen_values = true)]
    run: Vec<String>,
}

const ENVIRONMENT: &str = "\
Environment of the command given with --run:
  EMULATOR_ENTRA               authority host
  EMULATOR_BATCH_<ACCOUNT>     account endpoint: CONTOSO, EMPTY, SINGLE, LOCKED, SHAREDKEY
  EMULATOR_ADMIN               admin interface
  EMULATOR_PROXY               CONNECT proxy
  EMULATOR_CA                  file with the CA certificate
  EMULATOR_UNTRUSTED           listener with a certificate of a foreign authority
  EMULATOR_WRONG_HOST          listener with a certificate of another host
  EMULATOR_EXPIRED             listener with an expired certificate
  EMULATOR_TENANT              tenant id
  EMULATOR_TENANT_DOMAIN       the same tenant's domain
  EMULATOR_OTHER_TENANT        id of a tenant that the accounts do not trust
  EMULATOR_CLIENT_ID           client id of the app that may read every account
  EMULATOR_CLIENT_SECRET       its secret
  EMULATOR_CLIENT_SECRET_ID    the secret's id, which people paste by mistake
  EMULATOR_<APP>_CLIENT_ID     the same for each app: READER, NOROLE, EXPIRED, DISABLED, STRANGER,
  EMULATOR_<APP>_CLIENT_SECRET   MIDDLE_TIER; without a secret CERTIFICATE, FEDERATED
  EMULATOR_FEDERATED_ISSUER, EMULATOR_FEDERATED_SUBJECT, EMULATOR_FEDERATED_AUDIENCE
                               whose tokens the app federated takes
  EMULATOR_PIPELINES_OIDC_REQUEST_URI, EMULATOR_PIPELINES_SYSTEM_ACCESS_TOKEN,
  EMULATOR_PIPELINES_SERVICE_CONNECTION
                               what a job in Azure Pipelines is given
  EMULATOR_<USER>_OBJECT_ID, EMULATOR_<USER>_UPN
                               users: ALICE, BOB
  EMULATOR_SCHEDULE            id of the job schedule

Without --run the program ends with status 0 on SIGTERM or SIGINT.";

/// What the program waits for.
enum Event {
    Signal(i32),
    StdinClosed,
    Exited(io::Result<ExitStatus>),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("batch-auth-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<ExitCode> {
    let emulator = Emulator::start(Config {
        jobs: arguments.jobs,
        ca_out: arguments.ca_out.clone(),
        prepare: arguments.prepare,
        ..Config::default()
    })?;
    let (events, wait) = channel();
    send_signals(events.clone())?;
    if arguments.until_stdin_closes {
        send_end_of_stdin(events.clone());
    }
    let mut child = None;
    if let Some((program, rest)) = arguments.run.split_first() {
        let ready = emulator.ready();
        let started = Command::new(program).args(rest).envs(ready.environment()).spawn();
        let started = started
            .map_err(|error| io::Error::new(error.kind(), format!("cannot run {program}: {error}")))?;
        child = Some(started.id());
        send_exit(started, events);
    } else {
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, &emulator.ready())?;
        writeln!(out)?;
        out.flush()?;
    }
    loop {
        match wait.recv().map_err(io::Error::other)? {
            Event::Exited(status) => return Ok(exit_code(status?)),
            Event::Signal(signal) => match child {
                // Its status will be ours, so we wait for it.
                Some(child) => forward(signal, child),
                None => return Ok(ExitCode::SUCCESS),
            },
            Event::StdinClosed => match child {
                Some(child) => forward(SIGTERM, child),
                None => return Ok(ExitCode::SUCCESS),
            },
        }
    }
}

fn send_signals(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn send_end_of_stdin(events: Sender<Event>) {
    thread::spawn(move || {
        let mut buffer = [0; 256];
        // An error ends it too: whoever held the other end is gone.
        while io::stdin().read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
        // The receiver is gone only when the program ends anyway.
        let _ = events.send(Event::StdinClosed);
    });
}

fn send_exit(mut child: Child, events: Sender<Event>) {
    thread::spawn(move || {
        let _ = events.send(Event::Exited(child.wait()));
    });
}

/// Passes a signal on to the command. It may have ended by itself in the meantime.
fn forward(signal: i32, child: u32) {
    let pid = i32::try_from(child).ok().and_then(Pid::from_raw);
    let signal = if signal == SIGINT { Signal::INT } else { Signal::TERM };
    if let Some(pid) = pid {
        let _ = kill_process(pid, signal);
    }
}

/// The command's status, or 128 and the signal's number as shells have it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
