//! One transport for the whole library: TLS, proxy, retries, deadlines, bounded bodies.
//!
//! A request goes out as it is given and an answer comes back whole, whatever its status: what a
//! status means is for `entra` and `batch` to say. Redirects are refused, since every request of
//! this library carries a secret or a token. One connection pool serves all Auths that share their
//! TLS and proxy settings.

mod client;
mod failure;
mod proxy;
mod retry;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use crate::error::{Error, Result, Status, shown};
use crate::runtime::Limits;
use crate::runtime::log::{Level, log};
use crate::system::System;

pub(crate) use client::ClientSettings;
pub(crate) use retry::retry_after;

use client::SharedClient;

/// Where the answers of this transport are bounded, after decompression.
pub(crate) const MAX_PAGE: usize = 16 << 20;
/// The same for the answers of a token endpoint.
pub(crate) const MAX_TOKEN_ANSWER: usize = 1 << 20;

/// Sends requests: cheap to clone, one an Auth.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    client: Arc<SharedClient>,
    system: System,
    user_agent: HeaderValue,
    max_retries: u32,
}

/// One request, which may be sent several times.
pub(crate) struct Request {
    /// What the request is for, as errors say it: "the token request", "listing jobs".
    pub(crate) purpose: &'static str,
    /// Where to; https only.
    pub(crate) url: Url,
    /// Beside the user agent.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// A form to POST; a GET without one.
    pub(crate) form: Option<Zeroizing<String>>,
    /// The largest answer to accept, in bytes.
    pub(crate) max_body: usize,
    /// How long one try may wait for the head of the answer, or for more of its body.
    pub(crate) patience: Duration,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The host that answered.
    pub(crate) host: String,
}

impl Answer {
    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether this is a web page, as proxies and captive portals send, rather than the service.
    pub(crate) fn is_html(&self) -> bool {
        let declared =
            self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        match self.body.trim_ascii_start().first() {
            Some(b'<') => true,
            // JSON under a wrong name is still JSON.
            Some(b'{') => false,
            _ => declared,
        }
    }

    /// The body as JSON, every text in it without what `mask` hides; null where it is no JSON.
    /// Masked before anything is cut or quoted, so that no part of a secret slips through.
    pub(crate) fn masked_json(&self, mask: &dyn Fn(&str) -> String) -> Value {
        let mut value = serde_json::from_slice(&self.body).unwrap_or_default();
        mask_texts(&mut value, mask);
        value
    }

    /// The error for an answer that is no JSON of the service.
    pub(crate) fn not_understood(&self, purpose: &str, why: &str) -> Error {
        let (host, status) = (&self.host, self.status);
        let error = if self.is_html() {
            Error::new(
                Status::Protocol,
                format!("{purpose} at {host} was answered with a web page instead of JSON (HTTP {status})"),
            )
            .with_help(
                "A proxy, firewall or captive portal answered in place of the service: check \
                 proxy_url, HTTPS_PROXY and NO_PROXY, and that the host name is right.",
            )
        } else {
            Error::new(
                Status::Protocol,
                format!("{purpose} at {host} got an answer that cannot be understood (HTTP {status}): {why}"),
            )
            .with_help("Check that the URL is the service's own; if it is, report the request id.")
        };
        let error = error.with_http_status(status);
        if matches!(status, 408 | 429 | 500..=599) {
            error.retryable(retry_after(&self.headers, None))
        } else {
            error
        }
    }
}

impl Transport {
    /// A transport with these settings. Reads and checks the CA bundle; opens no connection.
    pub(crate) fn new(
        settings: &ClientSettings,
        user_agent_suffix: Option<&str>,
        max_retries: u32,
        system: System,
    ) -> Result<Self> {
        Ok(Self {
            client: SharedClient::shared(settings, &system)?,
            user_agent: user_agent(user_agent_suffix)?,
            system,
            max_retries,
        })
    }

    /// Whether both send through the same connections.
    #[cfg(test)]
    pub(crate) fn shares_pool_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.client, &other.client)
    }

    /// The machine this transport runs on.
    pub(crate) fn system(&self) -> &System {
        &self.system
    }

    /// Sends, and sends again where that is of use and inside the limits.
    ///
    /// # Errors
    /// Network, TLS, proxy and protocol failures, each told apart. An answer of any status other
    /// than a redirect is not an error here.
    pub(crate) async fn send(&self, request: &Request, limits: &Limits) -> Result<Answer> {
        if request.url.scheme() != "https" {
            return Err(Error::invalid("url", "must start with https://", request.url.scheme()));
        }
        let mut retries = 0;
        loop {
            let outcome = self.attempt(request, limits).await;
            let Some(wait) = self.wait_before_retry(&outcome, retries, limits) else {
                return outcome;
            };
            retries += 1;
            log(Level::Warn, "http", || {
                let why = match &outcome {
                    Ok(answer) => format!("HTTP {}", answer.status),
                    Err(error) => error.message().to_owned(),
                };
                format!("{} is tried again in {} ms: {why}", request.purpose, wait.as_millis())
            });
            let doing = format!("waiting to repeat {}", request.purpose);
            limits.pause(&doing, wait).await?;
        }
    }

    /// How long to wait for the next try, or `None` where the outcome stands.
    fn wait_before_retry(&self, outcome: &Result<Answer>, retries: u32, limits: &Limits) -> Option<Duration> {
        let asked = match outcome {
            Ok(answer) if !retry::is_transient(answer.status) => return None,
            Ok(answer) => retry_after(&answer.headers, Some(self.system.clock.unix_ms())),
            Err(error) if !failure::is_passing(error) => return None,
            Err(_) => None,
        };
        let wait = asked.unwrap_or_else(|| retry::back_off(retries, self.system.fraction()));
        (retries < self.max_retries && wait < limits.remaining()).then_some(wait)
    }

    async fn attempt(&self, request: &Request, limits: &Limits) -> Result<Answer> {
        let started = self.system.clock.monotonic();
        let doing = format!("{} at {}", request.purpose, host_of(&request.url));
        let outcome = limits.run(&doing, self.exchange(request)).await;
        log(Level::Debug, "http", || {
            let took = self.system.clock.monotonic().saturating_sub(started).as_millis();
            let method = if request.form.is_some() { "POST" } else { "GET" };
            let place = format!("{}{}", host_of(&request.url), request.url.path());
            match &outcome {
                Ok(answer) => format!("{method} {place}: {} in {took} ms", answer.status),
                Err(error) => format!("{method} {place}: {} in {took} ms", error.status().name()),
            }
        });
        outcome
    }

    async fn exchange(&self, request: &Request) -> Result<Answer> {
        let client = self.client.get()?;
        let failed = |cause: reqwest::Error| failure::explain(&cause, request, self.client.settings());
        let mut builder = match &request.form {
            Some(form) => client
                .post(request.url.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.as_bytes().to_vec()),
            None => client.get(request.url.clone()),
        };
        builder = builder.header("user-agent", self.user_agent.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name.clone(), value.clone());
        }
        let mut response = self.patiently(request, async { builder.send().await.map_err(failed) }).await?;
        refuse_redirect(request, &response)?;
        let mut body = Vec::new();
        if let Some(length) = response.content_length() {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            check_size(request, length)?;
            body.reserve_exact(length);
        }
        loop {
            let next = async { response.chunk().await.map_err(failed) };
            let Some(chunk) = self.patiently(request, next).await? else { break };
            check_size(request, body.len() + chunk.len())?;
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body,
            host: host_of(&request.url),
        })
    }

    /// Gives up on one try when nothing comes for too long, so that there is time for another.
    async fn patiently<T>(&self, request: &Request, step: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            result = step => result,
            () = self.system.clock.sleep(request.patience) => {
                let waited = request.patience.as_secs();
                Err(Error::new(
                    Status::Timeout,
                    format!("{} at {}: no answer within {waited} s", request.purpose, host_of(&request.url)),
                )
                .retryable(None))
            }
        }
    }
}

fn mask_texts(value: &mut Value, mask: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_texts(item, mask)),
        Value::Object(members) => members.values_mut().for_each(|member| mask_texts(member, mask)),
        _ => {}
    }
}

/// Host and, where it is not 443, port: as people know the place, without path and query.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn check_size(request: &Request, size: usize) -> Result<()> {
    if size <= request.max_body {
        return Ok(());
    }
    Err(Error::new(
        Status::Protocol,
        format!(
            "{} at {}: the answer is larger than {} MiB",
            request.purpose,
            host_of(&request.url),
            request.max_body >> 20
        ),
    )
    .with_help("Ask for fewer items a page (max_results) or fewer fields (select)."))
}

/// No redirect is followed: it would carry a secret or a token to a place nobody vouched for.
fn refuse_redirect(request: &Request, response: &reqwest::Response) -> Result<()> {
    let status = response.status();
    if !status.is_redirection() {
        return Ok(());
    }
    let location = response.headers().get("location").and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| request.url.join(location).ok());
    let answer = match target {
        Some(url) => format!("a redirect to {}, which is not followed", shown(&host_of(&url))),
        None => "what is neither a success nor a refusal".to_owned(),
    };
    let place = format!("{} at {}", request.purpose, host_of(&request.url));
    let code = status.as_u16();
    Err(Error::new(Status::Protocol, format!("{place} was answered with {answer} (HTTP {code})"))
        .with_http_status(code)
        .with_help(
            "The service never redirects: check the URL, and look for a proxy or captive portal that \
             answers in its place.",
        ))
}

fn user_agent(suffix: Option<&str>) -> Result<HeaderValue> {
    let os = std::env::consts::OS;
    let base = format!("batch-auth/{} ({os})", env!("CARGO_PKG_VERSION"));
    let text = match suffix {
        Some(suffix) => {
            let printable = suffix.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            if !printable || suffix.len() > 256 {
                let rule = "must be printable ASCII of at most 256 characters";
                return Err(Error::invalid("user_agent_suffix", rule, suffix));
            }
            format!("{base} {suffix}")
        }
        None => base,
    };
    HeaderValue::from_str(&text)
        .map_err(|_| Error::invalid("user_agent_suffix", "must be a header value", &text))
}
