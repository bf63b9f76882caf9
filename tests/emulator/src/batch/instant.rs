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
    /// By hand rather than through a format description: every job has half a dozen of these, and
    /// a hundred thousand jobs are to be laid out in the blink of an eye.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.div_euclid(PER_SECOND);
        let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| std::fmt::Error)?;
        let (date, time) = (at.date(), at.time());
        let year = u64::try_from(date.year()).map_err(|_| std::fmt::Error)?;
        let fraction = self.0.rem_euclid(PER_SECOND).unsigned_abs();

        let mut text = *b"0000-00-00T00:00:00.0000000Z";
        put(&mut text[0..4], year);
        put(&mut text[5..7], u8::from(date.month()).into());
        put(&mut text[8..10], date.day().into());
        put(&mut text[11..13], time.hour().into());
        put(&mut text[14..16], time.minute().into());
        put(&mut text[17..19], time.second().into());
        put(&mut text[20..27], fraction);
        let mut end = 27;
        while matches!(text[end - 1], b'0' | b'.') && end > 19 {
            end -= 1;
        }
        text[end] = b'Z';
        formatter.write_str(str::from_utf8(&text[..=end]).map_err(|_| std::fmt::Error)?)
    }
}

/// Writes `number` in decimal, with zeros in front.
fn put(digits: &mut [u8], number: u64) {
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
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
