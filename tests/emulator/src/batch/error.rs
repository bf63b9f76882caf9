//! Batch's error bodies (BatchError) and the codes of its documentation.
//!
//! Learn: "Batch Status and Error Codes"; shape, texts and headers as recorded. Which error a
//! request earns is decided where the request is looked at.

use hyper::StatusCode;
use uuid::Uuid;

use crate::{
    batch::{CONTENT_TYPE, layout::Layout},
    clock::Clock,
    message::Answer,
};

/// A refusal: status, code, text without the trailing ids, and named values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchError {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    values: Vec<(&'static str, String)>,
}

const UNAUTHENTICATED: &str = "Server failed to authenticate the request. Make sure the value of \
                               Authorization header is formed correctly.";

impl BatchError {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message, values: Vec::new() }
    }

    fn value(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.values.push((key, value.into()));
        self
    }

    /// An Entra token, or no credential at all, was refused.
    pub(crate) fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", UNAUTHENTICATED)
            .value("AuthenticationErrorDetail", detail)
    }

    /// SharedKey was refused, or a way to authenticate that the account does not allow.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, ..Self::unauthenticated(detail) }
    }

    pub(crate) const fn malformed_authorization() -> Self {
        let message = "The authentication information was not provided in the correct format. \
                       Verify the value of Authorization header.";
        Self::new(StatusCode::BAD_REQUEST, "InvalidAuthenticationInfo", message)
    }

    /// Network rules keep the caller out.
    pub(crate) const fn network_rules() -> Self {
        let message = "This request is not authorized to perform this operation.";
        Self::new(StatusCode::FORBIDDEN, "AuthorizationFailure", message)
    }

    /// The caller holds no role with the right. No public source shows Batch's code for this; the
    /// code and the detail are those of Azure's role checks elsewhere, and differ from the network
    /// rules' code by two letters, so a client that confuses them is found out.
    pub(crate) fn no_role(object_id: &str, account: &str) -> Self {
        let message = "The request is not authorized to perform this operation using this \
                       permission.";
        let detail = format!(
            "The client '{object_id}' with object id '{object_id}' does not have authorization \
             to perform action 'Microsoft.Batch/batchAccounts/jobs/read' over scope \
             '/subscriptions/5b5c0000-0000-4000-8000-000000000000/resourceGroups/emulator/\
             providers/Microsoft.Batch/batchAccounts/{account}' or the scope is invalid. If \
             access was recently granted, please refresh your credentials."
        );
        Self::new(StatusCode::FORBIDDEN, "AuthorizationFailed", message)
            .value("AuthorizationErrorDetail", detail)
    }

    pub(crate) fn missing_query_parameter(name: &str) -> Self {
        let message = "A query parameter that's mandatory for this request is not specified.";
        Self::new(StatusCode::BAD_REQUEST, "MissingRequiredQueryParameter", message)
            .value("QueryParameterName", name)
    }

    pub(crate) fn invalid_query_parameter(name: &str, value: &str, reason: &str) -> Self {
        let message = "Value for one of the query parameters specified in the request URI is \
                       invalid.";
        Self::new(StatusCode::BAD_REQUEST, "InvalidQueryParameterValue", message)
            .value("QueryParameterName", name)
            .value("QueryParameterValue", value)
            .value("Reason", reason)
    }

    pub(crate) fn out_of_range(name: &str, value: &str, least: i32, most: i32) -> Self {
        let message = "A query parameter specified in the request URI is outside the permissible \
                       range.";
        Self::new(StatusCode::BAD_REQUEST, "OutOfRangeQueryParameterValue", message)
            .value("QueryParameterName", name)
            .value("QueryParameterValue", value)
            .value("MinimumAllowed", least.to_string())
            .value("MaximumAllowed", most.to_string())
    }

    pub(crate) fn unsupported_query_parameter(name: &str) -> Self {
        let message = "One of the query parameters specified in the request URI is not supported.";
        Self::new(StatusCode::BAD_REQUEST, "UnsupportedQueryParameter", message)
            .value("QueryParameterName", name)
    }

    pub(crate) fn unsupported_version(version: &str) -> Self {
        let message = "The specified request version is not supported.";
        Self::new(StatusCode::BAD_REQUEST, "UnsupportedRequestVersion", message)
            .value("QueryParameterName", "api-version")
            .value("QueryParameterValue", version)
    }

    pub(crate) const fn unknown_resource() -> Self {
        let message = "The specified resource does not exist.";
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    pub(crate) const fn unknown_schedule() -> Self {
        let message = "The specified job schedule does not exist.";
        Self::new(StatusCode::NOT_FOUND, "JobScheduleNotFound", message)
    }

    pub(crate) const fn unsupported_verb() -> Self {
        let message = "The resource doesn't support the specified HTTP verb.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UnsupportedHttpVerb", message)
    }

    /// What the service says with a status that a fault asks for.
    pub(crate) fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => {
                Self::unauthenticated("The specified access token could not be validated.")
            }
            StatusCode::FORBIDDEN => Self::network_rules(),
            StatusCode::NOT_FOUND => Self::unknown_resource(),
            StatusCode::METHOD_NOT_ALLOWED => Self::unsupported_verb(),
            StatusCode::TOO_MANY_REQUESTS => Self::new(
                status,
                "TooManyRequests",
                "Request failed as server encountered too many requests. Please try again.",
            ),
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::new(status, "ServerBusy", "Server is currently unavailable. Please retry again.")
            }
            status if status.is_client_error() => {
                Self::new(status, "InvalidInput", "One of the request inputs is not valid.")
            }
            status => Self::new(
                status,
                "InternalError",
                "Server encountered an internal error. Please try again after some time.",
            ),
        }
    }

    /// The body; its text ends with the id that also stands in the header.
    pub(crate) fn answer(&self, clock: &Clock, host: &str, request_id: &Uuid) -> Answer {
        let metadata = format!(
            "https://{host}/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/\
             @Element"
        );
        let time = clock.batch_timestamp();
        let text = format!("{}\nRequestId:{request_id}\nTime:{time}", self.message);
        let mut out = Vec::new();
        Layout::new(&mut out, 0).object(|body| {
            body.text("odata.metadata", &metadata);
            body.text("code", self.code);
            body.object_member("message", |message| {
                message.text("lang", "en-US");
                message.text("value", &text);
            });
            if !self.values.is_empty() {
                body.array_member("values", |values| {
                    for (key, value) in &self.values {
                        values.element(|pair| {
                            pair.text("key", key);
                            pair.text("value", value);
                        });
                    }
                });
            }
        });
        Answer::new(self.status, CONTENT_TYPE, out)
    }
}
