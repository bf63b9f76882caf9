//! When to try again, and how long to wait: exponential back-off, or what the service asks for.
//!
//! The numbers are those of the Azure SDK cores: 408, 429, 500, 502, 503, 504; 0.8 s, doubled
//! each time. `Retry-After` as RFC 9110, 10.2.3 (seconds or a date), and Azure's millisecond forms.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::HeaderMap;

const FIRST_WAIT: Duration = Duration::from_millis(800);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Whether an answer of this status may turn out otherwise the next time.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// The wait before the next try where the service did not name one; `fraction` is in 0..1 and
/// spreads callers that failed together over a fifth of it.
pub(super) fn back_off(retries: u32, fraction: f64) -> Duration {
    let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(retries.min(16)));
    wait.min(LONGEST_WAIT).mul_f64(1.0 - fraction * 0.2)
}

/// How long the service asked to be left alone. A date needs to know what time it is now.
pub(crate) fn retry_after(headers: &HeaderMap, now_ms: Option<i64>) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(ms) = text(name).and_then(|value| value.parse().ok()) {
            return Some(Duration::from_millis(ms));
        }
    }
    let value = text("retry-after")?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let at_ms = i64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    let wait = at_ms.saturating_sub(now_ms?).max(0);
    Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn retry_after_is_read_in_every_form_and_garbage_is_ignored() {
        // 2026-01-01T00:00:00Z
        let now = Some(1_767_225_600_000);
        let table = [
            ("retry-after", "30", Some(30_000)),
            ("retry-after", "0", Some(0)),
            ("retry-after", "-1", None),
            ("retry-after", "soon", None),
            ("retry-after", "99999999999", Some(99_999_999_999_000)),
            ("retry-after", "Thu, 01 Jan 2026 00:00:07 GMT", Some(7_000)),
            ("retry-after", "Wed, 31 Dec 2025 23:59:59 GMT", Some(0)),
            ("retry-after-ms", "250", Some(250)),
            ("x-ms-retry-after-ms", "1500", Some(1_500)),
            ("x-ms-retry-after-ms", "1.5", None),
        ];
        for (name, value, expected) in table {
            let got = retry_after(&header(name, value), now);
            assert_eq!(got, expected.map(Duration::from_millis), "{name}: {value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn back_off_doubles_up_to_its_cap_and_jitter_only_shortens_it() {
        assert_eq!(back_off(0, 0.0), Duration::from_millis(800));
        assert_eq!(back_off(2, 0.0), Duration::from_millis(3_200));
        assert_eq!(back_off(40, 0.0), LONGEST_WAIT);
        assert_eq!(back_off(0, 0.5), Duration::from_millis(720));
    }
}
