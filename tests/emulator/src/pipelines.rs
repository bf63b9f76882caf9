//! Azure Pipelines' OIDC endpoint, which gives a job a token of its service connection.
//!
//! Learn: "Azure DevOps REST API", Oidctoken - Create, api-version 7.1. The job finds the address in
//! `SYSTEM_OIDCREQUESTURI` and signs in with `SYSTEM_ACCESSTOKEN`; Entra takes the token as an
//! assertion of the app `federated`. Checks come in this order: path, verb, length, the header that
//! keeps Azure DevOps from sending people to its sign-in page, token, api-version, connection.

use std::sync::Arc;

use hyper::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING, WWW_AUTHENTICATE},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    exchange::Service,
    faults::Fault,
    fixtures::{OIDC_REQUEST_PATH, PIPELINE, SERVICE_CONNECTION, SYSTEM_ACCESS_TOKEN},
    message::{Answer, Received},
    mint::{self, AssertionOptions},
    world::World,
};

const CONTENT_TYPE: &str = "application/json; charset=utf-8; api-version=7.1";

/// Minutes that a job's token is good for.
const LIFETIME_S: i64 = 600;

/// Azure DevOps.
pub(crate) struct Pipelines {
    pub(crate) world: Arc<World>,
}

impl Service for Pipelines {
    fn listener(&self) -> &'static str {
        "pipelines"
    }

    fn answer(&self, request: &Received, _fault: Option<&Fault>) -> Answer {
        dressed(self.token(request))
    }

    fn refusal(&self, _request: &Received, status: StatusCode) -> Answer {
        dressed(error(status, "VS800075", "The service cannot answer now. Please try again."))
    }
}

impl Pipelines {
    fn token(&self, request: &Received) -> Answer {
        if request.path != OIDC_REQUEST_PATH {
            return error(StatusCode::NOT_FOUND, "VS402907", "The resource cannot be found.");
        }
        if request.method != Method::POST {
            let text = format!("The requested resource does not support http method '{}'.", request.method);
            return error(StatusCode::METHOD_NOT_ALLOWED, "TF400898", &text);
        }
        if !request.headers.contains_key(CONTENT_LENGTH) && !request.headers.contains_key(TRANSFER_ENCODING) {
            return Answer::new(StatusCode::LENGTH_REQUIRED, "text/html", "<h2>Length Required</h2>");
        }
        if !request.header("x-tfs-fedauthredirect").eq_ignore_ascii_case("Suppress") {
            return sign_in_page(request);
        }
        if request.header(AUTHORIZATION).strip_prefix("Bearer ") != Some(SYSTEM_ACCESS_TOKEN) {
            let text = "TF400813: The user '' is not authorized to access this resource.";
            return error(StatusCode::UNAUTHORIZED, "TF400813", text)
                .with(WWW_AUTHENTICATE, "Bearer authorization_uri=https://login.microsoftonline.com/common");
        }
        let asked = |name: &str| {
            let found = request.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        if asked("api-version") != "7.1" {
            let text = "No api-version was supplied, or one that is not supported. Use 7.1.";
            return error(StatusCode::BAD_REQUEST, "VssVersionNotSpecifiedException", text);
        }
        let connection = asked("serviceConnectionId");
        if !connection.eq_ignore_ascii_case(SERVICE_CONNECTION) {
            let text = format!("Service connection with id {connection} could not be found.");
            return error(StatusCode::NOT_FOUND, "ServiceEndpointNotFoundException", &text);
        }
        let options = AssertionOptions {
            issuer: PIPELINE.issuer.to_owned(),
            subject: PIPELINE.subject.to_owned(),
            audience: PIPELINE.audience.to_owned(),
            expires_in_s: LIFETIME_S,
            ..AssertionOptions::default()
        };
        match mint::assertion(&self.world, &options) {
            Ok(token) => {
                let body = json!({ "oidcToken": token }).to_string();
                Answer::new(StatusCode::OK, CONTENT_TYPE, body)
            }
            Err(text) => error(StatusCode::INTERNAL_SERVER_ERROR, "VS800075", &text),
        }
    }
}

/// Where Azure DevOps sends everybody who does not say that no person is looking.
fn sign_in_page(request: &Received) -> Answer {
    let location = format!(
        "https://login.microsoftonline.com/common/oauth2/authorize?response_mode=form_post&\
         redirect_uri=https%3A%2F%2F{}%2F_signedin",
        request.host()
    );
    let page = "<html><head><title>Object moved</title></head></html>";
    Answer::new(StatusCode::FOUND, "text/html; charset=utf-8", page).with(LOCATION, &location)
}

fn error(status: StatusCode, kind: &str, text: &str) -> Answer {
    let body = json!({"$id": "1", "message": text, "typeKey": kind, "errorCode": 0, "eventId": 3000});
    Answer::new(status, CONTENT_TYPE, body.to_string())
}

/// Adds the ids that support asks for.
fn dressed(answer: Answer) -> Answer {
    let activity = Uuid::new_v4().to_string();
    let edge = format!("Ref A: {} Ref B: EMULATOR Ref C: 2026", Uuid::new_v4().simple());
    answer
        .with_named("activityid", &activity)
        .with_named("x-tfs-session", &activity)
        .with_named("x-vss-e2eid", &activity)
        .with_named("x-msedge-ref", &edge)
}
