//! What Entra answers when it refuses, turned into an error that says what to do.
//!
//! RFC 6749, 5.2, with Entra's own members: `error_codes`, `suberror`, `trace_id`,
//! `correlation_id`, `timestamp`, `claims`. Programs should branch on the status; the AADSTS code
//! is for people and for [`super::advice`].

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::advice;
use crate::error::{Error, Status, shown};
use crate::http::{Answer, retry_after};
use crate::token::TenantId;

/// Who asked whom: what the error's sentence names.
pub(super) struct Asked<'a> {
    pub(super) host: &'a str,
    pub(super) tenant: &'a TenantId,
    pub(super) client: &'a str,
    pub(super) correlation_id: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: Option<Value>,
    error_description: Option<Value>,
    error_codes: Option<Value>,
    suberror: Option<Value>,
    trace_id: Option<Value>,
    correlation_id: Option<Value>,
    timestamp: Option<Value>,
    claims: Option<Value>,
}

/// The error for an answer of a status other than 200. `mask` removes the caller's secrets.
pub(super) fn read(answer: &Answer, asked: &Asked<'_>, now_ms: i64, mask: &dyn Fn(&str) -> String) -> Error {
    let body = serde_json::from_value::<Body>(answer.masked_json(mask)).ok();
    let body = body.filter(|body| body.error.is_some());
    let Some(body) = body else {
        return without_body(answer, asked, now_ms);
    };
    let description = text(body.error_description.as_ref()).unwrap_or_default();
    let name = text(body.error.as_ref()).unwrap_or("no error name");
    let number = code_number(&body, description);
    let code = number.map_or_else(|| name.to_owned(), |number| format!("AADSTS{number}"));
    let status = kind(answer.status, name, number);

    let summary = summary(description, number);
    let cause = if summary.is_empty() { String::new() } else { format!(", {summary}") };
    let message = format!("{} was refused: {code}{cause}", sentence_start(asked));
    let mut error = Error::new(status, message)
        .with_service_code(code)
        .with_http_status(answer.status)
        .with_claims(text(body.claims.as_ref()).map(str::to_owned))
        .with_request_id(
            text(body.correlation_id.as_ref()).or(Some(asked.correlation_id)).map(str::to_owned),
        );
    if let Some(help) = number.and_then(advice::for_code).or_else(|| advice::for_name(name)) {
        error = error.with_help(help);
    }
    error = error.with_detail("error", name);
    for (key, value) in
        [("suberror", &body.suberror), ("trace_id", &body.trace_id), ("timestamp", &body.timestamp)]
    {
        if let Some(value) = text(value.as_ref()) {
            error = error.with_detail(key, value);
        }
    }
    if matches!(status, Status::Throttled | Status::Service) {
        error = error.retryable(wait(answer, now_ms));
    }
    error
}

/// No JSON of Entra's: throttled or out of order without a word, or not Entra at all.
fn without_body(answer: &Answer, asked: &Asked<'_>, now_ms: i64) -> Error {
    let id = Some(asked.correlation_id.to_owned());
    let status = answer.status;
    let passing = match status {
        429 => Status::Throttled,
        500..=599 if !answer.is_html() => Status::Service,
        _ => {
            return answer
                .not_understood("the token request", "it is not an error of Entra")
                .with_request_id(id);
        }
    };
    let message = format!("{} was refused with HTTP {status}", sentence_start(asked));
    Error::new(passing, message)
        .with_help(if passing == Status::Throttled { THROTTLED } else { OUT_OF_ORDER })
        .with_http_status(status)
        .with_request_id(id)
        .retryable(wait(answer, now_ms))
}

const THROTTLED: &str = "Wait as long as Entra asks; share one Auth, and so its token, between callers.";
const OUT_OF_ORDER: &str = "Entra is out of order for the moment: try again later.";

fn sentence_start(asked: &Asked<'_>) -> String {
    let (host, tenant) = (asked.host, asked.tenant.as_str());
    format!("the token request to {host} for tenant {tenant}, application {},", shown(asked.client))
}

fn wait(answer: &Answer, now_ms: i64) -> Option<Duration> {
    retry_after(&answer.headers, Some(now_ms))
}

fn kind(http: u16, name: &str, number: Option<u64>) -> Status {
    match (http, name) {
        (429, _) => Status::Throttled,
        _ if number == Some(90055) => Status::Throttled,
        (500..=599, _) | (_, "temporarily_unavailable" | "server_error") => Status::Service,
        (_, "interaction_required" | "login_required" | "consent_required") => Status::InteractionRequired,
        _ if number.is_some_and(advice::needs_person) => Status::InteractionRequired,
        _ => Status::AuthenticationFailed,
    }
}

fn code_number(body: &Body, description: &str) -> Option<u64> {
    let listed = body.error_codes.as_ref().and_then(|codes| codes.get(0)).and_then(Value::as_u64);
    listed.or_else(|| {
        let digits = description.strip_prefix("AADSTS")?;
        let end = digits.find(|character: char| !character.is_ascii_digit())?;
        digits.get(..end)?.parse().ok()
    })
}

/// Entra's own sentence: without its code, ids and time, which have fields of their own.
fn summary(description: &str, number: Option<u64>) -> String {
    const LONGEST: usize = 400;
    let ids = ["\r", "\n", " Trace ID:"].iter().filter_map(|mark| description.find(mark)).min();
    let sentence = ids.and_then(|end| description.get(..end)).unwrap_or(description);
    let code = number.map(|number| format!("AADSTS{number}:")).unwrap_or_default();
    let sentence = sentence.strip_prefix(&code).unwrap_or(sentence).trim().trim_end_matches('.');
    sentence.chars().filter(|character| !character.is_control()).take(LONGEST).collect()
}

fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn refused(status: u16, body: &str) -> Error {
        let answer =
            Answer { status, headers: HeaderMap::new(), body: body.into(), host: "login.example".into() };
        let tenant = TenantId::parse("contoso.example").unwrap();
        let asked =
            Asked { host: "login.example", tenant: &tenant, client: "app-1", correlation_id: "sent-id" };
        read(&answer, &asked, 0, &|text| text.replace("planted", "***"))
    }

    #[test]
    fn a_refusal_carries_code_ids_and_fix_and_entras_sentence_without_its_tail() {
        let error = refused(
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret \"x\" provided.\r\nTrace ID: t-1\r\nCorrelation ID: c-1\r\nTimestamp: 2026-01-01 00:00:00Z","error_codes":[7000215],"timestamp":"2026-01-01 00:00:00Z","trace_id":"t-1","correlation_id":"c-1","suberror":"basic_action"}"#,
        );
        assert_eq!(error.status(), Status::AuthenticationFailed);
        assert_eq!(
            error.message(),
            "the token request to login.example for tenant contoso.example, application \"app-1\", \
             was refused: AADSTS7000215, Invalid client secret \"x\" provided"
        );
        assert_eq!(error.service_code(), Some("AADSTS7000215"));
        assert_eq!(error.request_id(), Some("c-1"));
        assert_eq!(error.http_status(), Some(401));
        assert!(error.help().unwrap().contains("Value"));
        assert!(error.details().any(|fact| fact == ("trace_id", "t-1")));
        assert!(!error.is_retryable());
    }

    #[test]
    fn the_code_is_found_in_the_text_where_error_codes_are_missing() {
        let error = refused(
            400,
            r#"{"error":"invalid_request","error_description":"AADSTS90002: Tenant 'x' not found."}"#,
        );
        assert_eq!(error.service_code(), Some("AADSTS90002"));
        assert_eq!(error.request_id(), Some("sent-id"));
    }

    #[test]
    fn odd_members_never_hide_the_refusal() {
        for body in [
            r#"{"error":"invalid_client","error_description":null,"error_codes":null}"#,
            r#"{"error":"invalid_client","error_description":7,"error_codes":"x","claims":[]}"#,
            r#"{"error":"invalid_client"}"#,
        ] {
            let error = refused(400, body);
            assert_eq!(error.status(), Status::AuthenticationFailed, "{body}");
            assert_eq!(error.service_code(), Some("invalid_client"));
        }
    }

    #[test]
    fn each_kind_of_refusal_has_its_status() {
        let table = [
            (429, "", Status::Throttled),
            (503, "", Status::Service),
            (503, r#"{"error":"temporarily_unavailable"}"#, Status::Service),
            (400, r#"{"error":"x","error_codes":[90055]}"#, Status::Throttled),
            (400, r#"{"error":"interaction_required","error_codes":[50076]}"#, Status::InteractionRequired),
            (400, r#"{"error":"invalid_grant","error_codes":[50079]}"#, Status::InteractionRequired),
            (400, r#"{"error":"invalid_scope","error_codes":[70011]}"#, Status::AuthenticationFailed),
            (502, "<html>Bad Gateway</html>", Status::Protocol),
            (404, "not found", Status::Protocol),
            (400, "{\"error\"", Status::Protocol),
        ];
        for (http, body, status) in table {
            let error = refused(http, body);
            assert_eq!(error.status(), status, "{http} {body}");
            assert_eq!(error.http_status(), Some(http));
        }
        assert!(refused(503, "").is_retryable());
    }

    #[test]
    fn a_secret_that_entra_echoes_does_not_reach_the_error() {
        for body in [
            r#"{"error":"x","error_description":"AADSTS1: bad planted value"}"#.to_owned(),
            r#"{"error":"planted","suberror":"planted","trace_id":"planted","timestamp":"planted"}"#
                .to_owned(),
            r#"{"error":"x","correlation_id":"planted","claims":"planted","error_codes":["planted"]}"#
                .to_owned(),
            format!(r#"{{"error":"x","error_description":"{}planted"}}"#, "y".repeat(397)),
        ] {
            let error = refused(400, &body);
            assert!(!error.to_json().contains("pla"), "{error:?}");
        }
    }

    #[test]
    fn a_claims_challenge_is_kept() {
        let error = refused(
            400,
            r#"{"error":"interaction_required","error_codes":[50076],"claims":"{\"access_token\":{}}"}"#,
        );
        assert_eq!(error.claims(), Some(r#"{"access_token":{}}"#));
    }
}
