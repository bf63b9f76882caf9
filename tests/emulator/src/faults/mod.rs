//! Faults on demand: rules that say which answer goes wrong, and how.
//!
//! Rules are looked through in the order they were added; the first that fits a request, is past
//! its `skip` and still has `times` left is applied and counted. `kind` lists the faults, `answer`
//! carries out those that work on a finished answer.

pub(crate) mod answer;
mod kind;

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use kind::{Fault, NextLink, TokenShape, When};

use crate::{journal::listener_matches, message::Received};

/// Which requests a fault hits, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `entra`, `batch` (all accounts), `batch:<account>` or `proxy`.
    pub listener: String,
    /// A part of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A part of the query, as sent or decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Fitting requests that pass unharmed first.
    #[serde(default)]
    pub skip: u64,
    /// Fitting requests that are hit then; 0 for all of them.
    #[serde(default = "once")]
    pub times: u64,
    /// What happens to them.
    pub fault: Fault,
}

const fn once() -> u64 {
    1
}

impl Rule {
    /// Hits the next request to `listener`.
    #[must_use]
    pub fn on(listener: &str, fault: Fault) -> Self {
        Self { listener: listener.to_owned(), path: None, query: None, skip: 0, times: 1, fault }
    }

    /// Only requests with this in their path.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// Only requests with this in their query.
    #[must_use]
    pub fn query(mut self, part: &str) -> Self {
        self.query = Some(part.to_owned());
        self
    }

    /// Lets this many fitting requests pass first.
    #[must_use]
    pub fn skip(mut self, requests: u64) -> Self {
        self.skip = requests;
        self
    }

    /// Hits this many requests; 0 for all.
    #[must_use]
    pub fn times(mut self, requests: u64) -> Self {
        self.times = requests;
        self
    }

    /// Hits every fitting request until the faults are cleared.
    #[must_use]
    pub fn for_ever(self) -> Self {
        self.times(0)
    }

    fn fits(&self, listener: &str, request: &Received) -> bool {
        let has = |part: &Option<String>, text: &str| {
            part.as_ref().is_none_or(|part| {
                let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
                text.contains(part.as_str()) || decoded.contains(part.as_str())
            })
        };
        listener_matches(&self.listener, listener)
            && has(&self.path, &request.path)
            && has(&self.query, &request.query)
    }
}

#[derive(Debug)]
struct Counted {
    rule: Rule,
    seen: u64,
}

/// The live rules.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Counted>>,
    /// Counts how often the rules were cleared, for the requests that hang until then.
    cleared: watch::Sender<u64>,
}

/// Waits for the rules to be cleared.
#[derive(Debug)]
pub(crate) struct Cleared(watch::Receiver<u64>);

impl Cleared {
    /// Returns when the rules have been cleared since this was made.
    pub(crate) async fn wait(&mut self) {
        // An error says that the emulator is gone, and with it the rules.
        let _ = self.0.changed().await;
    }
}

impl Faults {
    pub(crate) fn new() -> Self {
        Self { rules: Mutex::default(), cleared: watch::Sender::new(0) }
    }

    pub(crate) fn add(&self, rule: Rule) {
        self.lock().push(Counted { rule, seen: 0 });
    }

    /// Forgets all rules and lets go of the requests that hang.
    pub(crate) fn clear(&self) {
        self.lock().clear();
        self.cleared.send_modify(|times| *times += 1);
    }

    /// What tells a request that hangs when the rules are cleared, from now on.
    pub(crate) fn cleared(&self) -> Cleared {
        Cleared(self.cleared.subscribe())
    }

    /// The fault that hits this request, which is counted with that.
    /// `applies` may refuse a fault that fits: the request then counts neither as hit nor as skipped.
    pub(crate) fn hit(
        &self,
        listener: &str,
        request: &Received,
        applies: impl Fn(&Fault) -> bool,
    ) -> Option<Fault> {
        for counted in self.lock().iter_mut() {
            let Counted { rule, seen } = counted;
            let spent = rule.times != 0 && *seen >= rule.skip.saturating_add(rule.times);
            if spent || !rule.fits(listener, request) || !applies(&rule.fault) {
                continue;
            }
            *seen += 1;
            if *seen > rule.skip {
                return Some(rule.fault.clone());
            }
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Counted>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
