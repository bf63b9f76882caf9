//! The emulator's clock: the machine's, plus an offset that a test may set.
//!
//! Everything the emulator dates or judges by time (tokens, `Date` headers, error texts,
//! continuation tokens) asks here, so shifting the offset ages all of it at once and no test has to
//! sleep. Delays that a fault asks for are real time and do not come from here.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime},
};

use time::{OffsetDateTime, macros::format_description};

/// A clock that can be shifted.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_s: AtomicI64,
}

impl Clock {
    /// Shifts the clock to `offset_s` seconds from the machine's, replacing the last offset.
    pub(crate) fn set_offset(&self, offset_s: i64) {
        self.offset_s.store(offset_s, Ordering::SeqCst);
    }

    /// The present instant, in UTC.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let shift = time::Duration::seconds(self.offset_s.load(Ordering::SeqCst));
        let now = OffsetDateTime::from(SystemTime::now());
        now.checked_add(shift).unwrap_or(now)
    }

    /// The present instant in seconds since 1970.
    pub(crate) fn now_s(&self) -> i64 {
        self.now().unix_timestamp()
    }

    /// The `Date` header of an answer.
    pub(crate) fn http_date(&self) -> String {
        let seconds = u64::try_from(self.now_s()).unwrap_or(0);
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// `2026-01-01 00:00:00Z`, as Entra's error bodies write it.
    pub(crate) fn entra_timestamp(&self) -> String {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
        self.now().format(format).unwrap_or_default()
    }

    /// The present instant as Batch's error texts write it.
    pub(crate) fn batch_timestamp(&self) -> String {
        seven_digits(self.now())
    }
}

/// `2026-01-01T00:00:00.0000000Z`: seven digits, zeros kept, as .NET writes an instant.
pub(crate) fn seven_digits(instant: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");
    instant.format(format).unwrap_or_default()
}
