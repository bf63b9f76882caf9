//! The library's own threads, and how a call waits: runtime, cancellation, deadlines, the log.
//!
//! The runtime is started by the first call that needs it and has one worker, which drives the
//! sockets and the work that outlives a call (a shared token request, a page read ahead). A
//! blocking call runs its future on the caller's own thread.

pub(crate) mod callback;
mod cancel;
mod flag;
mod kernel;
mod limits;
pub(crate) mod log;

use std::future::Future;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::error::{Error, Result, Status};

pub use cancel::Cancel;
pub(crate) use limits::Limits;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

/// Runs a future to its end on this thread.
///
/// # Errors
/// `WouldDeadlock` on a thread that already runs asynchronous work, this library's threads among
/// them; `Internal` where the system gives no thread; else the future's own.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            Status::WouldDeadlock,
            "a blocking call was made on a thread that runs asynchronous work",
        )
        .with_help("Call it from a thread of its own, or use the async method."));
    }
    handle()?.block_on(future)
}

/// Runs a future on the library's own thread, whether or not somebody waits for it.
///
/// # Errors
/// `Internal` where the system gives no thread.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    drop(handle()?.spawn(future));
    Ok(())
}

/// Work on the library's own thread that ends when its owner drops it.
#[derive(Debug)]
pub(crate) struct Task<T>(JoinHandle<Result<T>>);

impl<T: Send + 'static> Task<T> {
    /// Begins the work.
    ///
    /// # Errors
    /// `Internal` where the system gives no thread.
    pub(crate) fn start(future: impl Future<Output = Result<T>> + Send + 'static) -> Result<Self> {
        Ok(Self(handle()?.spawn(future)))
    }

    /// Whether its result is there.
    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits for the result, which can be had once. Giving up the wait does not end the work.
    pub(crate) async fn join(&mut self) -> Result<T> {
        (&mut self.0).await.unwrap_or_else(|_| {
            Err(Error::new(Status::Panic, "work in the background ended in a defect of batch-auth"))
        })
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn handle() -> Result<&'static Handle> {
    let runtime = RUNTIME.get_or_try_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            // For name look-ups and the host's callbacks, which block; made as they are needed.
            .max_blocking_threads(64)
            .thread_name("batch-auth-rt")
            .on_thread_start(|| {
                kernel::block_signals();
                log::quiet_panics();
            })
            .enable_io()
            .enable_time()
            .build()
            .map_err(|cause| {
                Error::new(Status::Internal, format!("starting the library's thread failed: {cause}"))
                    .with_help("Raise the limit of threads or of open files for this process.")
            })
    })?;
    Ok(runtime.handle())
}
