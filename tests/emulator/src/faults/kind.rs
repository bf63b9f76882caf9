//! The kinds of fault, as JSON and as Rust.
//!
//! `{"kind": "status", "status": 503}` and `Fault::status(503)` are the same. What each does on the
//! wire is in `faults::answer` and `exchange`, except for the three that change what a service says
//! (`token`, `next_link`, `empty_pages`), which the services carry out themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that goes wrong with one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Another status. Without `body` the service's own error body for that status is sent.
    Status {
        /// HTTP status.
        status: u16,
        /// `Retry-After`, as text: seconds, a date, or garbage.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
        retry_after: Option<String>,
        /// `retry-after-ms`.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
        retry_after_ms_header: Option<String>,
        /// Further headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// `Content-Type` of `body`; JSON when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// Body instead of the service's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// The right answer, late.
    Delay {
        /// How late.
        ms: u64,
    },
    /// Never answers. Ends when the faults are cleared or the client goes away.
    Hang,
    /// The right answer, slowly.
    Drip {
        /// Bytes at a time.
        bytes: usize,
        /// Pause after each piece.
        every_ms: u64,
    },
    /// A TCP reset.
    Reset {
        /// Where in the answer.
        when: When,
    },
    /// An orderly TCP close (no TLS close_notify).
    Close {
        /// Where in the answer.
        when: When,
    },
    /// The body ends early: short of `Content-Length`, or without the last chunk.
    Truncate {
        /// Bytes that are sent.
        at: usize,
        /// Chunked instead of under `Content-Length`.
        #[serde(default)]
        chunked: bool,
    },
    /// The right answer, compressed.
    Gzip {
        /// Damages the compressed bytes.
        #[serde(default)]
        corrupt: bool,
        /// `deflate` (zlib, RFC 9110 8.4.1.2) instead of `gzip`.
        #[serde(default)]
        deflate: bool,
    },
    /// Another body under the right headers.
    Body {
        /// Status; the right one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// `Content-Type`; the right one when absent, none at all when empty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// The body.
        body: String,
    },
    /// An endless-looking body of spaces inside JSON.
    Huge {
        /// Size, after decompression.
        bytes: u64,
        /// Sends it compressed, about a thousandth of the size.
        #[serde(default)]
        gzip: bool,
    },
    /// Another `odata.nextLink` than the right one. A last page gets one too.
    NextLink {
        /// In what way it is wrong.
        mode: NextLink,
        /// The link itself, for `literal`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Pages without jobs, each with a new next link, before the right page.
    EmptyPages {
        /// How many; 0 for no end.
        count: u16,
    },
    /// A redirect.
    Redirect {
        /// HTTP status.
        status: u16,
        /// `Location`.
        location: String,
    },
    /// Changes a token answer. Refusals pass unchanged.
    Token(TokenShape),
    /// Adds 400 KB of headers to the right answer.
    HugeHeaders,
    /// 401 with a claims challenge, until a token comes that was asked for with these claims.
    ClaimsChallenge {
        /// The claims request, a JSON object.
        claims: Value,
        /// Sends a header that cannot be parsed.
        #[serde(default)]
        malformed: bool,
    },
}

/// The moment at which a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Before anything is sent.
    BeforeHeaders,
    /// After the headers, before the body.
    AfterHeaders,
    /// After half of the body.
    MidBody,
}

/// The ways in which a next link can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextLink {
    /// Another host.
    OtherHost,
    /// The same host, another port.
    OtherPort,
    /// `http` instead of `https`.
    Http,
    /// A user name in front of the host.
    Userinfo,
    /// Path and query only.
    Relative,
    /// The page that was just asked for.
    Loop,
    /// JSON null.
    Null,
    /// The empty string.
    Empty,
    /// The right link with the host in upper case.
    UpperCaseHost,
    /// What `value` says.
    Literal,
}

/// Changes to a token answer; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenShape {
    /// `expires_in`, and with it the token's `exp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// Numbers as JSON strings.
    #[serde(default)]
    pub as_string: bool,
    /// Leaves `expires_in` and `ext_expires_in` out.
    #[serde(default)]
    pub omit_expiry: bool,
    /// Leaves `access_token` out.
    #[serde(default)]
    pub omit_access_token: bool,
    /// `token_type` instead of `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Adds `refresh_in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_in: Option<i64>,
    /// `access_token` instead of a good one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
}

impl Fault {
    /// A status with the service's own error body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
            retry_after_ms_header: None,
            headers: BTreeMap::new(),
            content_type: None,
            body: None,
        }
    }

    /// A status that asks to wait; `retry_after` is the header's text.
    #[must_use]
    pub fn retry_after(status: u16, retry_after: impl Into<String>) -> Self {
        let mut fault = Self::status(status);
        if let Self::Status { retry_after: header, .. } = &mut fault {
            *header = Some(retry_after.into());
        }
        fault
    }

    /// A body in place of the right one, under a 200 (or whatever the right status is).
    #[must_use]
    pub fn body(content_type: &str, body: impl Into<String>) -> Self {
        let content_type = Some(content_type.to_owned());
        Self::Body { status: None, content_type, body: body.into() }
    }

    /// A wrong next link.
    #[must_use]
    pub fn next_link(mode: NextLink) -> Self {
        Self::NextLink { mode, value: None }
    }
}

/// Reads a header value given as JSON text or number.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(other) => Some(other.to_string()),
    })
}
