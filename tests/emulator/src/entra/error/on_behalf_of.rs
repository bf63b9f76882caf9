//! Refusals of a user's token that an application presents to act for that user.

use serde_json::json;
use time::OffsetDateTime;

use super::Refusal;
use crate::{clock::seven_digits, fixtures::App};

impl Refusal {
    fn invalid_grant(code: u32, text: String) -> Self {
        Self::bad_request(code, "invalid_grant", text)
    }

    pub(crate) fn user_assertion_signature(key_id: &str) -> Self {
        let text = format!(
            "Assertion failed signature validation. [Reason - The provided signature value did not \
             match the expected signature value., Thumbprint of key used by client: '{key_id}']."
        );
        Self::invalid_grant(50_013, text)
    }

    pub(crate) fn user_assertion_audience(audience: &str, app: &App) -> Self {
        let (id, name) = (app.client_id, app.name);
        let text = format!(
            "Assertion audience does not match the Client app presenting the assertion. The audience in \
             the assertion was '{audience}' and the expected audience is '{id}' or one of the \
             Application Uris of this application with App ID '{id}'({name}). The downstream client \
             must request a token for the expected audience (the application that made the OBO \
             request) and this application should use that token as the assertion."
        );
        Self::invalid_grant(500_131, text)
    }

    pub(crate) fn user_assertion_time(now: OffsetDateTime, expiry_s: i64) -> Self {
        let expiry = OffsetDateTime::from_unix_timestamp(expiry_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let text = format!(
            "Assertion is not within its valid time range. Ensure that the access token is not expired \
             before using it for user assertion, or request a new token. Current time: {}, expiry time \
             of assertion {}.",
            seven_digits(now),
            seven_digits(expiry)
        );
        Self::invalid_grant(500_133, text)
    }

    /// The assertion is an application's own token: there is no user to act for.
    pub(crate) fn not_on_behalf_of_an_app() -> Self {
        let text = "Application is not allowed to make application on-behalf-of calls.";
        Self::invalid_grant(7_000_114, text.to_owned())
    }

    pub(crate) fn no_consent(app: &App) -> Self {
        let text = format!(
            "The user or administrator has not consented to use the application with ID '{}' named \
             '{}'. Send an interactive authorization request for this user and resource.",
            app.client_id, app.name
        );
        Self { suberror: Some("consent_required"), ..Self::invalid_grant(65_001, text) }
    }

    pub(crate) fn mfa_required(resource: &str) -> Self {
        let text = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new \
             location, you must use multi-factor authentication to access '{resource}'."
        );
        let policies = json!({"access_token": {"capolids": {
            "essential": true, "values": ["ca000000-7e4a-4000-8000-000000000008"],
        }}});
        Self {
            suberror: Some("basic_action"),
            claims: Some(policies.to_string()),
            ..Self::bad_request(50_076, "interaction_required", text)
        }
    }
}
