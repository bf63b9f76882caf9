//! A strict local emulator of Microsoft Entra (applications and services on behalf of users), Azure
//! Pipelines' tokens, and the Azure Batch data plane.
//!
//! Made for the tests, the demo and the benchmarks of `batch-auth`: what passes here passes against
//! the clouds. Everything listens on 127.0.0.1, on ports of the kernel's choosing, over TLS with an
//! authority made at the start.
//!
//! | room | what it is |
//! |---|---|
//! | `emulator` | starts it all; the way a test talks to it |
//! | `entra`, `batch`, `pipelines` | the services, one file per endpoint or concept |
//! | `faults` | what can go wrong on demand |
//! | `proxy`, `trap`, `admin` | the CONNECT proxy, listeners with bad certificates, the admin port |
//! | `exchange`, `listen`, `tls`, `wire`, `body`, `message` | HTTP over TLS, down to the last reset |
//! | `world`, `clock`, `keys`, `token`, `replays`, `journal`, `switches` | the state they share |
//! | `mint`, `client_certificate`, `certificate` | tokens and certificates for tests, and reading them |
//! | `fixtures`, `config`, `ready` | what is there, what can be chosen, what is told |
//!
//! ```no_run
//! use batch_auth_emulator::{Config, Emulator, Fault, Rule};
//!
//! let emulator = Emulator::start(Config::default())?;
//! emulator.fault(Rule::on("batch", Fault::retry_after(429, "1")).path("/jobs"));
//! println!("{} {}", emulator.entra_url(), emulator.batch_url("contoso"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod admin;
mod batch;
mod body;
mod certificate;
mod client_certificate;
mod clock;
mod config;
mod emulator;
mod entra;
mod exchange;
mod faults;
pub mod fixtures;
mod journal;
mod keys;
mod listen;
mod message;
mod mint;
mod pipelines;
mod proxy;
mod ready;
mod replays;
mod switches;
mod tls;
mod token;
mod trap;
mod wire;
mod world;

pub use batch::{active_jobs, scheduled_jobs};
pub use client_certificate::{CertificateOptions, ClientCertificate};
pub use config::Config;
pub use emulator::Emulator;
pub use faults::{Fault, NextLink, Rule, TokenShape, When};
pub use journal::{Outcome, Request};
pub use mint::{AssertionOptions, UserTokenOptions};
pub use ready::{AppIds, FederatedIds, PipelinesIds, Ready, TenantIds, UserIds};
pub use switches::{Role, SwitchError, Switches, TrustedSubject};
pub use token::{Delegated, MintOptions};
