//! One page of a listing: the bytes as the service wrote them, and where each job stands in them.
//!
//! A page is read once, when it arrives. The jobs' own texts stay where they are; the separator
//! after each is overwritten with a NUL, so that C reads them in place. The few fields that have
//! accessors are decoded into one arena a page.

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::job::{Fields, JobState};

/// A page, read.
#[derive(Debug)]
pub(super) struct Page {
    /// The body; NUL after each job.
    bytes: Vec<u8>,
    /// The decoded texts, each followed by a NUL.
    arena: Vec<u8>,
    records: Vec<Record>,
    next_link: Option<String>,
}

/// One job of a page.
#[derive(Debug)]
pub(super) struct Record {
    json: Range<usize>,
    pub(super) id: Text,
    pub(super) display_name: Text,
    pub(super) state_text: Text,
    pub(super) pool_id: Text,
    pub(super) state: JobState,
    pub(super) priority: Option<i32>,
    pub(super) creation_time_ms: Option<i64>,
}

/// Where a text begins in the arena; `None` where the job has none.
pub(super) type Text = Option<usize>;

impl Page {
    /// Reads a body. The error says what is wrong with it, without quoting it.
    pub(super) fn read(mut bytes: Vec<u8>) -> Result<Self, String> {
        const BOM: &[u8] = b"\xef\xbb\xbf";
        if bytes.starts_with(BOM) {
            bytes.drain(..BOM.len());
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let envelope: Envelope<'_> = read_envelope(text)?;
        let mut arena = Vec::new();
        let mut records = Vec::with_capacity(envelope.jobs.len());
        for job in &envelope.jobs {
            let fields = Fields::read(job.get()).ok_or("an element of \"value\" is no object")?;
            let start = job.get().as_ptr() as usize - text.as_ptr() as usize;
            records.push(Record {
                json: start..start + job.get().len(),
                id: keep(&mut arena, fields.id.as_deref()),
                display_name: keep(&mut arena, fields.display_name.as_deref()),
                state_text: keep(&mut arena, fields.state.as_deref()),
                pool_id: keep(&mut arena, fields.pool_id.as_deref()),
                state: fields.state.as_deref().map_or(JobState::Unknown, JobState::parse),
                priority: fields.priority,
                creation_time_ms: fields.creation_time_ms,
            });
        }
        let next_link = envelope.next_link.map(Cow::into_owned).filter(|link| !link.is_empty());
        for record in &records {
            // What follows an element of an array is a comma, a bracket or a blank.
            if let Some(separator) = bytes.get_mut(record.json.end) {
                *separator = 0;
            }
        }
        Ok(Self { bytes, arena, records, next_link })
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn next_link(&self) -> Option<&str> {
        self.next_link.as_deref()
    }

    pub(super) fn record(&self, index: usize) -> Option<&Record> {
        self.records.get(index)
    }

    /// A job's own text and the NUL after it.
    pub(super) fn json(&self, record: &Record) -> &CStr {
        let from_start = self.bytes.get(record.json.start..=record.json.end).unwrap_or_default();
        CStr::from_bytes_with_nul(from_start).unwrap_or_default()
    }

    /// A decoded text and the NUL after it.
    pub(super) fn text(&self, text: Text) -> Option<&CStr> {
        CStr::from_bytes_until_nul(self.arena.get(text?..)?).ok()
    }
}

fn keep(arena: &mut Vec<u8>, text: Option<&str>) -> Text {
    let text = text?;
    let start = arena.len();
    // A C string cannot hold a NUL; the job's JSON still shows it.
    arena.extend_from_slice(text.replace('\0', "\u{fffd}").as_bytes());
    arena.push(0);
    Some(start)
}

/// The object around the jobs.
#[derive(Default)]
struct Envelope<'a> {
    jobs: Vec<&'a RawValue>,
    next_link: Option<Cow<'a, str>>,
}

fn read_envelope(text: &str) -> Result<Envelope<'_>, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let not_a_page = |cause: serde_json::Error| {
        // Built from the place, not from the cause's text: that may quote the body.
        let (line, column) = (cause.line(), cause.column());
        match cause.classify() {
            serde_json::error::Category::Eof => format!("it ends early, at line {line}, column {column}"),
            serde_json::error::Category::Data => {
                format!("it is not a list of jobs, at line {line}, column {column}")
            }
            _ => format!("it is not JSON, at line {line}, column {column}"),
        }
    };
    let envelope = reader.deserialize_map(EnvelopeVisitor).map_err(not_a_page)?;
    reader.end().map_err(not_a_page)?;
    envelope.ok_or_else(|| "it has no array \"value\"".to_owned())
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Option<Envelope<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of jobs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope::default();
        let mut seen = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "value" => {
                    envelope.jobs = map.next_value()?;
                    seen = true;
                }
                "odata.nextLink" => envelope.next_link = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(seen.then_some(envelope))
    }
}

#[cfg(test)]
mod tests;
