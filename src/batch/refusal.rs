//! The error body of the Batch service, turned into an error that says what to do.
//!
//! `{"code", "message": {"value"}, "values": [{"key", "value"}]}`, every member optional; also
//! met nested under `error` and with the message as a bare string.

use serde_json::Value;

use super::AccountUrl;
use super::advice::{Refused, for_refusal};
use crate::error::{Error, Status};
use crate::http::{Answer, retry_after};

/// What errors call a request for a page.
pub(super) const PURPOSE: &str = "listing jobs";

/// The error for an answer of a status other than 200. `mask` removes the token.
pub(super) fn read(
    answer: &Answer,
    account: &AccountUrl,
    now_ms: i64,
    mask: &dyn Fn(&str) -> String,
) -> Error {
    let http = answer.status;
    let parsed = answer.masked_json(mask);
    let body = parsed.get("error").filter(|inner| inner.is_object()).unwrap_or(&parsed);
    let code = body.get("code").and_then(Value::as_str).unwrap_or_default();
    let status = kind(http);
    if code.is_empty() && (answer.is_html() || http < 400) {
        let why = "it is neither jobs nor an error of the service";
        return answer.not_understood(PURPOSE, why).with_request_id(request_id(answer, "", mask));
    }
    let said = message(body);
    let values: Vec<(&str, &str)> = values(body).collect();
    let detail = values
        .iter()
        .find(|(key, _)| *key == "AuthenticationErrorDetail")
        .map(|(_, value)| *value)
        .unwrap_or_default();

    let mut text = format!("{PURPOSE} at {} was refused with HTTP {http}", answer.host);
    let named = values.iter().map(|(key, value)| format!("{key} {value}"));
    let parts = [code.to_owned(), first_line(said).to_owned()].into_iter().chain(named);
    for (part, lead) in
        parts.filter(|part| !part.is_empty()).zip([": "].into_iter().chain(std::iter::repeat("; ")))
    {
        text.push_str(lead);
        text.push_str(&plain(&part));
    }
    let mut error =
        Error::new(status, text).with_http_status(http).with_request_id(request_id(answer, said, mask));
    if !code.is_empty() {
        error = error.with_service_code(code);
    }
    for (key, value) in values {
        error = error.with_detail(key, value);
    }
    let refused = Refused { status: http, code, detail, account: account.name() };
    if let Some(help) = for_refusal(&refused) {
        error = error.with_help(help);
    }
    if matches!(http, 408 | 429 | 500..=599) {
        error = error.retryable(retry_after(&answer.headers, Some(now_ms)));
    }
    error
}

fn kind(http: u16) -> Status {
    match http {
        401 => Status::Unauthorized,
        403 => Status::Forbidden,
        404 => Status::NotFound,
        429 => Status::Throttled,
        _ => Status::Service,
    }
}

fn message(body: &Value) -> &str {
    let message = body.get("message").unwrap_or(&Value::Null);
    message.as_str().or_else(|| message.get("value")?.as_str()).unwrap_or_default()
}

fn values(body: &Value) -> impl Iterator<Item = (&str, &str)> {
    let listed = body.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    listed.iter().filter_map(|pair| Some((pair.get("key")?.as_str()?, pair.get("value")?.as_str()?)))
}

/// The id is in a header, and again in the message: `RequestId:...` on a line of its own.
fn request_id(answer: &Answer, message: &str, mask: &dyn Fn(&str) -> String) -> Option<String> {
    let written = || message.lines().find_map(|line| line.strip_prefix("RequestId:"));
    answer.header("request-id").or_else(written).map(|id| plain(&mask(id.trim())))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_end_matches('.')
}

/// Without control characters, and no longer than a paragraph.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(500).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn refused(status: u16, body: &str) -> Error {
        let answer = Answer {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            host: "a.westus.batch.azure.com".into(),
        };
        let account = AccountUrl::parse("a.westus.batch.azure.com").unwrap();
        read(&answer, &account, 0, &|text| text.replace("planted", "***"))
    }

    const WRONG_AUDIENCE: &str = r#"{"odata.metadata":"x","code":"AuthenticationFailed","message":{"lang":"en-US","value":"Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly.\nRequestId:a2e5f376\nTime:2020-06-03T18:21:40.2674126Z"},"values":[{"key":"AuthenticationErrorDetail","value":"The access token has been obtained from wrong audience or resource 'https://batch.core.windows.net'. It should exactly match (including forward slash)"}]}"#;

    #[test]
    fn a_refusal_names_code_sentence_values_and_request_id() {
        let error = refused(401, WRONG_AUDIENCE);
        assert_eq!(error.status(), Status::Unauthorized);
        assert_eq!(error.service_code(), Some("AuthenticationFailed"));
        assert_eq!(error.request_id(), Some("a2e5f376"));
        assert!(error.message().contains("wrong audience"), "{error}");
        assert!(!error.message().contains("RequestId"), "{error}");
        assert!(error.help().unwrap().contains("//.default"));
    }

    #[test]
    fn the_three_faces_of_403_have_three_different_fixes() {
        let help = |body| refused(403, body).help().unwrap().to_owned();
        assert!(help(r#"{"code":"AuthorizationFailure"}"#).contains("Networking"));
        assert!(help(r#"{"code":"AuthenticationFailed"}"#).contains("Authentication modes"));
        let role = help(r#"{"code":"AuthorizationPermissionMismatch"}"#);
        assert!(role.contains("Batch account a:") && role.contains("jobs/read"), "{role}");
        assert!(help("").contains("jobs/read"));
    }

    #[test]
    fn other_shapes_of_the_body_are_understood() {
        for body in [
            r#"{"code":"JobScheduleNotFound","message":"gone"}"#,
            r#"{"error":{"code":"JobScheduleNotFound","message":{"value":"gone"},"values":null}}"#,
            r#"{"code":"JobScheduleNotFound","message":{"value":"gone"},"values":[{},{"key":1}]}"#,
        ] {
            let error = refused(404, body);
            assert_eq!(error.status(), Status::NotFound);
            assert!(error.message().ends_with("JobScheduleNotFound; gone"), "{error}");
        }
    }

    #[test]
    fn an_empty_body_keeps_its_status_and_a_web_page_is_named_as_one() {
        let empty = refused(503, "");
        assert_eq!((empty.status(), empty.http_status()), (Status::Service, Some(503)));
        assert!(empty.is_retryable());
        let page = refused(502, "<html><body>Bad Gateway planted</body></html>");
        assert_eq!(page.status(), Status::Protocol);
        assert!(page.message().contains("web page") && !page.to_json().contains("planted"));
        assert_eq!(refused(204, "").status(), Status::Protocol);
    }

    #[test]
    fn a_token_that_the_service_echoes_does_not_reach_the_error() {
        for body in [
            r#"{"code":"X","message":"bad planted","values":[{"key":"HeaderValue","value":"planted"}]}"#,
            r#"{"code":"planted","message":"x\nRequestId:planted","values":[{"key":"planted","value":"x"}]}"#,
        ] {
            let error = refused(400, body);
            assert!(!error.to_json().contains("planted"), "{error:?}");
        }
    }
}
