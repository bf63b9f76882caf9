//! The Azure Batch service: an account, its jobs page by page, and what its refusals mean.
//!
//! Follows the REST reference "Jobs - List Jobs" and "Batch Status and Error Codes". Tokens come
//! from a [`crate::token::TokenSource`]; retries, deadlines and size limits are `http`'s.

mod account;
mod advice;
mod challenge;
mod client;
mod job;
mod jobs;
mod link;
mod list;
mod page;
mod refusal;

pub use job::{Job, JobState};
pub use jobs::Step;
pub use list::ListOptions;

pub(crate) use account::AccountUrl;
pub(crate) use client::Client;
pub(crate) use jobs::{Jobs, PageCall};
