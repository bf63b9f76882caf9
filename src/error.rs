//! What an error holds: facts, a sentence for people, and the step that mends it.
//!
//! Data only. This file knows no room of the house: each room turns its own failures into an
//! [`Error`], and the C border shows the same fields through `batch_error_*`.
//!
//! Texts follow one form. `message`: lower case, no full stop, what was being done with which
//! harmless input, then the cause after ": ". `help`: full sentences in the imperative, present
//! only where they apply. Secrets, tokens, bodies and query strings never enter either.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// A result whose failure is an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// What kind of outcome a call had. The numbers are those of the C interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i32)]
        #[non_exhaustive]
        pub enum Status { $($(#[$doc])* $variant = $number,)* }

        impl Status {
            /// Every status, in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name of this status in C, such as `BATCH_E_TLS`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

statuses! {
    /// Success.
    Ok = 0, "BATCH_OK";
    /// An iteration has ended.
    Done = 1, "BATCH_DONE";
    /// I/O would be needed, and the caller asked for none.
    Pending = 2, "BATCH_PENDING";
    /// An argument is missing, malformed or out of range.
    InvalidArgument = 100, "BATCH_E_INVALID_ARGUMENT";
    /// A string is not UTF-8.
    InvalidUtf8 = 101, "BATCH_E_INVALID_UTF8";
    /// The caller's buffer cannot hold the answer.
    BufferTooSmall = 102, "BATCH_E_BUFFER_TOO_SMALL";
    /// A blocking call was made where it would wait for itself.
    WouldDeadlock = 103, "BATCH_E_WOULD_DEADLOCK";
    /// This build or platform cannot do it.
    Unsupported = 104, "BATCH_E_UNSUPPORTED";
    /// The handle is in use elsewhere.
    Busy = 105, "BATCH_E_BUSY";
    /// The credential is not configured, or not to be had here.
    CredentialUnavailable = 200, "BATCH_E_CREDENTIAL_UNAVAILABLE";
    /// Entra, or another source of tokens, refused.
    AuthenticationFailed = 201, "BATCH_E_AUTHENTICATION_FAILED";
    /// A person must sign in.
    InteractionRequired = 202, "BATCH_E_INTERACTION_REQUIRED";
    /// The host could not be found, reached or kept.
    Network = 300, "BATCH_E_NETWORK";
    /// The encrypted connection could not be made, or the server not be trusted.
    Tls = 301, "BATCH_E_TLS";
    /// The time allowed for the call is over.
    Timeout = 302, "BATCH_E_TIMEOUT";
    /// The service asked to be called less often.
    Throttled = 303, "BATCH_E_THROTTLED";
    /// The Batch service answered 401.
    Unauthorized = 400, "BATCH_E_UNAUTHORIZED";
    /// The Batch service answered 403.
    Forbidden = 401, "BATCH_E_FORBIDDEN";
    /// The Batch service answered 404.
    NotFound = 402, "BATCH_E_NOT_FOUND";
    /// Any other refusal of a service, also Entra's when it is out of order.
    Service = 403, "BATCH_E_SERVICE";
    /// An answer that cannot be understood or trusted.
    Protocol = 404, "BATCH_E_PROTOCOL";
    /// The caller cancelled.
    Cancelled = 500, "BATCH_E_CANCELLED";
    /// The library was shut down.
    Shutdown = 501, "BATCH_E_SHUTDOWN";
    /// The operation was begun by the parent process.
    Forked = 502, "BATCH_E_FORKED";
    /// Memory ran out.
    OutOfMemory = 503, "BATCH_E_OUT_OF_MEMORY";
    /// A file could not be read or written.
    Io = 504, "BATCH_E_IO";
    /// A defect of this library.
    Internal = 505, "BATCH_E_INTERNAL";
    /// A defect of this library that ended in a panic, caught at the border.
    Panic = 599, "BATCH_E_PANIC";
}

/// Why a call failed, and what to do about it.
///
/// Cheap to move, and cloned where several callers wait for one answer. Its [`fmt::Display`] is
/// the message alone.
#[derive(Clone)]
pub struct Error(Box<Facts>);

#[derive(Clone)]
struct Facts {
    status: Status,
    message: String,
    help: Option<String>,
    service_code: Option<String>,
    request_id: Option<String>,
    http_status: Option<u16>,
    retryable: bool,
    retry_after: Option<Duration>,
    claims: Option<String>,
    details: Vec<(String, String)>,
}

impl Error {
    /// An error of this kind, with the sentence that says what happened.
    #[must_use]
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            status,
            message: message.into(),
            help: None,
            service_code: None,
            request_id: None,
            http_status: None,
            retryable: false,
            retry_after: None,
            claims: None,
            details: Vec::new(),
        }))
    }

    /// An argument that breaks a rule: its name, the rule, and what was given.
    #[must_use]
    pub fn invalid(argument: &str, rule: &str, given: &str) -> Self {
        Self::new(Status::InvalidArgument, format!("{argument} {rule}, got {}", shown(given)))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Adds the service's own code, such as `AADSTS7000215`.
    #[must_use]
    pub fn with_service_code(mut self, code: impl Into<String>) -> Self {
        self.0.service_code = Some(code.into());
        self
    }

    /// Adds the id under which the service knows the request, unless it is known already.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = self.0.request_id.or(id);
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Says that the same call may succeed later, and when, where that is known.
    #[must_use]
    pub fn retryable(mut self, after: Option<Duration>) -> Self {
        self.0.retryable = true;
        self.0.retry_after = after;
        self
    }

    /// Adds a claims challenge (JSON) that a sign-in must meet.
    #[must_use]
    pub fn with_claims(mut self, claims: Option<String>) -> Self {
        self.0.claims = claims;
        self
    }

    /// Adds one named fact that has no field of its own.
    #[must_use]
    pub fn with_detail(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.details.push((key.into(), value.into()));
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// What happened, in one paragraph without secrets.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The service's own code: `AADSTS7000215`, `AuthenticationFailed`.
    #[must_use]
    pub fn service_code(&self) -> Option<&str> {
        self.0.service_code.as_deref()
    }

    /// The id to quote to the service's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The HTTP status of the refusal.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Whether the same call may succeed later without a change of configuration.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// How long the service asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The claims challenge (JSON) that a sign-in must meet.
    #[must_use]
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// Further facts by name, in the order the service gave them.
    pub fn details(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.details.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// All of it as a JSON object; absent facts are left out.
    #[must_use]
    pub fn to_json(&self) -> String {
        let facts = &*self.0;
        let mut object = Map::new();
        object.insert("status".into(), json!(facts.status as i32));
        object.insert("name".into(), json!(facts.status.name()));
        object.insert("message".into(), json!(facts.message));
        let texts = [
            ("help", &facts.help),
            ("service_code", &facts.service_code),
            ("request_id", &facts.request_id),
            ("claims", &facts.claims),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                object.insert(key.into(), json!(text));
            }
        }
        if let Some(status) = facts.http_status {
            object.insert("http_status".into(), json!(status));
        }
        object.insert("retryable".into(), json!(facts.retryable));
        if let Some(after) = facts.retry_after {
            object.insert("retry_after_ms".into(), json!(millis(after)));
        }
        if !facts.details.is_empty() {
            let details =
                facts.details.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
            object.insert("details".into(), Value::Array(details));
        }
        Value::Object(object).to_string()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.status.name(), self.0.message)?;
        match &self.0.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Whole milliseconds, as far as an `i64` goes.
#[must_use]
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A value as error texts show it: quoted, escaped, cut at 64 characters.
#[must_use]
pub(crate) fn shown(value: &str) -> String {
    const LONGEST: usize = 64;
    let mut text = String::with_capacity(value.len().min(LONGEST) + 2);
    text.push('"');
    for character in value.chars().take(LONGEST) {
        text.extend(character.escape_debug());
    }
    if value.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_every_fact_and_leaves_out_what_is_absent() {
        let full = Error::new(Status::Throttled, "too many")
            .with_help("Wait.")
            .with_service_code("TooManyRequests")
            .with_request_id(Some("id-1".into()))
            .with_http_status(429)
            .with_detail("Reason", "burst")
            .retryable(Some(Duration::from_secs(30)));
        let parsed: Value = serde_json::from_str(&full.to_json()).unwrap();
        assert_eq!(parsed["name"], "BATCH_E_THROTTLED");
        assert_eq!(parsed["retry_after_ms"], 30_000);
        assert_eq!(parsed["details"][0]["value"], "burst");

        let bare: Value = serde_json::from_str(&Error::new(Status::Io, "x").to_json()).unwrap();
        assert!(bare.get("help").is_none() && bare.get("http_status").is_none());
    }

    #[test]
    fn shown_values_are_escaped_and_cut() {
        assert_eq!(shown("a\nb"), "\"a\\nb\"");
        assert_eq!(shown(&"x".repeat(64)).chars().count(), 66);
        assert_eq!(shown(&"x".repeat(65)).chars().count(), 67);
    }

    #[test]
    fn a_status_is_named_as_in_c() {
        assert_eq!(Status::Tls.name(), "BATCH_E_TLS");
        assert!(Status::ALL.is_sorted_by_key(|status| *status as i32));
    }
}
