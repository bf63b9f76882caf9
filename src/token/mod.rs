//! The access token: what it is, what is asked for, and the cache that keeps it fresh.
//!
//! Credentials make tokens, `Auth` asks for them through the [`cache`], and the Batch client asks
//! `Auth` through [`TokenSource`], so that no room needs to look up to the one above it.

pub(crate) mod cache;
mod claims;
mod cloud;
mod scope;
mod tenant;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use once_cell::sync::OnceCell;

use crate::error::Result;
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::system::Clock;

pub(crate) use claims::Claims;
pub use cloud::Cloud;
pub(crate) use scope::Scope;
pub(crate) use tenant::{TenantId, TenantRule};

/// What a source of tokens has issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) value: Secret,
    /// Seconds since 1970, UTC.
    pub(crate) expires_on: i64,
    /// When the source wants it renewed, in seconds from now.
    pub(crate) refresh_in: Option<i64>,
}

/// An access token. Its value is wiped when the last reference goes.
#[derive(Debug)]
pub struct Token {
    value: Secret,
    expires_on: i64,
    refresh_on: i64,
    acquired_on: i64,
    /// The same two moments by the monotonic clock, for the time the wall clock is set back.
    expires_at: Duration,
    refresh_at: Duration,
    claims: OnceCell<Option<Secret>>,
}

/// A lifetime from which on a token is renewed at its half rather than shortly before its end:
/// what the MSAL libraries do for the day-long tokens of managed identities.
const LONG_LIVED_S: i64 = 7200;

impl Token {
    /// A token issued now. `margin_s` is how long before its end it should be renewed.
    pub(crate) fn new(issued: Issued, margin_s: i64, clock: &dyn Clock) -> Self {
        let acquired_on = clock.unix_ms().div_euclid(1000);
        let lifetime = issued.expires_on.saturating_sub(acquired_on).max(0);
        let refresh_in = match issued.refresh_in {
            Some(seconds) => seconds.clamp(0, lifetime),
            None if lifetime >= LONG_LIVED_S => lifetime / 2,
            None => (lifetime - margin_s).max(0),
        };
        let later = |seconds: i64| {
            let seconds = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            clock.monotonic().saturating_add(seconds)
        };
        Self {
            value: issued.value,
            expires_on: issued.expires_on,
            refresh_on: acquired_on.saturating_add(refresh_in),
            acquired_on,
            expires_at: later(lifetime),
            refresh_at: later(refresh_in),
            claims: OnceCell::new(),
        }
    }

    /// The token itself: a secret. Send it only over TLS, only to its audience.
    #[must_use]
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// When it ends, in seconds since 1970, UTC.
    #[must_use]
    pub fn expires_on(&self) -> i64 {
        self.expires_on
    }

    /// From when on it is renewed, in seconds since 1970, UTC. It stays usable until it expires.
    #[must_use]
    pub fn refresh_on(&self) -> i64 {
        self.refresh_on
    }

    /// When it was issued, in seconds since 1970, UTC.
    #[must_use]
    pub fn acquired_on(&self) -> i64 {
        self.acquired_on
    }

    /// The claims inside it, as the JSON object they are; not verified. `None` where the token is
    /// not a JSON web token (RFC 7519).
    #[must_use]
    pub fn claims(&self) -> Option<&Secret> {
        let decode = || {
            let payload = self.value.expose().split('.').nth(1)?;
            let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
            let text = std::str::from_utf8(&bytes).ok()?;
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok()?;
            Secret::new(text)
        };
        self.claims.get_or_init(decode).as_ref()
    }

    /// Whether it has not expired, by either clock.
    pub(crate) fn is_usable(&self, clock: &dyn Clock) -> bool {
        clock.unix_ms().div_euclid(1000) < self.expires_on && clock.monotonic() < self.expires_at
    }

    /// Whether it is time to renew it, by either clock.
    pub(crate) fn needs_refresh(&self, clock: &dyn Clock) -> bool {
        clock.unix_ms().div_euclid(1000) >= self.refresh_on || clock.monotonic() >= self.refresh_at
    }
}

/// Whether a text can be sent as a bearer token: visible ASCII, not empty (RFC 6750, 2.1, allows
/// even less; nothing else passes an HTTP header).
pub(crate) fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a credential is asked for, after every default has been filled in.
#[derive(Clone, Debug)]
pub(crate) struct TokenRequest {
    pub(crate) scope: Scope,
    /// The tenant to sign in to; `None` for credentials that have none.
    pub(crate) tenant: Option<TenantId>,
    /// A claims challenge to meet.
    pub(crate) claims: Option<Claims>,
    /// The cloud to sign in to, where the configuration left it open.
    pub(crate) cloud: Option<Cloud>,
    /// The id of this request in the service's logs.
    pub(crate) correlation_id: String,
}

/// Which tokens of the cache are good enough.
#[derive(Clone, Debug, Default)]
pub(crate) enum Freshness {
    /// Any usable one.
    #[default]
    Cached,
    /// Any but this one, which a service has rejected.
    NotThis(Arc<Token>),
    /// None: a new one is wanted.
    New,
}

/// What somebody asks an Auth for. `None` leaves the choice to the Auth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) scope: Option<Scope>,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) claims: Option<Claims>,
    /// The cloud of the service that the token is for.
    pub(crate) cloud: Option<Cloud>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) freshness: Freshness,
    /// Rather nothing than a wait for the network.
    pub(crate) no_io: bool,
}

/// Somebody who has tokens: for the Batch client that is an Auth.
#[async_trait]
pub(crate) trait TokenSource: Send + Sync {
    /// A token, or `None` where getting one would need the network and `no_io` was asked for.
    async fn token(&self, ask: &Ask, limits: &Limits) -> Result<Option<Arc<Token>>>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::{FakeClock, START_MS};

    fn issued(lifetime: i64, refresh_in: Option<i64>) -> Issued {
        let value = Secret::new("a.b.c").unwrap();
        Issued { value, expires_on: START_MS / 1000 + lifetime, refresh_in }
    }

    #[test]
    fn refresh_is_due_when_the_service_says_else_at_half_life_else_a_margin_before_the_end() {
        let clock = FakeClock::default();
        let table = [
            (3600, Some(1000), 1000),
            (3600, None, 3300),
            (7199, None, 6899),
            (7200, None, 3600),
            (200, None, 0),
            (3600, Some(9999), 3600),
            (3600, Some(-5), 0),
        ];
        for (lifetime, refresh_in, expected) in table {
            let token = Token::new(issued(lifetime, refresh_in), 300, &clock);
            assert_eq!(token.refresh_on() - token.acquired_on(), expected, "{lifetime} {refresh_in:?}");
        }
    }

    #[test]
    fn a_token_ends_by_whichever_clock_is_first() {
        let clock = FakeClock::default();
        let token = Token::new(issued(3600, None), 300, &clock);
        clock.advance(Duration::from_secs(3299));
        assert!(!token.needs_refresh(&clock));
        clock.advance(Duration::from_secs(1));
        assert!(token.needs_refresh(&clock));
        clock.advance(Duration::from_secs(299));
        assert!(token.is_usable(&clock));
        // The wall clock is set back by an hour: the monotonic clock still ends the token.
        clock.set_wall(-3_600_000);
        assert!(token.is_usable(&clock));
        clock.advance(Duration::from_secs(1));
        assert!(!token.is_usable(&clock));

        // The machine was suspended: only the wall clock has moved.
        let token = Token::new(issued(3600 + 3600, None), 300, &clock);
        clock.set_wall(7_200_000 + 3_600_000);
        assert!(!token.is_usable(&clock));
    }

    #[test]
    fn claims_are_the_payload_of_a_jwt_and_nothing_of_an_opaque_token() {
        let clock = FakeClock::default();
        let payload = URL_SAFE_NO_PAD.encode(r#"{"tid":"t","name":"Zoë"}"#);
        for (value, expected) in [
            (format!("h.{payload}.s"), Some(r#"{"tid":"t","name":"Zoë"}"#)),
            ("opaque".to_owned(), None),
            ("a.!!!.c".to_owned(), None),
            (format!("h.{}.s", URL_SAFE_NO_PAD.encode("[1]")), None),
        ] {
            let value = Secret::new(&value).unwrap();
            let issued = Issued { value, expires_on: START_MS / 1000 + 60, refresh_in: None };
            let token = Token::new(issued, 300, &clock);
            assert_eq!(token.claims().map(Secret::expose), expected);
        }
    }
}
