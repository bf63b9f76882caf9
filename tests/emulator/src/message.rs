//! A request that was read whole, and an answer before it goes on the wire.
//!
//! Both ends of every listener's work: `exchange` fills a `Received` and sends an `Answer`, the
//! rooms `entra` and `batch` turn the one into the other and never see a connection.

use std::borrow::Cow;

use bytes::Bytes;
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
};
use percent_encoding::percent_decode_str;

/// A request with its whole body.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: Method,
    /// Still percent-encoded.
    pub(crate) path: String,
    /// Still percent-encoded, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    /// A header as text; empty when absent or not text.
    pub(crate) fn header(&self, name: impl hyper::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Host and port as the client wrote them.
    pub(crate) fn host(&self) -> &str {
        self.header(hyper::header::HOST)
    }

    /// Query parameters in order, names and values decoded. `+` stays a plus: that is HTML's rule,
    /// not RFC 3986's.
    pub(crate) fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
    }

    /// The path's segments, decoded. An empty one (`//`, or a slash at the end) stays, so that it
    /// fits no route.
    pub(crate) fn segments(&self) -> Vec<Cow<'_, str>> {
        self.path.strip_prefix('/').unwrap_or(&self.path).split('/').map(decode).collect()
    }

    /// Fields of a form body; none when the content type is not a form's.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let content_type = self.header(CONTENT_TYPE);
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Vec::new();
        }
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// An answer: status, headers, and a body sent under `Content-Length` or in chunks.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) chunked: bool,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let answer = Self { status, headers: HeaderMap::new(), body: body.into(), chunked: false };
        answer.with(CONTENT_TYPE, content_type)
    }

    /// Sets a header. A value that no header can hold is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Sets a header by a name that came from outside; what is no header name is left out.
    pub(crate) fn with_named(self, name: &str, value: &str) -> Self {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => self.with(name, value),
            Err(_) => self,
        }
    }

    pub(crate) fn redirect(status: StatusCode, location: &str) -> Self {
        Self::new(status, "text/html; charset=utf-8", "<html><body>Object moved</body></html>")
            .with(LOCATION, location)
    }
}
