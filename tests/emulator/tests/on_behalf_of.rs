//! A service that calls Batch for its users.

mod common;

use batch_auth_emulator::{Emulator, MintOptions, Role, Switches, UserTokenOptions, fixtures::*};
use common::{
    SCOPE,
    assertion::{Jwt, certificate, claims, endpoint, post, register},
    start,
};
use serde_json::{Value, json};

fn form(user_token: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()),
        ("client_id", MIDDLE_TIER.client_id.to_owned()),
        ("client_secret", MIDDLE_TIER.secret.to_owned()),
        ("assertion", user_token.to_owned()),
        ("requested_token_use", "on_behalf_of".to_owned()),
        ("scope", SCOPE.to_owned()),
    ]
}

fn of(user: User) -> UserTokenOptions {
    let (object_id, upn) = (user.object_id.to_owned(), user.upn.to_owned());
    UserTokenOptions { object_id, upn, ..UserTokenOptions::default() }
}

async fn ask(emulator: &Emulator, form: &[(&'static str, String)]) -> (u16, Value) {
    let response = post(emulator, &endpoint(emulator), form).await;
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn jobs(emulator: &Emulator, token: &Value) -> u16 {
    let url = format!("{}/jobs?{}", emulator.batch_url("single"), common::VERSION);
    let request = common::client(emulator).get(url).bearer_auth(token.as_str().expect("a token"));
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn each_user_gets_a_token_of_their_own() {
    let emulator = start();
    for user in USERS {
        let (status, answer) = ask(&emulator, &form(&emulator.mint_user_token(&of(user)))).await;
        assert_eq!(status, 200, "{answer}");
        let token = claims(&answer["access_token"]);
        assert_eq!(token["oid"], user.object_id);
        assert_eq!(token["upn"], user.upn);
        assert_eq!(token["scp"], "user_impersonation");
        assert_eq!(token["idtyp"], "user");
        assert_eq!(token["appid"], MIDDLE_TIER.client_id);
        assert!(answer["scope"].as_str().unwrap().starts_with("https://batch.core.windows.net//user"));
        assert_eq!(jobs(&emulator, &answer["access_token"]).await, 200);
    }
}

#[tokio::test]
async fn role_is_the_users_and_not_the_services() {
    let emulator = start();
    let roles = vec![Role { account: "single".to_owned(), app: "bob".to_owned(), assigned: false }];
    emulator.switch(&Switches { roles, ..Switches::default() }).unwrap();
    for (user, status) in [(ALICE, 200), (BOB, 403)] {
        let (_, answer) = ask(&emulator, &form(&emulator.mint_user_token(&of(user)))).await;
        assert_eq!(jobs(&emulator, &answer["access_token"]).await, status, "{}", user.name);
    }
}

#[tokio::test]
async fn refresh_token_and_account_come_when_asked_for() {
    let emulator = start();
    let mut form = form(&emulator.mint_user_token(&of(ALICE)));
    let (_, answer) = ask(&emulator, &form).await;
    for member in ["refresh_token", "id_token", "client_info"] {
        assert!(answer.get(member).is_none(), "{member}: {answer}");
    }
    form.retain(|(name, _)| *name != "scope");
    let scope = "https://batch.core.windows.net//user_impersonation openid profile offline_access";
    form.extend([("scope", scope.to_owned()), ("client_info", "1".to_owned())]);
    let (_, answer) = ask(&emulator, &form).await;
    assert!(answer["refresh_token"].as_str().unwrap().len() > 500);
    assert!(answer["client_info"].is_string());
    assert_eq!(claims(&answer["id_token"])["preferred_username"], ALICE.upn);
}

#[tokio::test]
async fn certificate_proves_the_service_as_well() {
    let emulator = start();
    let key = certificate();
    register(&emulator, MIDDLE_TIER, &[&key]);
    let mut form = form(&emulator.mint_user_token(&of(ALICE)));
    let assertion = Jwt::new(&key, MIDDLE_TIER, &endpoint(&emulator)).sign(&key);
    let mut proof = common::assertion::form(MIDDLE_TIER, &assertion);
    proof.retain(|(name, _)| name.starts_with("client_assertion"));
    form.retain(|(name, _)| *name != "client_secret");
    form.extend(proof);
    let (status, answer) = ask(&emulator, &form).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(claims(&answer["access_token"])["appidacr"], "2");
}

#[tokio::test]
async fn wrong_user_tokens_are_refused_by_their_codes() {
    let emulator = start();
    let user = |options: UserTokenOptions| emulator.mint_user_token(&options);
    let app_token = MintOptions { audience: MIDDLE_TIER.client_id.to_owned(), ..MintOptions::default() };
    let audience = "https://batch.core.windows.net/".to_owned();
    let cases = [
        (user(UserTokenOptions { audience, ..of(ALICE) }), 500_131, "invalid_grant"),
        (user(UserTokenOptions { expires_in_s: 0, ..of(ALICE) }), 500_133, "invalid_grant"),
        (user(UserTokenOptions { not_before_s: 60, ..of(ALICE) }), 500_133, "invalid_grant"),
        (user(UserTokenOptions { bad_signature: true, ..of(ALICE) }), 50_013, "invalid_grant"),
        (user(UserTokenOptions { tenant: FABRIKAM.id.to_owned(), ..of(ALICE) }), 50_013, "invalid_grant"),
        (emulator.mint_token(&app_token), 7_000_114, "invalid_grant"),
        ("x".to_owned(), 50_027, "invalid_request"),
    ];
    for (token, code, error) in cases {
        let (status, body) = ask(&emulator, &form(&token)).await;
        assert_eq!((status, &body["error_codes"][0]), (400, &json!(code)), "{body}");
        assert_eq!(body["error"], error);
    }
    for (missing, code) in
        [("assertion", 900_144), ("requested_token_use", 900_144), ("client_secret", 7_000_216)]
    {
        let mut form = form(&emulator.mint_user_token(&of(ALICE)));
        form.retain(|(name, _)| *name != missing);
        assert_eq!(ask(&emulator, &form).await.1["error_codes"][0], code, "{missing}");
    }
}

#[tokio::test]
async fn application_id_uri_is_an_audience_too() {
    let emulator = start();
    let audience = format!("api://{}", MIDDLE_TIER.client_id);
    let token = emulator.mint_user_token(&UserTokenOptions { audience, ..of(ALICE) });
    assert_eq!(ask(&emulator, &form(&token)).await.0, 200);
}

#[tokio::test]
async fn missing_consent_and_missing_factor_ask_for_interaction() {
    let emulator = start();
    let form_of = |mfa| form(&emulator.mint_user_token(&UserTokenOptions { mfa, ..of(ALICE) }));
    let on = |on: bool| [("middle_tier".to_owned(), on)].into();

    emulator.switch(&Switches { consent: on(false), ..Switches::default() }).unwrap();
    let (_, body) = ask(&emulator, &form_of(false)).await;
    assert_eq!((&body["error_codes"][0], &body["suberror"]), (&json!(65_001), &json!("consent_required")));
    emulator.switch(&Switches { consent: on(true), mfa_required: on(true), ..Switches::default() }).unwrap();
    let (status, body) = ask(&emulator, &form_of(false)).await;
    assert_eq!((status, &body["error_codes"][0]), (400, &json!(50_076)));
    assert_eq!(body["error"], "interaction_required");
    assert_eq!(body["suberror"], "basic_action");
    let claims: Value = serde_json::from_str(body["claims"].as_str().unwrap()).unwrap();
    assert_eq!(claims["access_token"]["capolids"]["essential"], true);
    assert_eq!(ask(&emulator, &form_of(true)).await.0, 200, "a user who used a second factor");
}
