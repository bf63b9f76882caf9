//! Refusals of a client assertion: its form, its certificate, its claims, its federated credential.
//!
//! Three texts are our own, as Entra has no such check or shows no text: a replayed `jti`, a missing
//! one, and a second credential beside the assertion.

use time::OffsetDateTime;

use super::Refusal;
use crate::{certificate::Certificate, clock::seven_digits};

const CERTIFICATE_PAGE: &str =
    "https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials";

const FEDERATION_PAGE: &str = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/// Where a person can look up which keys an app has.
fn see_keys(client_id: &str) -> String {
    format!(
        "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys \
         for app Id '{client_id}'. Review the documentation at \
         https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service \
         endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&\
         tabs=http to build a query request URL, such as \
         'https://graph.microsoft.com/beta/applications/{client_id}'"
    )
}

/// `01/31/2026 06:00:00`, as the texts date a key.
fn key_date(instant: OffsetDateTime) -> String {
    let format = time::macros::format_description!("[month]/[day]/[year] [hour]:[minute]:[second]");
    instant.format(format).unwrap_or_default()
}

fn instant(seconds: i64) -> String {
    seven_digits(OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

impl Refusal {
    pub(crate) fn malformed_assertion() -> Self {
        let text = "JWT token is invalid or malformed.";
        Self::bad_request(50_027, "invalid_request", text.to_owned())
    }

    pub(crate) fn assertion_algorithm(algorithm: &str, supported: &str) -> Self {
        let text = format!(
            "Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported \
             signing algorithms are: '{supported}'."
        );
        Self::bad_request(5_002_738, "invalid_request", text)
    }

    pub(crate) fn no_thumbprint() -> Self {
        let text = "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 \
                    thumbprint, nor keyId specified in token header.";
        Self::bad_request(5_002_723, "invalid_request", text.to_owned())
    }

    pub(crate) fn unsupported_key() -> Self {
        let text = "Invalid JWT token. Unsupported key for the signing algorithm.";
        Self::bad_request(5_002_730, "invalid_request", text.to_owned())
    }

    pub(crate) fn unknown_certificate(client_id: &str, thumbprint: &str) -> Self {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on \
             application. [Reason - The key was not found., Thumbprint of key used by client: \
             '{thumbprint}', {}]. Alternatively, SNI may be configured on the app. Please ensure that \
             client assertion is being sent with the x5c claim in the JWT header using MSAL's \
             WithSendX5C() method so that Azure Active Directory can validate the certificate being \
             used.",
            see_keys(client_id)
        );
        Self::invalid_client(700_027, text)
    }

    pub(crate) fn wrong_assertion_signature(client_id: &str, thumbprint: &str, key: &Certificate) -> Self {
        let text = format!(
            "Client assertion contains an invalid signature. [Reason - The provided signature value \
             did not match the expected signature value., Thumbprint of key used by client: \
             '{thumbprint}', Found key 'Start={}, End={}', {}].",
            key_date(key.not_before),
            key_date(key.not_after),
            see_keys(client_id)
        );
        Self::invalid_client(700_027, text)
    }

    pub(crate) fn untrusted_subject(subject: &str) -> Self {
        let text = format!(
            "Invalid certificate - subject name in certificate is not authorized. SubjectNames/\
             SubjectAlternativeNames (up to 10) in token certificate are: '{subject}'."
        );
        Self::invalid_client(700_030, text)
    }

    pub(crate) fn certificate_not_valid_now() -> Self {
        let text = "The provided certificate is not within its specified validity period.";
        Self::invalid_client(1_000_502, text.to_owned())
    }

    pub(crate) fn assertion_audience() -> Self {
        let text = format!(
            "Client assertion audience claim does not match Realm issuer. Review the documentation at \
             {CERTIFICATE_PAGE} ."
        );
        Self::invalid_client(700_023, text)
    }

    pub(crate) fn assertion_client() -> Self {
        let text = format!(
            "Client assertion application identifier doesn't match 'client_id' parameter. Review the \
             documentation at {CERTIFICATE_PAGE} ."
        );
        Self::invalid_client(700_021, text)
    }

    pub(crate) fn assertion_time(now: OffsetDateTime, valid_from_s: i64, expiry_s: i64) -> Self {
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {}, assertion valid \
             from {}, expiry time of assertion {}. Review the documentation at {CERTIFICATE_PAGE} .",
            seven_digits(now),
            instant(valid_from_s),
            instant(expiry_s)
        );
        Self::invalid_client(700_024, text)
    }

    pub(crate) fn no_assertion_id() -> Self {
        let text = "Client assertion is invalid. [Reason - The 'jti' claim is missing.]";
        Self::invalid_client(50_012, text.to_owned())
    }

    pub(crate) fn replayed_assertion(id: &str) -> Self {
        let text = format!(
            "Client assertion is invalid. [Reason - An assertion with the 'jti' claim '{id}' was used \
             before and has not expired.]"
        );
        Self::invalid_client(50_012, text)
    }

    pub(crate) fn wrong_federated_signature(key_id: &str) -> Self {
        let text = format!(
            "Assertion failed signature validation. [Reason - The provided signature value did not \
             match the expected signature value., Thumbprint of key used by client: '{key_id}']."
        );
        Self::invalid_client(50_013, text)
    }

    pub(crate) fn no_federated_credential(issuer: &str, subject: &str, audience: &str) -> Self {
        let text = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: \
             '{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: '{audience}'. \
             {FEDERATION_PAGE}"
        );
        Self::invalid_client(70_021, text)
    }

    pub(crate) fn federated_issuer(issuer: &str) -> Self {
        Self::federated(700_211, "issuer", issuer)
    }

    pub(crate) fn federated_audience(audience: &str) -> Self {
        Self::federated(700_212, "audience", audience)
    }

    pub(crate) fn federated_subject(subject: &str) -> Self {
        Self::federated(700_213, "subject", subject)
    }

    pub(crate) fn federated_subject_case(subject: &str) -> Self {
        let text = format!(
            "No matching federated identity record found for presented assertion subject '{subject}'. \
             The subject matches with case-insensitive comparison, but not with case-sensitive \
             comparison. Check your federated identity credential Subject, Audience and Issuer against \
             the presented assertion. {FEDERATION_PAGE}"
        );
        Self::invalid_client(7_002_138, text)
    }

    fn federated(code: u32, what: &str, value: &str) -> Self {
        let text = format!(
            "No matching federated identity record found for presented assertion {what} '{value}'. \
             Check your federated identity credential Subject, Audience and Issuer against the \
             presented assertion. {FEDERATION_PAGE}"
        );
        Self::invalid_client(code, text)
    }
}
