//! What a caller may choose when starting an emulator.
//!
//! Everything that can change later is not here but in `switches` and `faults`.

use std::path::PathBuf;

/// Settings of one emulator, fixed at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Jobs in each account whose count is not fixed; 1 to 100,000.
    pub jobs: usize,
    /// Where to write the CA certificate; a temporary file, removed at the end, when absent.
    pub ca_out: Option<PathBuf>,
    /// Lays all jobs out before the start is over, instead of when they are first listed. For
    /// benchmarks: a hundred thousand jobs are a third of a second of work, three in a debug build.
    pub prepare: bool,
    /// Threads that serve requests.
    pub worker_threads: usize,
}

impl Config {
    /// The most jobs an account can have.
    pub const MAX_JOBS: usize = 100_000;
}

impl Default for Config {
    fn default() -> Self {
        Self { jobs: 2_500, ca_out: None, prepare: false, worker_threads: 2 }
    }
}
