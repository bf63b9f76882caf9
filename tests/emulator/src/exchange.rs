//! One exchange: read the request, log it, let a fault have its way, answer.
//!
//! The order matters to tests: first it is settled which fault hits the request, then it is entered
//! in the journal, then anything is waited for. So a test that saw the request may clear the faults
//! without letting it off. What a right answer is, only the `Service` knows.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{DATE, WWW_AUTHENTICATE},
};

use crate::{
    body::Body,
    faults::{Fault, answer::NoAnswer, answer::send},
    journal::{self, Outcome},
    message::{Answer, Received},
    wire::Ending,
    world::World,
};

/// More than any request to Entra or Batch needs.
const MAX_REQUEST_BYTES: usize = 1024 * 1024;

/// A room that answers requests: Entra, one Batch account, or a listener that should not be reached.
pub(crate) trait Service: Send + Sync + 'static {
    /// The listener's name in rules and in the journal.
    fn listener(&self) -> &str;

    /// The right answer. A fault that changes what the service says is its own to carry out.
    fn answer(&self, request: &Received, fault: Option<&Fault>) -> Answer;

    /// The service's error body for a status that a fault asks for.
    fn refusal(&self, request: &Received, status: StatusCode) -> Answer;

    /// The challenge header for these claims; none when the request's token meets them.
    fn challenge(&self, _request: &Received, _claims: &serde_json::Value) -> Option<String> {
        None
    }
}

/// Answers one request, or ends the connection without an answer.
pub(crate) async fn exchange(
    world: Arc<World>,
    service: Arc<dyn Service>,
    ending: Ending,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let received = read(request).await?;
    let outcome = Outcome::default();
    let mut cleared = world.faults.cleared();
    let fault = world.faults.hit(service.listener(), &received, |fault| match fault {
        Fault::ClaimsChallenge { claims, .. } => service.challenge(&received, claims).is_some(),
        _ => true,
    });
    world.journal.enter(entry(&*service, &received, &outcome));
    let latency_ms = world.positions().latency_ms;
    pause(latency_ms).await;

    match &fault {
        Some(Fault::Delay { ms }) => pause(*ms).await,
        Some(Fault::Hang) => {
            cleared.wait().await;
            return Err(ended());
        }
        _ => {}
    }
    let answer = answer(&*service, &received, fault.as_ref()).with(DATE, &world.clock.http_date());
    send(answer, fault.as_ref(), &ending, &outcome).map_err(|NoAnswer| ended())
}

fn answer(service: &dyn Service, received: &Received, fault: Option<&Fault>) -> Answer {
    match fault {
        Some(fault @ Fault::Status { status, .. }) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::IM_A_TEAPOT);
            refused(service.refusal(received, status), fault)
        }
        Some(Fault::Redirect { status, location }) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::FOUND);
            Answer::redirect(status, location)
        }
        Some(Fault::ClaimsChallenge { claims, malformed }) => {
            let header = service.challenge(received, claims).unwrap_or_default();
            // Cut inside a quoted string: no parser can make sense of what is left.
            let end = if *malformed { header.len() / 2 } else { header.len() };
            service
                .refusal(received, StatusCode::UNAUTHORIZED)
                .with(WWW_AUTHENTICATE, header.get(..end).unwrap_or_default())
        }
        fault => service.answer(received, fault),
    }
}

/// Dresses the service's refusal as a `status` fault asks.
fn refused(mut answer: Answer, fault: &Fault) -> Answer {
    let Fault::Status { retry_after, retry_after_ms_header, headers, content_type, body, .. } = fault else {
        return answer;
    };
    if let Some(body) = body {
        let content_type = content_type.as_deref().unwrap_or("application/json");
        answer.body = Bytes::copy_from_slice(body.as_bytes());
        answer = answer.with(hyper::header::CONTENT_TYPE, content_type);
    }
    if let Some(retry_after) = retry_after {
        answer = answer.with(hyper::header::RETRY_AFTER, retry_after);
    }
    if let Some(retry_after_ms) = retry_after_ms_header {
        answer = answer.with_named("retry-after-ms", retry_after_ms);
    }
    headers.iter().fold(answer, |answer, (name, value)| answer.with_named(name, value))
}

async fn read(request: Request<Incoming>) -> Result<Received, io::Error> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST_BYTES).collect().await.map_err(io::Error::other)?;
    Ok(Received {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.to_bytes(),
    })
}

fn entry(service: &dyn Service, received: &Received, outcome: &Outcome) -> journal::Request {
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    journal::Request {
        n: 0,
        listener: service.listener().to_owned(),
        method: received.method.to_string(),
        path: received.path.clone(),
        query: received.query.clone(),
        headers: received.headers.iter().map(header).collect(),
        form: received.form(),
        outcome: outcome.clone(),
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn ended() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionAborted)
}
