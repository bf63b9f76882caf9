//! A response body that follows a script: send, repeat, wait, cut.
//!
//! One type serves the ordinary answer (send everything) and every fault that works on the body.
//! With a length it goes out under `Content-Length`, without one it is chunked (RFC 9112, 6-7).
//! Which script a fault writes is in `faults::answer`.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

use crate::{journal::Outcome, wire::Ending};

/// One step of a body's script.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends these bytes.
    Send(Bytes),
    /// Sends the same bytes so many times.
    Repeat(Bytes, u64),
    /// Sends these bytes, `usize` at a time, with a pause after each.
    Drip(Bytes, usize, Duration),
    /// Flushes what was sent and waits.
    Wait(Duration),
    /// Ends the connection here, in a reset when an `Ending` is given.
    Cut(Option<Ending>),
}

/// A body that is being sent.
#[derive(Debug)]
pub(crate) struct Body {
    steps: VecDeque<Step>,
    length: Option<u64>,
    waiting: Option<Pin<Box<Sleep>>>,
    outcome: Outcome,
}

impl Body {
    /// `length` is what the headers promise, `None` for a chunked body.
    pub(crate) fn new(steps: impl Into<VecDeque<Step>>, length: Option<u64>, outcome: Outcome) -> Self {
        Self { steps: steps.into(), length, waiting: None, outcome }
    }

    fn wait(&mut self, pause: Duration) {
        self.waiting = Some(Box::pin(tokio::time::sleep(pause)));
    }

    /// Takes the next bytes off the script; none when the step was not one that sends.
    fn advance(&mut self, step: Step) -> Option<io::Result<Bytes>> {
        match step {
            Step::Send(bytes) => return Some(Ok(bytes)),
            Step::Repeat(bytes, times) => {
                if times > 1 {
                    self.steps.push_front(Step::Repeat(bytes.clone(), times - 1));
                }
                return (times > 0).then_some(Ok(bytes));
            }
            Step::Drip(mut bytes, size, pause) => {
                let piece = bytes.split_to(size.clamp(1, bytes.len().max(1)).min(bytes.len()));
                if !bytes.is_empty() {
                    self.steps.push_front(Step::Drip(bytes, size, pause));
                }
                self.steps.push_front(Step::Wait(pause));
                return Some(Ok(piece));
            }
            Step::Wait(pause) => self.wait(pause),
            Step::Cut(ending) => {
                if let Some(ending) = ending {
                    ending.reset();
                }
                self.steps.clear();
                return Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted)));
            }
        }
        None
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(sleep) = &mut self.waiting {
                ready!(sleep.as_mut().poll(context));
                self.waiting = None;
            }
            let Some(step) = self.steps.pop_front() else {
                return Poll::Ready(None);
            };
            match self.advance(step) {
                // An empty chunk would end a chunked body.
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => {
                    self.outcome.add_bytes(bytes.len() as u64);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {}
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.waiting.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
