//! Entra's error bodies: AADSTS codes with their OAuth error, status and wording.
//!
//! Shape and texts follow bodies quoted in public threads and Microsoft's list of AADSTS codes
//! (Learn: "Microsoft Entra authentication and authorization error codes"); RFC 6749, 5.2 for the
//! OAuth members. Here are the requests that are wrong in themselves; `client` has what an
//! application can get wrong, `assertion` and `on_behalf_of` what their tokens can. Which error a
//! request earns is decided in `entra::token` and what it calls.

mod assertion;
mod client;
mod on_behalf_of;

use hyper::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use crate::{clock::Clock, entra::CONTENT_TYPE, message::Answer};

/// A refusal: number, OAuth error, status and text without the trailing ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: u32,
    error: &'static str,
    status: StatusCode,
    text: String,
    suberror: Option<&'static str>,
    claims: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: String,
    error_codes: [u32; 1],
    timestamp: &'a str,
    trace_id: &'a str,
    correlation_id: &'a str,
    error_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    suberror: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<&'a str>,
}

impl Refusal {
    fn bad_request(code: u32, error: &'static str, text: String) -> Self {
        Self { code, error, status: StatusCode::BAD_REQUEST, text, suberror: None, claims: None }
    }

    fn invalid_client(code: u32, text: String) -> Self {
        let refusal = Self::bad_request(code, "invalid_client", text);
        Self { status: StatusCode::UNAUTHORIZED, ..refusal }
    }

    pub(crate) fn only_post(method: &str) -> Self {
        let text = format!("The endpoint only accepts POST requests. Received a {method} request.");
        Self::bad_request(900_561, "invalid_request", text)
    }

    pub(crate) fn malformed_tenant(tenant: &str) -> Self {
        let text = format!(
            "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid \
             external domain."
        );
        Self::bad_request(900_023, "invalid_request", text)
    }

    pub(crate) fn unknown_tenant(tenant: &str) -> Self {
        let text = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and \
             are signing into the correct cloud. Check with your subscription administrator, this \
             may happen if there are no active subscriptions for the tenant."
        );
        Self::bad_request(90_002, "invalid_request", text)
    }

    pub(crate) fn no_tenant() -> Self {
        let text = "No tenant-identifying information found in either the request or implied by \
                    any provided credentials.";
        Self::bad_request(50_059, "invalid_request", text.to_owned())
    }

    pub(crate) fn not_for_consumers() -> Self {
        let text = "The grant type is not supported over the /common or /consumers endpoints. \
                    Please use the /organizations or tenant-specific endpoint.";
        Self::bad_request(9_001_023, "invalid_request", text.to_owned())
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        Self::bad_request(900_144, "invalid_request", text)
    }

    pub(crate) fn malformed_request() -> Self {
        let text = "Invalid request. Request is malformed or invalid.";
        Self::bad_request(9_002_313, "invalid_request", text.to_owned())
    }

    pub(crate) fn unsupported_grant(grant_type: &str) -> Self {
        let text = format!("The app requested an unsupported grant type '{grant_type}'.");
        Self::bad_request(70_003, "unsupported_grant_type", text)
    }

    pub(crate) fn malformed_scope(scope: &str) -> Self {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for \
             the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        Self::bad_request(70_011, "invalid_scope", text)
    }

    pub(crate) fn scope_without_default(scope: &str) -> Self {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have \
             a scope value with /.default suffixed to the resource identifier (application ID \
             URI)."
        );
        Self::bad_request(1_002_012, "invalid_scope", text)
    }

    pub(crate) fn unknown_resource(resource: &str, tenant: &str) -> Self {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. \
             This can happen if the application has not been installed by the administrator of \
             the tenant or consented to by any user in the tenant. You might have sent your \
             authentication request to the wrong tenant."
        );
        Self::bad_request(500_011, "invalid_resource", text)
    }

    /// What Entra says when a status comes from trouble of its own.
    pub(crate) fn trouble(status: StatusCode) -> Self {
        let (code, error, text) = match status {
            StatusCode::TOO_MANY_REQUESTS => (
                90_055,
                "temporarily_unavailable",
                "The tenant has exceeded the request limit. Please try again later.",
            ),
            status if status.is_server_error() => {
                (90_033, "temporarily_unavailable", "A transient error has occurred. Please try again.")
            }
            _ => (9_002_313, "invalid_request", "Invalid request. Request is malformed or invalid."),
        };
        Self { status, ..Self::bad_request(code, error, text.to_owned()) }
    }

    /// The OAuth error, its status, and the text.
    pub(crate) fn parts(&self) -> (&'static str, StatusCode, &str) {
        (self.error, self.status, &self.text)
    }

    /// The body, with the ids that support asks for.
    pub(crate) fn answer(&self, clock: &Clock, trace_id: &Uuid, correlation_id: &str) -> Answer {
        let trace_id = trace_id.to_string();
        let timestamp = clock.entra_timestamp();
        let body = Body {
            error: self.error,
            error_description: format!(
                "AADSTS{}: {}\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\n\
                 Timestamp: {timestamp}",
                self.code, self.text
            ),
            error_codes: [self.code],
            timestamp: &timestamp,
            trace_id: &trace_id,
            correlation_id,
            error_uri: format!("https://login.microsoftonline.com/error?code={}", self.code),
            suberror: self.suberror,
            claims: self.claims.as_deref(),
        };
        Answer::new(self.status, CONTENT_TYPE, serde_json::to_vec(&body).unwrap_or_default())
    }
}
