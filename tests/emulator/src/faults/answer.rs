//! Carries out the faults that work on a finished answer: what goes over the wire instead of it.
//!
//! Everything here is a `Step` script or another set of headers. The services' own part (which body
//! belongs to which status) stays with them; delays and hanging are `exchange`'s.

use std::{collections::VecDeque, io::Write, time::Duration};

use bytes::Bytes;
use flate2::{
    Compress, Compression, Crc, FlushCompress,
    write::{GzEncoder, ZlibEncoder},
};
use hyper::{
    Response, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};

use crate::{
    body::{Body, Step},
    faults::{Fault, When},
    journal::Outcome,
    message::Answer,
    wire::Ending,
};

/// Long enough for what was written to arrive before the connection ends: a reset would
/// otherwise overtake it.
const SETTLE: Duration = Duration::from_millis(20);

/// Bytes handed to the connection at a time.
const PIECE: usize = 64 * 1024;

/// The connection is to end without an answer.
#[derive(Debug)]
pub(crate) struct NoAnswer;

/// Turns an answer into what is sent, spoilt by `fault` when there is one.
pub(crate) fn send(
    mut answer: Answer,
    fault: Option<&Fault>,
    ending: &Ending,
    outcome: &Outcome,
) -> Result<Response<Body>, NoAnswer> {
    let script = match fault {
        Some(Fault::Reset { when }) => cut(&answer, *when, Some(ending))?,
        Some(Fault::Close { when }) => cut(&answer, *when, None)?,
        Some(Fault::Drip { bytes, every_ms }) => {
            let pause = Duration::from_millis(*every_ms);
            Script::of(&answer, [Step::Drip(answer.body.clone(), *bytes, pause)])
        }
        Some(Fault::Truncate { at, chunked }) => truncate(&answer, *at, *chunked),
        Some(Fault::Huge { bytes, gzip }) => huge(&mut answer, *bytes, *gzip),
        Some(other) => {
            change(&mut answer, other);
            Script::whole(&answer)
        }
        None => Script::whole(&answer),
    };
    outcome.set_status(answer.status.as_u16());
    let mut response = Response::new(Body::new(script.steps, script.length, outcome.clone()));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// How a body is sent: the steps, and the length that the headers promise.
struct Script {
    steps: VecDeque<Step>,
    length: Option<u64>,
}

impl Script {
    fn of(answer: &Answer, steps: impl Into<VecDeque<Step>>) -> Self {
        let length = (!answer.chunked).then_some(answer.body.len() as u64);
        Self { steps: steps.into(), length }
    }

    /// The whole body, in pieces so that the first are on their way while others are encrypted.
    fn whole(answer: &Answer) -> Self {
        let size = answer.body.len();
        let piece = |at| Step::Send(answer.body.slice(at..size.min(at + PIECE)));
        Self::of(answer, (0..size).step_by(PIECE).map(piece).collect::<VecDeque<_>>())
    }
}

fn cut(answer: &Answer, when: When, ending: Option<&Ending>) -> Result<Script, NoAnswer> {
    let sent = match when {
        When::BeforeHeaders => {
            if let Some(ending) = ending {
                ending.reset();
            }
            return Err(NoAnswer);
        }
        When::AfterHeaders => Bytes::new(),
        When::MidBody => answer.body.slice(..answer.body.len() / 2),
    };
    let steps = [Step::Send(sent), Step::Wait(SETTLE), Step::Cut(ending.cloned())];
    Ok(Script::of(answer, steps))
}

fn truncate(answer: &Answer, at: usize, chunked: bool) -> Script {
    let sent = answer.body.slice(..at.min(answer.body.len()));
    // A cut at or behind the end still has to promise more than it sends.
    let promised = answer.body.len().max(at.saturating_add(1)) as u64;
    Script {
        steps: [Step::Send(sent), Step::Wait(SETTLE), Step::Cut(None)].into(),
        length: (!chunked).then_some(promised),
    }
}

/// Valid JSON up to its middle, so that a parser that streams keeps reading.
fn huge(answer: &mut Answer, bytes: u64, gzip: bool) -> Script {
    let spaces = Bytes::from(vec![b' '; PIECE]);
    let pieces = bytes.div_ceil(PIECE as u64).max(1);
    if !gzip {
        let start = Bytes::from_static(b"{\"value\":[");
        let end = Bytes::from_static(b"]}");
        let steps = [Step::Send(start), Step::Repeat(spaces, pieces), Step::Send(end)];
        return Script { steps: steps.into(), length: None };
    }
    *answer = std::mem::replace(answer, Answer::new(StatusCode::OK, "", Bytes::new()))
        .with(CONTENT_ENCODING, "gzip");
    Script { steps: bomb(&spaces, pieces), length: None }
}

/// A gzip stream (RFC 1952) that holds `piece` so many times. The piece is compressed once, behind
/// a full flush, so its compressed form can be repeated as it is.
fn bomb(piece: &Bytes, times: u64) -> VecDeque<Step> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(piece.len());
    let flushed = compress.compress_vec(piece, &mut block, FlushCompress::Full);
    debug_assert!(flushed.is_ok(), "the block has room for a compressed run of spaces");

    let mut one = Crc::new();
    one.update(piece);
    let mut all = Crc::new();
    for _ in 0..times {
        all.combine(&one);
    }
    // Last block: fixed codes, end of block at once (RFC 1951, 3.2.6); then checksum and size.
    let mut trailer = vec![0x03, 0x00];
    trailer.extend(all.sum().to_le_bytes());
    trailer.extend(all.amount().to_le_bytes());
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    [
        Step::Send(Bytes::copy_from_slice(&header)),
        Step::Repeat(Bytes::from(block), times),
        Step::Send(Bytes::from(trailer)),
    ]
    .into()
}

/// The faults that leave the sending alone.
fn change(answer: &mut Answer, fault: &Fault) {
    let changed = std::mem::replace(answer, Answer::new(StatusCode::OK, "", Bytes::new()));
    *answer = match fault {
        Fault::Gzip { corrupt, deflate } => compressed(changed, *corrupt, *deflate),
        Fault::Body { status, content_type, body } => {
            replaced(changed, *status, content_type.as_deref(), body)
        }
        Fault::HugeHeaders => (0..100)
            .fold(changed, |answer, n| answer.with_named(&format!("x-ms-filler-{n}"), &"f".repeat(4096))),
        _ => changed,
    };
}

fn compressed(mut answer: Answer, corrupt: bool, deflate: bool) -> Answer {
    let level = Compression::fast();
    let bytes = if deflate {
        let mut encoder = ZlibEncoder::new(Vec::new(), level);
        encoder.write_all(&answer.body).and_then(|()| encoder.finish())
    } else {
        let mut encoder = GzEncoder::new(Vec::new(), level);
        encoder.write_all(&answer.body).and_then(|()| encoder.finish())
    };
    // Writing to a vector does not fail; an empty body would show if it did.
    let mut bytes = bytes.unwrap_or_default();
    if corrupt {
        let middle = bytes.len() / 2;
        for byte in bytes.iter_mut().skip(middle) {
            *byte ^= 0xff;
        }
    }
    answer.body = bytes.into();
    answer.with(CONTENT_ENCODING, if deflate { "deflate" } else { "gzip" })
}

fn replaced(mut answer: Answer, status: Option<u16>, content_type: Option<&str>, body: &str) -> Answer {
    answer.body = Bytes::copy_from_slice(body.as_bytes());
    answer.chunked = false;
    if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
        answer.status = status;
    }
    match content_type {
        Some("") => {
            answer.headers.remove(CONTENT_TYPE);
            answer
        }
        Some(content_type) => answer.with(CONTENT_TYPE, content_type),
        None => answer,
    }
}
