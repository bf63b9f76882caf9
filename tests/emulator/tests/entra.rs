//! The token endpoint and its neighbours, as a client sees them.

mod common;

use batch_auth_emulator::{Fault, Role, Rule, Switches, TokenShape, fixtures::*};
use common::{encoded, form, list, start, token_request};
use serde_json::Value;

/// The good form with one field changed, or left out when `value` is empty.
fn with(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut fields: Vec<_> = form().into_iter().filter(|(key, _)| *key != name).collect();
    if !value.is_empty() {
        fields.push((name, value.to_owned()));
    }
    fields
}

fn as_app(app: App) -> Vec<(&'static str, String)> {
    let mut fields = with("client_id", app.client_id);
    for field in &mut fields {
        if field.0 == "client_secret" {
            field.1 = app.secret.to_owned();
        }
    }
    fields
}

#[tokio::test]
async fn secret_in_any_spelling_of_the_tenant_gets_a_token_of_real_size() {
    let emulator = start();
    for tenant in [CONTOSO.id, &CONTOSO.id.to_uppercase(), CONTOSO.domain, "Contoso.EXAMPLE"] {
        let response = token_request(&emulator, tenant, &form()).await;
        assert_eq!(response.status(), 200, "{tenant}");
        assert_eq!(response.headers()["cache-control"], "no-store, no-cache");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], 3599);
        assert_eq!(answer["ext_expires_in"], 3599);
        let size = answer["access_token"].as_str().unwrap().len();
        assert!((1500..1800).contains(&size), "{size} bytes");
    }
}

#[tokio::test]
async fn refusals_carry_code_error_and_status() {
    let emulator = start();
    let id = CONTOSO.id;
    let other = "11111111-2222-4333-8444-555555555555";
    let scope = |scope| with("scope", scope);
    let cases = [
        (other, form(), 400, 90002, "invalid_request"),
        ("not a tenant", form(), 400, 900_023, "invalid_request"),
        ("common", form(), 400, 50059, "invalid_request"),
        ("organizations", form(), 400, 50059, "invalid_request"),
        ("consumers", form(), 400, 9_001_023, "invalid_request"),
        (id, with("grant_type", ""), 400, 900_144, "invalid_request"),
        (id, with("client_id", ""), 400, 900_144, "invalid_request"),
        (id, with("scope", ""), 400, 900_144, "invalid_request"),
        (id, with("grant_type", "password"), 400, 70003, "unsupported_grant_type"),
        (id, with("client_id", other), 400, 700_016, "unauthorized_client"),
        (id, with("client_id", "reader"), 400, 700_016, "unauthorized_client"),
        (FABRIKAM.id, form(), 400, 700_016, "unauthorized_client"),
        (id, as_app(DISABLED), 400, 7_000_112, "unauthorized_client"),
        (id, with("client_secret", ""), 401, 7_000_216, "invalid_client"),
        (id, with("client_secret", "wrong"), 401, 7_000_215, "invalid_client"),
        (id, with("client_secret", READER.secret_id), 401, 7_000_215, "invalid_client"),
        (id, as_app(EXPIRED), 401, 7_000_222, "invalid_client"),
        (id, scope("https://batch.core.windows.net/"), 400, 1_002_012, "invalid_scope"),
        (id, scope("batch/.default"), 400, 70011, "invalid_scope"),
        (id, scope("a/.default b/.default"), 400, 70011, "invalid_scope"),
        (id, scope("https://batch.example/.default"), 400, 500_011, "invalid_resource"),
        (id, with("claims", "[1]"), 400, 9_002_313, "invalid_request"),
    ];
    for (tenant, form, status, code, error) in cases {
        let tenant = tenant.replace(' ', "%20");
        let response = token_request(&emulator, &tenant, &form).await;
        assert_eq!(response.status(), status, "AADSTS{code}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error_codes"][0], code, "{body}");
        assert_eq!(body["error"], error, "AADSTS{code}");
        let description = body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
        let trace = format!("\r\nTrace ID: {}\r\n", body["trace_id"].as_str().unwrap());
        assert!(description.contains(&trace), "{description}");
    }
}

#[tokio::test]
async fn correlation_id_is_the_clients_when_it_is_a_guid() {
    let emulator = start();
    let url = format!("{}/{}/oauth2/v2.0/token", emulator.entra_url(), CONTOSO.id);
    let id = "6f2f1f9e-2a0b-4c37-9d3f-0a6b1c2d3e4f";
    let response = common::client(&emulator)
        .post(url)
        .header("client-request-id", id)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(&with("client_secret", "wrong")))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["client-request-id"], id);
    let request_id = response.headers()["x-ms-request-id"].clone();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["correlation_id"], id);
    assert_eq!(body["trace_id"], request_id.to_str().unwrap());
}

#[tokio::test]
async fn json_body_and_get_are_refused_as_entra_does() {
    let emulator = start();
    let url = format!("{}/{}/oauth2/v2.0/token", emulator.entra_url(), CONTOSO.id);
    let client = common::client(&emulator);
    // Entra looks for a form, and finds no field in anything else.
    let json = client.post(&url).header("content-type", "application/json").body("{}");
    let body: Value = json.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["error_codes"][0], 900_144);
    assert!(body["error_description"].as_str().unwrap().contains("'grant_type'"));
    let body: Value = client.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["error_codes"][0], 900_561);
}

#[tokio::test]
async fn audience_is_what_the_scope_leaves_and_batch_wants_its_slash() {
    let emulator = start();
    for (scope, status) in [
        ("https://batch.core.windows.net//.default", 200),
        ("https://batch.core.windows.net/.default", 401),
        ("https://management.azure.com/.default", 401),
    ] {
        let response = token_request(&emulator, CONTOSO.id, &with("scope", scope)).await;
        let answer: Value = response.json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap();
        let url = format!("{}/jobs?api-version=2025-06-01", emulator.batch_url("single"));
        let response = common::client(&emulator).get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), status, "{scope}");
    }
}

#[tokio::test]
async fn rotated_secret_replaces_the_old_one_even_an_expired_one() {
    let emulator = start();
    let secrets = [("expired", "new"), ("reader", "new")];
    let secrets = secrets.map(|(app, secret)| (app.to_owned(), secret.to_owned())).into();
    emulator.switch(&Switches { secrets, ..Switches::default() }).unwrap();
    let new = App { secret: "new", ..EXPIRED };
    assert_eq!(token_request(&emulator, CONTOSO.id, &as_app(new)).await.status(), 200);
    assert_eq!(token_request(&emulator, CONTOSO.id, &form()).await.status(), 401, "the old one");
    emulator.reset();
    assert_eq!(token_request(&emulator, CONTOSO.id, &form()).await.status(), 200);
}

#[tokio::test]
async fn switch_that_names_nothing_we_have_changes_nothing() {
    let emulator = start();
    let roles = vec![
        Role { account: "contoso".to_owned(), app: "reader".to_owned(), assigned: false },
        Role { account: "contoso".to_owned(), app: "nobody".to_owned(), assigned: false },
    ];
    let error = emulator.switch(&Switches { roles, ..Switches::default() }).unwrap_err();
    assert_eq!(error.to_string(), "no account or app is called \"nobody\"");
    assert_eq!(list(&emulator, "contoso", "&maxresults=1").await.0, 200);
}

#[tokio::test]
async fn token_answer_takes_the_shape_that_a_fault_asks_for() {
    let emulator = start();
    let shape = TokenShape {
        expires_in: Some(60),
        as_string: true,
        refresh_in: Some(30),
        token_type: Some("pop".to_owned()),
        ..TokenShape::default()
    };
    let omitting = TokenShape { omit_expiry: true, omit_access_token: true, ..TokenShape::default() };
    let literal = TokenShape { access_token: Some(String::new()), ..TokenShape::default() };
    for shape in [shape, omitting, literal] {
        emulator.fault(Rule::on("entra", Fault::Token(shape)).path("/token"));
    }
    let mut answers = Vec::new();
    for _ in 0..4 {
        let response = token_request(&emulator, CONTOSO.id, &form()).await;
        answers.push(response.json::<Value>().await.unwrap());
    }
    assert_eq!(answers[0]["expires_in"], "60");
    assert_eq!(answers[0]["refresh_in"], "30");
    assert_eq!(answers[0]["token_type"], "pop");
    assert_eq!(answers[1], serde_json::json!({"token_type": "Bearer"}));
    assert_eq!(answers[2]["access_token"], "");
    assert_eq!(answers[3]["expires_in"], 3599, "each rule holds once");
}

#[tokio::test]
async fn metadata_leads_back_to_the_host_it_was_asked_on() {
    let emulator = start();
    let base = emulator.entra_url();
    let client = common::client(&emulator);
    let url = format!("{base}/{}/v2.0/.well-known/openid-configuration", CONTOSO.id);
    let document: Value = client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["token_endpoint"], format!("{base}/{}/oauth2/v2.0/token", CONTOSO.id));
    let keys = document["jwks_uri"].as_str().unwrap();
    let keys: Value = client.get(keys).send().await.unwrap().json().await.unwrap();
    assert_eq!(keys["keys"][0]["kty"], "RSA");
    assert_eq!(keys["keys"][0]["e"], "AQAB");
}

#[tokio::test]
async fn instance_discovery_knows_its_own_hosts_only() {
    let emulator = start();
    let ask = async |version: &str, host: &str| {
        let url = format!(
            "{}/common/discovery/instance?api-version={version}&authorization_endpoint=\
             https://{host}/contoso.example/oauth2/v2.0/authorize",
            emulator.entra_url()
        );
        let response = common::client(&emulator).get(url).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, body) = ask("1.1", "login.microsoftonline.us").await;
    assert_eq!(status, 200);
    assert_eq!(body["metadata"][1]["preferred_network"], "login.microsoftonline.us");
    let (_, body) = ask("1.0", "login.microsoftonline.com").await;
    assert!(body.get("metadata").is_none(), "only 1.1 has it");
    let (status, body) = ask("1.1", "login.evil.example").await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_instance")));
}
