//! The C border: what `include/batch_auth.h` declares.
//!
//! Every export takes its arguments, makes one safe call into a room, and gives the outcome back,
//! all inside `guard`, which catches panics and fills the error. One file a handle. The names
//! here are those of the C interface.
//!
//! Rules for every export: outputs are emptied first; NULL, bad UTF-8 and odd `struct_size`s are
//! statuses, never crashes; `*_free(NULL)` does nothing.
#![allow(non_camel_case_types, reason = "these are the names of the C interface")]

mod auth;
mod call;
mod cancel;
mod error;
mod guard;
mod handle;
mod host;
mod job;
mod jobs;
mod list;
mod log;
mod options;
mod sink;
mod sized;
mod status;
mod take;
mod token;
mod version;

pub use auth::*;
pub use call::*;
pub use cancel::*;
pub use error::*;
pub use job::*;
pub use jobs::*;
pub use list::*;
pub use log::*;
pub use options::*;
pub use sink::*;
pub use status::*;
pub use token::*;
pub use version::*;

#[cfg(test)]
mod tests;
