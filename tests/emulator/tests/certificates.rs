//! Sign-in with a certificate: at Entra, by name and chain, and at AD FS.

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use batch_auth_emulator::{
    CertificateOptions, ClientCertificate, Emulator, Switches, TrustedSubject, fixtures::*,
};
use common::{
    assertion::{Jwt, certificate, claims, endpoint, form, post, register, sign_in},
    start,
};
use serde_json::{Value, json};

fn good(emulator: &Emulator, certificate: &ClientCertificate) -> Jwt {
    Jwt::new(certificate, CERTIFICATE, &endpoint(emulator))
}

fn description(body: &Value) -> &str {
    body["error_description"].as_str().expect("an error body")
}

#[tokio::test]
async fn both_algorithms_get_a_token_that_lists_jobs() {
    let emulator = start();
    let certificate = certificate();
    register(&emulator, CERTIFICATE, &[&certificate]);
    let audience = endpoint(&emulator);
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", CONTOSO.id);
    // MSAL for Python pads the older thumbprint.
    let padded = Jwt::rs256(&certificate, CERTIFICATE, &audience);
    let thumbprint = format!("{}=", padded.header["x5t"].as_str().unwrap());
    let padded = padded.header("x5t", json!(thumbprint));
    let jwt = good(&emulator, &certificate);
    let expiry = jwt.claims["exp"].as_f64().unwrap() + 0.5;
    let fractional = jwt.without_claim("nbf").claim("exp", json!(expiry)).claim("iat", json!(expiry - 600.0));
    for jwt in [
        Jwt::new(&certificate, CERTIFICATE, &audience),
        Jwt::rs256(&certificate, CERTIFICATE, &audience),
        Jwt::new(&certificate, CERTIFICATE, &issuer),
        // It writes no `nbf` either, and times with a fraction.
        fractional,
        padded,
    ] {
        let (status, answer) = sign_in(&emulator, CERTIFICATE, &jwt.sign(&certificate)).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(claims(&answer["access_token"])["appidacr"], "2");
        assert_eq!(claims(&answer["access_token"])["oid"], CERTIFICATE.object_id);
        let url = format!("{}/jobs?{}", emulator.batch_url("single"), common::VERSION);
        let token = answer["access_token"].as_str().unwrap();
        let response = common::client(&emulator).get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
}

#[tokio::test]
async fn wrong_assertions_are_refused_by_their_codes() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    let good = || good(&emulator, &key);
    let rs256 = || Jwt::rs256(&key, CERTIFICATE, &endpoint(&emulator));
    let now = good().claims["nbf"].as_i64().unwrap();
    let unpadded = good().header["x5t#S256"].as_str().unwrap().to_owned();
    let cases = [
        (good().header("alg", json!("none")), 5_002_738),
        (good().header("alg", json!("ES256")), 5_002_738),
        (good().header("alg", json!("HS256")), 5_002_738),
        // The thumbprint belongs to the algorithm.
        (good().header("alg", json!("RS256")), 5_002_723),
        (rs256().header("alg", json!("PS256")), 5_002_723),
        (good().header("x5t#S256", json!(format!("{unpadded}="))), 50_027),
        (rs256().header("x5t", json!("AAAA")), 50_027),
        (good().header("x5t#S256", json!("A".repeat(43))), 700_027),
        (good().claim("aud", json!(format!("{}/", endpoint(&emulator)))), 700_023),
        (good().claim("aud", json!(emulator.entra_url())), 700_023),
        (good().claim("aud", json!([endpoint(&emulator)])), 50_027),
        (good().claim("iss", json!(READER.client_id)), 700_021),
        (good().claim("sub", json!(READER.client_id)), 700_021),
        (good().without_claim("sub"), 700_021),
        (good().claim("exp", json!(now - 1)), 700_024),
        (good().without_claim("exp"), 700_024),
        (good().claim("nbf", json!(now + 60)), 700_024),
        (good().claim("exp", json!(now + 86_401)), 700_024),
        (good().without_claim("jti"), 50_012),
    ];
    for (jwt, code) in cases {
        let (status, body) = sign_in(&emulator, CERTIFICATE, &jwt.sign(&key)).await;
        assert_eq!(body["error_codes"][0], code, "{jwt:?}: {body}");
        let (wanted, error) = if code == 50_027 || code > 5_000_000 {
            (400, "invalid_request")
        } else {
            (401, "invalid_client")
        };
        assert_eq!((status, body["error"].as_str()), (wanted, Some(error)), "AADSTS{code}");
    }
    let longest = good().claim("exp", json!(now + 86_400)).sign(&key);
    assert_eq!(sign_in(&emulator, CERTIFICATE, &longest).await.0, 200);
}

#[tokio::test]
async fn what_is_no_assertion_is_malformed() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    let good = good(&emulator, &key).sign(&key);
    for text in ["x", "a.b.c", &format!("{good}."), &format!("{good}="), &good.replacen('.', "=.", 1)] {
        let (status, body) = sign_in(&emulator, CERTIFICATE, text).await;
        assert_eq!((status, &body["error_codes"][0]), (400, &json!(50_027)), "{text}");
    }
    let ask = async |change: fn(&mut Vec<(&'static str, String)>)| {
        let mut form = form(CERTIFICATE, &good);
        change(&mut form);
        let response = post(&emulator, &endpoint(&emulator), &form).await;
        response.json::<Value>().await.unwrap()["error_codes"][0].clone()
    };
    assert_eq!(ask(|form| form.retain(|(name, _)| *name != "client_assertion_type")).await, 900_144);
    assert_eq!(ask(|form| form[2].1 = "saml".to_owned()).await, 9_002_313);
    assert_eq!(ask(|form| form.push(("client_secret", "x".to_owned()))).await, 9_002_313);
    assert_eq!(ask(|form| form.retain(|(name, _)| !name.starts_with("client_ass"))).await, 7_000_216);
}

#[tokio::test]
async fn unknown_certificate_and_wrong_signature_are_told_apart_by_their_reason() {
    let emulator = start();
    let (registered, other) = (certificate(), certificate());
    register(&emulator, CERTIFICATE, &[&registered]);
    let (_, body) = sign_in(&emulator, CERTIFICATE, &good(&emulator, &other).sign(&other)).await;
    let text = description(&body);
    assert!(text.contains("[Reason - The key was not found., Thumbprint of key used by client: '"), "{text}");
    assert!(text.contains(CERTIFICATE.client_id), "{text}");

    let mut forged = good(&emulator, &registered).sign(&registered);
    let end = forged.len() - 40;
    forged.replace_range(end..end + 4, if &forged[end..end + 4] == "AAAA" { "BBBB" } else { "AAAA" });
    let (status, body) = sign_in(&emulator, CERTIFICATE, &forged).await;
    assert_eq!((status, &body["error_codes"][0]), (401, &json!(700_027)));
    let text = description(&body);
    assert!(text.contains("[Reason - The provided signature value did not match"), "{text}");
    assert!(text.contains("Found key 'Start="), "{text}");
}

#[tokio::test]
async fn time_of_a_stale_assertion_is_told() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    let stale = good(&emulator, &key).claim("nbf", json!(0)).claim("exp", json!(60));
    let (_, body) = sign_in(&emulator, CERTIFICATE, &stale.sign(&key)).await;
    let text = description(&body);
    let times = "assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of assertion \
                 1970-01-01T00:01:00.0000000Z.";
    assert!(text.contains("Client assertion is not within its valid time range. Current time: 20"), "{text}");
    assert!(text.contains(times), "{text}");
    // A clock that goes wrong does the same.
    emulator.set_clock_offset(-120);
    let (_, body) = sign_in(&emulator, CERTIFICATE, &good(&emulator, &key).sign(&key)).await;
    assert_eq!(body["error_codes"][0], 700_024);
}

#[tokio::test]
async fn assertion_is_good_once() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    let assertion = good(&emulator, &key).sign(&key);
    assert_eq!(sign_in(&emulator, CERTIFICATE, &assertion).await.0, 200);
    let (status, body) = sign_in(&emulator, CERTIFICATE, &assertion).await;
    assert_eq!((status, &body["error_codes"][0]), (401, &json!(50_012)));
    assert!(description(&body).contains("was used before"), "{body}");
}

#[tokio::test]
async fn rotation_takes_old_and_new_and_then_only_new() {
    let emulator = start();
    let (old, new) = (certificate(), certificate());
    let codes = async || {
        let mut codes = Vec::new();
        for key in [&old, &new] {
            let (_, body) = sign_in(&emulator, CERTIFICATE, &good(&emulator, key).sign(key)).await;
            codes.push(body["error_codes"][0].as_u64().unwrap_or(0));
        }
        codes
    };
    register(&emulator, CERTIFICATE, &[&old]);
    assert_eq!(codes().await, [0, 700_027]);
    register(&emulator, CERTIFICATE, &[&old, &new]);
    assert_eq!(codes().await, [0, 0]);
    register(&emulator, CERTIFICATE, &[&new]);
    assert_eq!(codes().await, [700_027, 0]);
    emulator.reset();
    assert_eq!(codes().await, [700_027, 700_027]);
}

#[tokio::test]
async fn certificate_outside_its_validity_is_refused() {
    let emulator = start();
    for (not_before_s, not_after_s) in [(-7200, -3600), (3600, 7200)] {
        let options = CertificateOptions { not_before_s, not_after_s, ..CertificateOptions::default() };
        let key = ClientCertificate::new(&options).unwrap();
        register(&emulator, CERTIFICATE, &[&key]);
        let (status, body) = sign_in(&emulator, CERTIFICATE, &good(&emulator, &key).sign(&key)).await;
        assert_eq!((status, &body["error_codes"][0]), (401, &json!(1_000_502)));
    }
}

#[tokio::test]
async fn chain_signs_in_where_name_and_authority_are_trusted() {
    let emulator = start();
    let issued = CertificateOptions { issued: true, ..CertificateOptions::default() };
    let key = ClientCertificate::new(&issued).unwrap();
    let foreign = ClientCertificate::new(&issued).unwrap();
    let plain = || good(&emulator, &key);
    let code = async |jwt: Jwt, key: &ClientCertificate| {
        let (_, body) = sign_in(&emulator, CERTIFICATE, &jwt.sign(key)).await;
        body["error_codes"][0].as_u64().unwrap_or(0)
    };
    let trust = |subject: &str| {
        let authority = key.authority_pem.clone();
        let subjects = vec![TrustedSubject { subject: subject.to_owned(), authority }];
        let trusted_subjects = [("certificate".to_owned(), subjects)].into();
        emulator.switch(&Switches { trusted_subjects, ..Switches::default() }).unwrap();
    };
    let x5c = |values: Vec<String>| plain().header("x5c", json!(values));
    assert_eq!(code(x5c(key.x5c()), &key).await, 700_027, "nothing is trusted yet");
    trust("CN=batch.contoso.example");
    assert_eq!(code(x5c(key.x5c()), &key).await, 0);
    assert_eq!(code(plain(), &key).await, 700_027, "without its chain");
    assert_eq!(code(x5c(key.x5c()[..1].to_vec()), &key).await, 700_027, "the intermediate is missing");
    let other = good(&emulator, &foreign).header("x5c", json!(foreign.x5c()));
    assert_eq!(code(other, &foreign).await, 700_027, "another authority");

    // The encodings in which clients get it wrong.
    let pem = key.certificate_pem.as_bytes();
    assert_eq!(code(x5c(vec![STANDARD.encode(pem)]), &key).await, 50_027, "PEM inside base64");
    let unpadded = key.x5c().iter().map(|text| text.replace('=', "").replace('+', "-")).collect();
    let is_padded = key.x5c().concat().contains(['=', '+']);
    assert_eq!(code(x5c(unpadded), &key).await, if is_padded { 50_027 } else { 0 }, "base64url");
    let reversed = key.x5c().into_iter().rev().collect();
    assert_eq!(code(x5c(reversed), &key).await, 50_027, "leaf last");

    trust("CN=other.contoso.example");
    assert_eq!(code(x5c(key.x5c()), &key).await, 700_030);
}

#[tokio::test]
async fn registered_certificate_may_bring_its_chain() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    let jwt = good(&emulator, &key).header("x5c", json!(key.x5c()));
    assert_eq!(sign_in(&emulator, CERTIFICATE, &jwt.sign(&key)).await.0, 200);
    let another = good(&emulator, &key).header("x5c", json!(certificate().x5c()));
    assert_eq!(sign_in(&emulator, CERTIFICATE, &another.sign(&key)).await.1["error_codes"][0], 50_027);
}

#[tokio::test]
async fn certificate_that_cannot_be_read_changes_nothing() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    for text in ["", "AAAA", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let certificates = [("certificate".to_owned(), vec![text.to_owned()])].into();
        let error = emulator.switch(&Switches { certificates, ..Switches::default() }).unwrap_err();
        assert!(error.to_string().starts_with("certificate of \"certificate\": "), "{error}");
    }
    assert_eq!(sign_in(&emulator, CERTIFICATE, &good(&emulator, &key).sign(&key)).await.0, 200);
}

#[tokio::test]
async fn log_shows_the_assertion_in_full() {
    let emulator = start();
    let key = certificate();
    let assertion = good(&emulator, &key).sign(&key);
    sign_in(&emulator, CERTIFICATE, &assertion).await;
    assert_eq!(emulator.requests()[0].form_field("client_assertion"), Some(assertion.as_str()));
}

#[tokio::test]
async fn adfs_takes_sha1_assertions_and_secrets_only() {
    let emulator = start();
    let key = certificate();
    register(&emulator, CERTIFICATE, &[&key]);
    let base = format!("{}/adfs", emulator.entra_url());
    let url = format!("{base}/oauth2/token");
    let ask = async |url: &str, form: &[(&'static str, String)]| {
        let response = post(&emulator, url, form).await;
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let old = Jwt::rs256(&key, CERTIFICATE, &url).sign(&key);
    let (status, answer) = ask(&url, &form(CERTIFICATE, &old)).await;
    assert_eq!(status, 200, "{answer}");
    let issuer = claims(&answer["access_token"])["iss"].clone();
    assert!(issuer.as_str().unwrap().ends_with("/adfs/services/trust"), "{issuer}");
    let (status, _) = ask(&url, &common::form()).await;
    assert_eq!(status, 200, "a secret");

    let new = Jwt::new(&key, CERTIFICATE, &url).sign(&key);
    let (status, body) = ask(&url, &form(CERTIFICATE, &new)).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_request")));
    assert!(description(&body).starts_with("MSIS"), "{body}");
    let elsewhere = Jwt::rs256(&key, CERTIFICATE, &endpoint(&emulator)).sign(&key);
    let (status, body) = ask(&url, &form(CERTIFICATE, &elsewhere)).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));

    let document = common::client(&emulator).get(format!("{base}/.well-known/openid-configuration"));
    let document: Value = document.send().await.unwrap().json().await.unwrap();
    let found = document["token_endpoint"].as_str().unwrap();
    let jwt = Jwt::rs256(&key, CERTIFICATE, found).sign(&key);
    assert_eq!(ask(found, &form(CERTIFICATE, &jwt)).await.0, 200);
    let keys = common::client(&emulator).get(document["jwks_uri"].as_str().unwrap());
    assert_eq!(keys.send().await.unwrap().json::<Value>().await.unwrap()["keys"][0]["kty"], "RSA");
}
