//! Who may list jobs: tokens good and bad, roles, network rules, SharedKey, claims challenges.

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use batch_auth_emulator::{
    Fault, MintOptions, Role, Rule, Switches,
    fixtures::{FABRIKAM, NO_ROLE, READER},
};
use common::{VERSION, client, get_with, start, value};
use serde_json::{Value, json};

const PATH: &str = "/jobs?api-version=2025-06-01&maxresults=1";

fn good() -> MintOptions {
    MintOptions::default()
}

#[tokio::test]
async fn bad_tokens_are_401_with_their_reason() {
    let emulator = start();
    let slashless = "https://batch.core.windows.net";
    let cases = [
        (
            MintOptions { audience: slashless.to_owned(), ..good() },
            "wrong audience or resource 'https://batch.core.windows.net'. It should exactly match (including forward slash)",
        ),
        (
            MintOptions { audience: "https://batch.core.usgovcloudapi.net/".to_owned(), ..good() },
            "wrong audience",
        ),
        (MintOptions { tenant: FABRIKAM.id.to_owned(), ..good() }, "wrong issuer"),
        (MintOptions { issuer: Some("https://evil.example/".to_owned()), ..good() }, "wrong issuer"),
        (MintOptions { not_before_s: -7200, expires_in_s: 0, ..good() }, "has expired"),
        (MintOptions { not_before_s: 60, ..good() }, "not valid yet"),
        (MintOptions { bad_signature: true, ..good() }, "invalid signature"),
    ];
    for (token, reason) in cases {
        let response = get_with(&emulator, "contoso", PATH, &token).await;
        assert_eq!(response.status(), 401, "{reason}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "AuthenticationFailed");
        let detail = value(&body, "AuthenticationErrorDetail");
        assert!(detail.contains(reason), "{detail}");
    }
    assert_eq!(get_with(&emulator, "contoso", PATH, &good()).await.status(), 200);
}

#[tokio::test]
async fn tampered_claims_do_not_pass() {
    let emulator = start();
    let own = emulator.mint_token(&MintOptions { client_id: NO_ROLE.client_id.to_owned(), ..good() });
    let other = emulator.mint_token(&good());
    let parts: Vec<&str> = own.split('.').collect();
    let foreign: Vec<&str> = other.split('.').collect();
    let mixed = [parts[0], foreign[1], parts[2]].join(".");
    let none = format!("{}.{}.", "eyJhbGciOiJub25lIn0", foreign[1]);
    for token in [mixed, none, "x.y.z".to_owned(), "opaque".to_owned()] {
        let url = format!("{}{PATH}", emulator.batch_url("contoso"));
        let response = client(&emulator).get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 401);
    }
}

#[tokio::test]
async fn header_is_401_when_missing_and_400_when_unreadable() {
    let emulator = start();
    let url = format!("{}{PATH}", emulator.batch_url("contoso"));
    let response = client(&emulator).get(&url).send().await.unwrap();
    assert_eq!(response.status(), 401);
    for header in ["Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "SharedKeyLite a:b"] {
        let request = client(&emulator).get(&url).header("authorization", header);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400, "{header}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "InvalidAuthenticationInfo");
    }
    let twice = client(&emulator).get(&url).bearer_auth("a").header("authorization", "Bearer b");
    assert_eq!(twice.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn clock_decides_about_the_same_token() {
    let emulator = start();
    let token = emulator.mint_token(&good());
    let url = format!("{}{PATH}", emulator.batch_url("contoso"));
    // Just inside and just outside: a token lives an hour, and there is no allowance.
    for (offset_s, status) in [(3590, 200), (3601, 401), (-290, 200), (-310, 401), (0, 200)] {
        emulator.set_clock_offset(offset_s);
        let response = client(&emulator).get(&url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), status, "{offset_s} s later");
    }
}

#[tokio::test]
async fn slashless_audience_passes_by_switch_only() {
    let emulator = start();
    let token = MintOptions { audience: "https://batch.core.windows.net".to_owned(), ..good() };
    assert_eq!(get_with(&emulator, "contoso", PATH, &token).await.status(), 401);
    emulator.switch(&Switches { slashless_audience: Some(true), ..Switches::default() }).unwrap();
    assert_eq!(get_with(&emulator, "contoso", PATH, &token).await.status(), 200);
    assert_eq!(get_with(&emulator, "contoso", PATH, &good()).await.status(), 200);
}

#[tokio::test]
async fn role_is_needed_and_can_be_given_and_taken() {
    let emulator = start();
    let token = MintOptions {
        client_id: NO_ROLE.client_id.to_owned(),
        object_id: NO_ROLE.object_id.to_owned(),
        ..good()
    };
    let response = get_with(&emulator, "contoso", PATH, &token).await;
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], "AuthorizationFailed");
    let detail = value(&body, "AuthorizationErrorDetail");
    assert!(detail.contains(NO_ROLE.object_id), "{detail}");
    assert!(detail.contains("Microsoft.Batch/batchAccounts/jobs/read"), "{detail}");

    let role = |app: &str, assigned| Role { account: "contoso".to_owned(), app: app.to_owned(), assigned };
    let roles = vec![role("norole", true), role(READER.client_id, false)];
    emulator.switch(&Switches { roles, ..Switches::default() }).unwrap();
    assert_eq!(get_with(&emulator, "contoso", PATH, &token).await.status(), 200);
    assert_eq!(get_with(&emulator, "single", PATH, &token).await.status(), 403, "elsewhere");
    assert_eq!(get_with(&emulator, "contoso", PATH, &good()).await.status(), 403);
}

#[tokio::test]
async fn network_rules_refuse_everybody_until_lifted() {
    let emulator = start();
    let response = get_with(&emulator, "locked", PATH, &good()).await;
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], "AuthorizationFailure");
    assert!(body.get("values").is_none());
    let network_rules = [("locked", false), ("single", true)];
    let network_rules = network_rules.map(|(name, locked)| (name.to_owned(), locked)).into();
    emulator.switch(&Switches { network_rules, ..Switches::default() }).unwrap();
    assert_eq!(get_with(&emulator, "locked", PATH, &good()).await.status(), 200);
    assert_eq!(get_with(&emulator, "single", PATH, &good()).await.status(), 403);
}

#[tokio::test]
async fn modes_that_an_account_does_not_allow_are_named() {
    let emulator = start();
    let response = get_with(&emulator, "sharedkey", PATH, &good()).await;
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], "AuthenticationFailed");
    let refused =
        |mode: &str| format!("The specified type of authentication {mode} is not allowed for this account.");
    assert_eq!(value(&body, "AuthenticationErrorDetail"), refused("AAD"));

    for (account, detail) in [("contoso", refused("SharedKey")), ("sharedkey", "The date".to_owned())] {
        let url = format!("{}{PATH}", emulator.batch_url(account));
        let signature = format!("SharedKey {account}:{}", STANDARD.encode("x"));
        let request = client(&emulator).get(url).header("authorization", signature);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 403);
        let body: Value = response.json().await.unwrap();
        assert!(value(&body, "AuthenticationErrorDetail").starts_with(&detail));
    }
}

#[tokio::test]
async fn routes_and_verbs_that_are_not_there_are_named() {
    let emulator = start();
    let token = emulator.mint_token(&good());
    for path in ["/", "/job", "/jobs/", "//jobs", "/jobs/x", "/pools", "/jobschedules/nightly"] {
        let url = format!("{}{path}?{VERSION}", emulator.batch_url("contoso"));
        let response = client(&emulator).get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "ResourceNotFound", "{path}");
    }
    for verb in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::POST] {
        let url = format!("{}{PATH}", emulator.batch_url("contoso"));
        let response = client(&emulator).request(verb, url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), 405);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "UnsupportedHttpVerb");
    }
}

#[tokio::test]
async fn claims_challenge_is_met_by_a_token_asked_for_with_these_claims() {
    let emulator = start();
    let claims = json!({"access_token": {"nbf": {"essential": true, "value": "1767225300"}}});
    let challenge = Fault::ClaimsChallenge { claims: claims.clone(), malformed: false };
    emulator.fault(Rule::on("batch", challenge).for_ever());

    let response = get_with(&emulator, "contoso", PATH, &good()).await;
    assert_eq!(response.status(), 401);
    let header = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(header.starts_with("Bearer realm=\"\", authorization_uri=\"https://"), "{header}");
    assert!(header.contains("error=\"insufficient_claims\""), "{header}");
    let encoded = header.split("claims=\"").nth(1).unwrap().trim_end_matches('"');
    let sent: Value = serde_json::from_slice(&STANDARD.decode(encoded).unwrap()).unwrap();
    assert_eq!(sent, claims);

    // A client merges its capabilities into the claims, and sends them in the token request.
    let mut merged = claims;
    merged["access_token"]["xms_cc"] = json!({"values": ["CP1"]});
    let mut form = common::form();
    form.push(("claims", merged.to_string()));
    let answer = common::token_request(&emulator, "contoso.example", &form).await;
    let answer: Value = answer.json().await.unwrap();
    let url = format!("{}{PATH}", emulator.batch_url("contoso"));
    let request = client(&emulator).get(url).bearer_auth(answer["access_token"].as_str().unwrap());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn malformed_challenge_cannot_be_parsed() {
    let emulator = start();
    let claims = json!({"access_token": {}});
    emulator.fault(Rule::on("batch", Fault::ClaimsChallenge { claims, malformed: true }));
    let response = get_with(&emulator, "contoso", PATH, &good()).await;
    let header = response.headers()["www-authenticate"].to_str().unwrap();
    assert_eq!(header.matches('"').count() % 2, 1, "a quote stays open: {header}");
}
