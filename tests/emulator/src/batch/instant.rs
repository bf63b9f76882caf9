//! Points in time as Batch writes and compares them: 100 ns ticks, RFC 3339 in UTC.
//!
//! Resource dates drop trailing zeros of the fraction (`20:33:31.5488Z`), down to none.

use time::{
    OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

/// 100 ns ticks since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(i64);

const PER_SECOND: i64 = 10_000_000;

impl Instant {
    pub(crate) const fn from_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    pub(crate) const fn ticks(self) -> i64 {
        self.0
    }

    /// This instant some ticks later.
    pub(crate) const fn after(self, ticks: i64) -> Self {
        Self(self.0 + ticks)
    }

    /// Reads what a filter's `datetime'...'` may hold: W3C (a date, minutes, or seconds with a
    /// fraction; `Z` or an offset) or RFC 1123.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let completed = match text.len() {
            10 => format!("{text}T00:00:00Z"),
            17 if text.ends_with('Z') => format!("{}:00Z", &text[..16]),
            _ => text.to_owned(),
        };
        let parsed = OffsetDateTime::parse(&completed, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(text, &Rfc2822))
            .ok()?;
        i64::try_from(parsed.unix_timestamp_nanos() / 100).ok().map(Self)
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.div_euclid(PER_SECOND);
        let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| std::fmt::Error)?;
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )?;
        let mut fraction = self.0.rem_euclid(PER_SECOND);
        if fraction != 0 {
            let mut digits = 7;
            while fraction % 10 == 0 {
                fraction /= 10;
                digits -= 1;
            }
            write!(formatter, ".{fraction:0digits$}")?;
        }
        formatter.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fraction_loses_its_trailing_zeros() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.1Z",
            "2026-01-02T03:04:05.0548Z",
            "2026-01-02T03:04:05.1234567Z",
        ] {
            assert_eq!(Instant::parse(text).map(|at| at.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn filter_dates_come_in_several_forms() {
        let midnight = Instant::parse("2016-05-01T00:00:00Z");
        assert!(midnight.is_some());
        assert_eq!(Instant::parse("2016-05-01"), midnight);
        assert_eq!(Instant::parse("2016-05-01T00:00Z"), midnight);
        assert_eq!(Instant::parse("2016-05-01T02:00:00+02:00"), midnight);
        assert_eq!(Instant::parse("Sun, 01 May 2016 00:00:00 GMT"), midnight);
        assert_eq!(Instant::parse("yesterday"), None);
        assert_eq!(Instant::parse("2016-5-1"), None);
    }
}
