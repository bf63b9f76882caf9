//! A strict local emulator of Microsoft Entra (client secrets) and the Azure Batch data plane.
//!
//! Made for the tests, the demo and the benchmarks of `batch-auth`: what passes here passes against
//! the clouds. Everything listens on 127.0.0.1, on ports of the kernel's choosing, over TLS with an
//! authority made at the start.
//!
//! | room | what it is |
//! |---|---|
//! | `emulator` | starts it all; the way a test talks to it |
//! | `entra`, `batch` | the two services, one file per endpoint or concept |
//! | `faults` | what can go wrong on demand |
//! | `proxy`, `trap`, `admin` | the CONNECT proxy, listeners with bad certificates, the admin port |
//! | `exchange`, `listen`, `tls`, `wire`, `body`, `message` | HTTP over TLS, down to the last reset |
//! | `world`, `clock`, `keys`, `token`, `journal`, `switches` | the state they share |
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
mod proxy;
mod ready;
mod switches;
mod tls;
mod token;
mod trap;
mod wire;
mod world;

pub use batch::{active_jobs, scheduled_jobs};
pub use config::Config;
pub use emulator::Emulator;
pub use faults::{Fault, NextLink, Rule, TokenShape, When};
pub use journal::{Outcome, Request};
pub use ready::{AppIds, Ready, TenantIds};
pub use switches::{Role, Switches, UnknownName};
pub use token::MintOptions;
