//! Sign-in with a token of somebody else: Kubernetes, Azure Pipelines, and those that do not fit.

mod common;

use batch_auth_emulator::{AssertionOptions, Emulator, Fault, Rule, fixtures::*};
use common::{
    assertion::{claims, sign_in},
    start,
};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

fn options() -> AssertionOptions {
    AssertionOptions::default()
}

#[tokio::test]
async fn trusted_token_signs_in_again_and_again() {
    let emulator = start();
    let token = emulator.mint_assertion(&options());
    for _ in 0..2 {
        let (status, answer) = sign_in(&emulator, FEDERATED, &token).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(claims(&answer["access_token"])["appid"], FEDERATED.client_id);
    }
}

#[tokio::test]
async fn token_that_does_not_fit_is_refused_by_what_does_not() {
    let emulator = start();
    let text = str::to_owned;
    let cases = [
        (AssertionOptions { issuer: text("https://issuer.emulator.example"), ..options() }, 700_211),
        (AssertionOptions { subject: text("system:serviceaccount:batch:other"), ..options() }, 700_213),
        (AssertionOptions { subject: text("system:serviceaccount:Batch:runner"), ..options() }, 7_002_138),
        (AssertionOptions { audience: text("api://azureadtokenexchange"), ..options() }, 700_212),
        (AssertionOptions { subject: text(PIPELINE.subject), ..options() }, 700_213),
        (AssertionOptions { bad_signature: true, ..options() }, 50_013),
        (AssertionOptions { expires_in_s: 0, ..options() }, 700_024),
        (AssertionOptions { not_before_s: 60, ..options() }, 700_024),
    ];
    for (options, code) in cases {
        let (status, body) = sign_in(&emulator, FEDERATED, &emulator.mint_assertion(&options)).await;
        assert_eq!((status, &body["error_codes"][0]), (401, &json!(code)), "{body}");
        assert_eq!(body["error"], "invalid_client");
    }
    // An app that trusts nobody.
    let (_, body) = sign_in(&emulator, CERTIFICATE, &emulator.mint_assertion(&options())).await;
    assert_eq!(body["error_codes"][0], 70_021);
}

#[tokio::test]
async fn token_that_went_stale_in_its_file_is_refused_until_a_new_one_comes() {
    let emulator = start();
    let token = emulator.mint_assertion(&options());
    emulator.set_clock_offset(3601);
    assert_eq!(sign_in(&emulator, FEDERATED, &token).await.1["error_codes"][0], 700_024);
    assert_eq!(sign_in(&emulator, FEDERATED, &emulator.mint_assertion(&options())).await.0, 200);
}

#[tokio::test]
async fn admin_port_mints_what_the_methods_do() {
    let emulator = start();
    let mint = async |body: Value| -> Response {
        let client = reqwest::Client::builder().tls_backend_preconfigured(common::tls(&emulator));
        let url = format!("{}/mint", emulator.admin_url());
        client.no_proxy().build().unwrap().post(url).body(body.to_string()).send().await.unwrap()
    };
    let token: Value = mint(json!({"kind": "assertion"})).await.json().await.unwrap();
    assert_eq!(sign_in(&emulator, FEDERATED, token["token"].as_str().unwrap()).await.0, 200);
    let user: Value = mint(json!({"kind": "user", "upn": "x@y.example"})).await.json().await.unwrap();
    assert_eq!(claims(&user["token"])["upn"], "x@y.example");
    let made: Value = mint(json!({"kind": "certificate", "issued": true})).await.json().await.unwrap();
    assert!(made["key_pem"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(made["chain_pem"].as_str().unwrap().matches("BEGIN CERTIFICATE").count(), 2);
    for wrong in [json!({"kind": "assertion", "typo": 1}), json!({"kind": "x"}), json!({})] {
        assert_eq!(mint(wrong.clone()).await.status(), 400, "{wrong}");
    }
}

/// The request of a job in Azure Pipelines, as it should be.
fn oidc_request(emulator: &Emulator, connection: &str) -> RequestBuilder {
    let url = format!("{}?api-version=7.1&serviceConnectionId={connection}", emulator.pipelines_url());
    common::client(emulator)
        .post(url)
        .header("content-length", "0")
        .header("content-type", "application/json")
        .header("x-tfs-fedauthredirect", "Suppress")
}

#[tokio::test]
async fn pipeline_gets_a_token_that_signs_in() {
    let emulator = start();
    let request = oidc_request(&emulator, SERVICE_CONNECTION).bearer_auth(SYSTEM_ACCESS_TOKEN);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    let (status, body) = sign_in(&emulator, FEDERATED, answer["oidcToken"].as_str().unwrap()).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(emulator.request_count("pipelines", "/oidctoken"), 1);
}

#[tokio::test]
async fn pipeline_is_refused_as_azure_devops_does() {
    let emulator = start();
    let answer = async |request: RequestBuilder| request.send().await.unwrap();
    let ask = |connection| oidc_request(&emulator, connection).bearer_auth(SYSTEM_ACCESS_TOKEN);

    let refused = answer(oidc_request(&emulator, SERVICE_CONNECTION).bearer_auth("wrong")).await;
    assert_eq!(refused.status(), 401);
    assert!(refused.headers().contains_key("x-vss-e2eid"));
    assert!(refused.headers().contains_key("x-msedge-ref"));
    assert_eq!(answer(oidc_request(&emulator, SERVICE_CONNECTION)).await.status(), 401);
    assert_eq!(answer(ask("11111111-2222-4333-8444-555555555555")).await.status(), 404);

    let url = format!("{}?serviceConnectionId={SERVICE_CONNECTION}", emulator.pipelines_url());
    let plain = || common::client(&emulator).post(&url).bearer_auth(SYSTEM_ACCESS_TOKEN);
    assert_eq!(answer(plain()).await.status(), 411, "no length");
    let redirected = answer(plain().header("content-length", "0")).await;
    assert_eq!(redirected.status(), 302);
    assert!(redirected.headers()["location"].to_str().unwrap().contains("/oauth2/authorize"));
    let old = plain().header("content-length", "0").header("x-tfs-fedauthredirect", "Suppress");
    assert_eq!(answer(old).await.status(), 400, "no api-version");
    assert_eq!(answer(common::client(&emulator).get(&url)).await.status(), 405);

    emulator.fault(Rule::on("pipelines", Fault::status(503)));
    assert_eq!(answer(ask(SERVICE_CONNECTION)).await.status(), 503);
}
