//! A job as a listing gives it: a few fields decoded, the rest in its JSON.
//!
//! Field names and shapes: BatchJob of the REST reference. Any field may be absent, since `select`
//! leaves out even the required ones; a field of an unexpected shape counts as absent and stays
//! readable in the JSON.

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::page::{Page, Record, Text};

/// The state of a job. The service may know more than this library: see [`Job::state_text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum JobState {
    /// Absent, or newer than this library.
    Unknown = 0,
    /// Tasks run.
    Active = 1,
    /// On the way to disabled.
    Disabling = 2,
    /// No tasks run until it is enabled.
    Disabled = 3,
    /// On the way back to active.
    Enabling = 4,
    /// On the way to completed.
    Terminating = 5,
    /// Ended.
    Completed = 6,
    /// On the way to be gone.
    Deleting = 7,
}

impl JobState {
    /// The state of this name, in whatever case: the service's own differs from place to place.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        const NAMED: [(&str, JobState); 7] = [
            ("active", JobState::Active),
            ("disabling", JobState::Disabling),
            ("disabled", JobState::Disabled),
            ("enabling", JobState::Enabling),
            ("terminating", JobState::Terminating),
            ("completed", JobState::Completed),
            ("deleting", JobState::Deleting),
        ];
        let named = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        named.map_or(Self::Unknown, |(_, state)| *state)
    }
}

/// One job. It keeps its page alive.
#[derive(Clone)]
pub struct Job {
    page: Arc<Page>,
    index: usize,
}

impl Job {
    /// The job at this place of a page, if there is one.
    pub(super) fn at(page: &Arc<Page>, index: usize) -> Option<Self> {
        page.record(index)?;
        Some(Self { page: Arc::clone(page), index })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&CStr> {
        self.text(|record| record.id)
    }

    /// Its display name.
    #[must_use]
    pub fn display_name(&self) -> Option<&CStr> {
        self.text(|record| record.display_name)
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> JobState {
        self.record().map_or(JobState::Unknown, |record| record.state)
    }

    /// Its state as the service wrote it.
    #[must_use]
    pub fn state_text(&self) -> Option<&CStr> {
        self.text(|record| record.state_text)
    }

    /// Its priority, -1000 to 1000.
    #[must_use]
    pub fn priority(&self) -> Option<i32> {
        self.record()?.priority
    }

    /// When it was created, in milliseconds since 1970, UTC.
    #[must_use]
    pub fn creation_time_ms(&self) -> Option<i64> {
        self.record()?.creation_time_ms
    }

    /// The pool it runs in: `executionInfo`'s, which for an autopool is the real one, else
    /// `poolInfo`'s.
    #[must_use]
    pub fn pool_id(&self) -> Option<&CStr> {
        self.text(|record| record.pool_id)
    }

    /// The whole job as the service wrote it.
    #[must_use]
    pub fn json(&self) -> &CStr {
        self.record().map_or(c"", |record| self.page.json(record))
    }

    fn record(&self) -> Option<&Record> {
        self.page.record(self.index)
    }

    fn text(&self, which: impl FnOnce(&Record) -> Text) -> Option<&CStr> {
        self.page.text(which(self.record()?))
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not its JSON: that may hold SAS tokens.
        f.debug_struct("Job").field("id", &self.id()).field("state", &self.state()).finish_non_exhaustive()
    }
}

/// The fields that have accessors, decoded.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) display_name: Option<Cow<'a, str>>,
    pub(super) state: Option<Cow<'a, str>>,
    pub(super) priority: Option<i32>,
    pub(super) creation_time_ms: Option<i64>,
    pub(super) pool_id: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    /// Reads a job; `None` where the text is no JSON object.
    pub(super) fn read(json: &'a str) -> Option<Self> {
        let mut fields = Self::default();
        let (mut own_pool, mut running_in) = (None, None);
        each_member(json, |key, value| match key {
            "id" => fields.id = text(value),
            "displayName" => fields.display_name = text(value),
            "state" => fields.state = text(value),
            "priority" => fields.priority = integer(value),
            "creationTime" => fields.creation_time_ms = moment(value),
            "poolInfo" => own_pool = pool_id(value),
            "executionInfo" => running_in = pool_id(value),
            _ => {}
        })?;
        fields.pool_id = running_in.or(own_pool);
        Some(fields)
    }
}

fn pool_id(value: &RawValue) -> Option<Cow<'_, str>> {
    let mut found = None;
    each_member(value.get(), |key, value| {
        if key == "poolId" {
            found = text(value);
        }
    })?;
    found
}

/// A string, decoded; lone surrogates, which no Unicode text can hold, become U+FFFD.
fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let inner = value.get().strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let bytes = serde_json::Deserializer::from_str(value.get()).deserialize_bytes(Bytes).ok()?;
    Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A 32-bit integer, also where it is written as a string, as 64-bit ones are.
fn integer(value: &RawValue) -> Option<i32> {
    value.get().trim_matches('"').parse().ok()
}

fn moment(value: &RawValue) -> Option<i64> {
    let parsed = OffsetDateTime::parse(&text(value)?, &Rfc3339).ok()?;
    i64::try_from(parsed.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// Calls `take` for each member of a JSON object; `None` where it is no object. Of a name that
/// stands twice the last counts.
fn each_member<'a>(json: &'a str, take: impl FnMut(&str, &'a RawValue)) -> Option<()> {
    serde_json::Deserializer::from_str(json).deserialize_map(Members(take)).ok()
}

struct Members<F>(F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            match key.0 {
                Some(key) => (self.0)(&key, map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A member's name; `None` for one that is no Unicode, which is none of ours.
struct Key<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = deserializer.deserialize_bytes(Bytes)?;
        Ok(Self(match bytes {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }))
    }
}

/// A string's bytes. Read as bytes, JSON strings may hold lone surrogates.
struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Cow<'de, [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(bytes))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(bytes.to_owned()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text.as_bytes()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.as_bytes().to_owned()))
    }
}
