//! Microsoft Entra sign-in and Azure Batch job listing, for C and every language that calls C.
//!
//! C programs use `include/batch_auth.h`, which is made from [`mod@ffi`]. Rust programs use
//! [`Auth`]:
//!
//! ```no_run
//! use batch_auth::{Auth, AuthOptions, CallOptions, ListOptions, Step};
//!
//! # fn main() -> Result<(), batch_auth::Error> {
//! let auth = Auth::new_client_secret("contoso.example", "app-id", "secret", &AuthOptions::default())?;
//! let mut jobs = auth.list_jobs("https://contoso.westeurope.batch.azure.com", &ListOptions::default())?;
//! while let Step::Job(job) = jobs.step_blocking(&CallOptions::default())? {
//!     println!("{:?} {:?}", job.id(), job.state());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # The rooms
//!
//! Each may use those to its right, never those to its left; a test holds that.
//!
//! `ffi > auth > credential, batch > entra > token > http > runtime > error, secret, system`
//!
//! - [`mod@ffi`]: the C border, with the only unsafe code but for one file of `runtime`
//! - `auth`: a credential and its cache
//! - `credential`: the ways to sign in
//! - `batch`: the Batch service
//! - `entra`: OAuth 2.0 as Entra speaks it
//! - `token`: the token, its cache and its renewal
//! - `http`: one transport: TLS, proxy, retries, deadlines
//! - `runtime`: the library's own thread, cancellation, the log
//! - `error`, `secret`, `system`: the ground floor

mod auth;
mod batch;
mod credential;
mod entra;
mod error;
#[allow(unsafe_code, reason = "the C border works on the caller's pointers")]
pub mod ffi;
mod http;
mod runtime;
mod secret;
pub mod system;
mod token;

pub use auth::{Auth, AuthOptions, CallOptions, Listing};
pub use batch::{Job, JobState, ListOptions, Step};
pub use credential::{AssertionSource, HostTokens, TokenAsk};
pub use error::{Error, Result, Status};
pub use runtime::Cancel;
pub use runtime::log::{Level, Sink, set_sink};
pub use secret::Secret;
pub use token::{Cloud, Token};
