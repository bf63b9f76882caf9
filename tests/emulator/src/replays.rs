//! Which assertions were used, so that none is good twice while it is valid.
//!
//! RFC 7523, 3 allows a server to remember `jti`; Entra does not. Forgetting is by the emulator's
//! clock, so a test that shifts it makes room for a `jti` to come again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Client id and `jti` of assertions, with the time at which they expire.
#[derive(Debug, Default)]
pub(crate) struct Replays(Mutex<HashMap<(String, String), i64>>);

impl Replays {
    /// Remembers the assertion until `expires_s`; false when it is remembered already.
    pub(crate) fn is_first_use(&self, client_id: &str, id: &str, expires_s: i64, now_s: i64) -> bool {
        let mut used = self.lock();
        used.retain(|_, expires_s| *expires_s > now_s);
        used.insert((client_id.to_owned(), id.to_owned()), expires_s).is_none()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assertion_is_good_once_per_app_until_it_expires() {
        let replays = Replays::default();
        assert!(replays.is_first_use("a", "1", 100, 0));
        assert!(!replays.is_first_use("a", "1", 100, 99));
        assert!(replays.is_first_use("b", "1", 100, 99), "another app");
        assert!(replays.is_first_use("a", "1", 200, 100), "expired and forgotten");
    }
}
