//! The token of a warm cache, over and over: nanoseconds a call.
//!
//! `block_on` is that of `futures`, which enters no runtime: nothing waits here.

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential;
use azure_identity::ClientSecretCredential;
use futures::executor::block_on;

use super::{Result, SCOPE};

/// Calls between two looks at the clock.
const BATCH: u32 = 1000;

/// Prints the nanoseconds of one call on each of `threads` threads, and the token's length.
pub(crate) fn run(
    credential: &Arc<ClientSecretCredential>,
    milliseconds: u64,
    threads: usize,
    length: usize,
) -> Result<()> {
    let span = Duration::from_millis(milliseconds);
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let credential = Arc::clone(credential);
            thread::spawn(move || nanoseconds_a_call(&credential, span))
        })
        .collect();
    let mut sum = 0.0;
    for worker in workers {
        sum += worker.join().map_err(|_| "a thread has panicked")??;
    }
    println!("{:.2} {length}", sum / threads as f64);
    Ok(())
}

fn nanoseconds_a_call(credential: &ClientSecretCredential, span: Duration) -> Result<f64> {
    let started = Instant::now();
    let mut calls = 0_u64;
    loop {
        for _ in 0..BATCH {
            black_box(block_on(credential.get_token(&[SCOPE], None))?);
        }
        calls += u64::from(BATCH);
        let elapsed = started.elapsed();
        if elapsed >= span {
            return Ok(elapsed.as_nanos() as f64 / calls as f64);
        }
    }
}
