//! The state that all listeners of one emulator share.
//!
//! Two emulators in one process share nothing that can change. Every lock here is held for a few
//! instructions and never across an await.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    clock::Clock,
    config::Config,
    faults::Faults,
    journal::Journal,
    keys::Keys,
    replays::Replays,
    switches::Positions,
    token::{MintOptions, Verifier, mint},
};

/// Everything that is not bound to one connection.
pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) verifier: Verifier,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) assertions: Replays,
    positions: Mutex<Positions>,
}

impl World {
    pub(crate) fn new(config: Config) -> io::Result<Self> {
        Ok(Self {
            config,
            clock: Clock::default(),
            keys: Keys::load()?,
            verifier: Verifier::new(),
            journal: Journal::new(),
            faults: Faults::new(),
            assertions: Replays::default(),
            positions: Mutex::default(),
        })
    }

    /// The switches as they stand.
    pub(crate) fn positions(&self) -> MutexGuard<'_, Positions> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a token, dated by the emulator's clock.
    pub(crate) fn mint(&self, options: &MintOptions) -> Result<String, String> {
        mint(&self.keys, options, self.clock.now_s())
    }

    /// Takes everything back to the start: faults, clock, switches, used assertions,
    /// request log.
    pub(crate) fn reset(&self) {
        self.faults.clear();
        self.clock.set_offset(0);
        *self.positions() = Positions::default();
        self.assertions.clear();
        self.journal.clear();
    }
}
