//! What a token endpoint answers when it grants (RFC 6749, 5.1).
//!
//! Times come as numbers or as numeric strings, depending on the endpoint. An answer without a
//! token or without an expiry is no grant, whatever its status.

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::http::Answer;
use crate::secret::Secret;
use crate::system::Clock;
use crate::token::{Issued, is_sendable};

#[derive(Deserialize)]
struct Grant {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    expires_on: Option<Value>,
    #[serde(default)]
    refresh_in: Option<Value>,
}

/// Reads a grant. Nothing of the body enters an error: it holds a token, or part of one.
pub(super) fn read(answer: &Answer, clock: &dyn Clock) -> Result<Issued> {
    let refuse = |why: &str| answer.not_understood("the token request", why);
    if answer.is_html() {
        return Err(refuse("a web page"));
    }
    let grant: Grant = serde_json::from_slice(&answer.body).map_err(|cause| {
        refuse(&format!("it is not the JSON of a token (line {}, column {})", cause.line(), cause.column()))
    })?;
    let token = Zeroizing::new(grant.access_token.unwrap_or_default());
    if token.is_empty() {
        return Err(refuse("it has no access_token"));
    }
    let secret = Secret::new(&token).filter(|_| is_sendable(&token));
    let value = secret.ok_or_else(|| refuse("its access_token holds what no token may"))?;
    if let Some(kind) = grant.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(refuse("its token is of another type than Bearer").with_detail("token_type", kind));
    }
    let now = clock.unix_ms().div_euclid(1000);
    let lasts = seconds(grant.expires_in.as_ref()).map(|lasts| now.saturating_add(lasts));
    let expires_on = lasts
        .or_else(|| seconds(grant.expires_on.as_ref()))
        .ok_or_else(|| refuse("its token has no expiry"))?;
    if expires_on <= now {
        return Err(refuse("its token has expired on arrival")
            .with_help("Compare this machine's clock with the time; set it right."));
    }
    Ok(Issued { value, expires_on, refresh_in: seconds(grant.refresh_in.as_ref()) })
}

/// Whole seconds out of 3599, 3599.0, "3599" or "3599.0".
fn seconds(value: Option<&Value>) -> Option<i64> {
    let number = match value? {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        _ => None,
    };
    number.filter(|seconds| *seconds >= 0)
}

fn whole(number: f64) -> Option<i64> {
    // Some three hundred thousand years: far inside what an f64 counts exactly.
    const MOST: f64 = 1e13;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked, and fractions of a second are to go"
    )]
    (0.0..=MOST).contains(&number).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::error::Status;
    use crate::system::fake::{FakeClock, START_MS};

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.into(), host: "login.example".into() }
    }

    #[test]
    fn times_are_read_as_numbers_and_as_numeric_strings() {
        let now = START_MS / 1000;
        let table = [
            (r#"{"access_token":"t","expires_in":3599}"#, now + 3599),
            (r#"{"access_token":"t","expires_in":"3599"}"#, now + 3599),
            (r#"{"access_token":"t","expires_in":3599.0}"#, now + 3599),
            (r#"{"access_token":"t","expires_in":"3599.0","token_type":"bearer"}"#, now + 3599),
            (r#"{"access_token":"t","expires_on":"1767312000"}"#, 1_767_312_000),
        ];
        for (body, expires_on) in table {
            let issued = read(&answer(body), &FakeClock::default()).unwrap();
            assert_eq!(issued.expires_on, expires_on, "{body}");
        }
        let body = r#"{"access_token":"t","expires_in":86399,"refresh_in":"43199"}"#;
        let issued = read(&answer(body), &FakeClock::default()).unwrap();
        assert_eq!(issued.refresh_in, Some(43_199));
    }

    #[test]
    fn what_is_no_grant_is_a_protocol_error_that_shows_nothing_of_the_body() {
        for body in [
            "",
            "{}",
            "planted-token",
            r#"{"access_token":"planted-token""#,
            r#"{"access_token":"planted-token"}"#,
            r#"{"access_token":"","expires_in":1}"#,
            r#"{"access_token":null,"expires_in":1}"#,
            r#"{"access_token":"planted-token","expires_in":"soon"}"#,
            r#"{"access_token":"planted-token","expires_in":0}"#,
            r#"{"access_token":"planted-token","expires_in":-1}"#,
            r#"{"access_token":"planted-token\n","expires_in":60}"#,
            r#"{"access_token":"planted-token","expires_in":60,"token_type":"pop"}"#,
            r#"{"access_token":7,"expires_in":60}"#,
            "<html>planted-token</html>",
        ] {
            let error = read(&answer(body), &FakeClock::default()).unwrap_err();
            assert_eq!(error.status(), Status::Protocol, "{body}");
            assert!(!error.to_json().contains("planted"), "{error:?}");
        }
    }
}
