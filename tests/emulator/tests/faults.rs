//! Each kind of fault, as it looks on the wire.

mod common;

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    sync::Arc,
    time::{Duration, Instant},
};

use batch_auth_emulator::{Fault, MintOptions, Rule, When};
use common::{Raw, VERSION, client, get, list, start};

const PATH: &str = "/jobs?api-version=2025-06-01";

fn status(status: u16, headers: &[(&str, &str)], body: Option<&str>) -> Fault {
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fault::Status {
        status,
        retry_after: None,
        retry_after_ms_header: Some("1500".to_owned()),
        headers,
        content_type: Some("text/html".to_owned()),
        body: body.map(str::to_owned),
    }
}

#[tokio::test]
async fn rule_skips_then_hits_then_ends() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::status(503)).skip(1).times(2));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(get(&emulator, "single", PATH).await.status().as_u16());
    }
    assert_eq!(seen, [200, 503, 503, 200]);
}

#[tokio::test]
async fn rule_hits_its_listener_path_and_query_only() {
    let emulator = start();
    let rules = [
        Rule::on("batch:empty", Fault::status(500)),
        Rule::on("batch:single", Fault::status(501)).path("/jobschedules"),
        Rule::on("batch:single", Fault::status(502)).query("state eq"),
        Rule::on("entra", Fault::status(503)),
    ];
    for rule in rules {
        emulator.fault(rule.for_ever());
    }
    let filtered = format!("{PATH}&$filter=state%20eq%20%27active%27");
    assert_eq!(get(&emulator, "single", PATH).await.status(), 200);
    assert_eq!(get(&emulator, "single", &filtered).await.status(), 502);
    assert_eq!(get(&emulator, "empty", PATH).await.status(), 500);
    let schedule = format!("/jobschedules/nightly/jobs?{VERSION}");
    assert_eq!(get(&emulator, "single", &schedule).await.status(), 501);
    emulator.clear_faults();
    assert_eq!(get(&emulator, "empty", PATH).await.status(), 200);
}

#[tokio::test]
async fn status_comes_with_headers_and_the_services_own_body_or_another() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::retry_after(429, "30")));
    let response = get(&emulator, "single", PATH).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "30");
    let id = response.headers()["request-id"].to_str().unwrap().to_owned();
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["code"], "TooManyRequests");
    assert!(body["message"]["value"].as_str().unwrap().contains(&id));

    emulator.fault(Rule::on("batch", status(502, &[("x-proxy", "yes")], Some("<html>"))));
    let response = get(&emulator, "single", PATH).await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["retry-after-ms"], "1500");
    assert_eq!(response.headers()["x-proxy"], "yes");
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.text().await.unwrap(), "<html>");

    emulator.fault(Rule::on("entra", Fault::status(429)));
    let response = common::token_request(&emulator, "contoso.example", &common::form()).await;
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["error_codes"][0], 90055);
}

#[tokio::test]
async fn redirect_leads_where_it_says() {
    let emulator = start();
    let location = "https://evil.example/jobs".to_owned();
    emulator.fault(Rule::on("batch", Fault::Redirect { status: 307, location }));
    let response = get(&emulator, "single", PATH).await;
    assert_eq!(response.status(), 307);
    assert_eq!(response.headers()["location"], "https://evil.example/jobs");
}

#[tokio::test]
async fn delay_is_at_least_as_long_as_asked() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::Delay { ms: 60 }));
    let start = Instant::now();
    assert_eq!(get(&emulator, "single", PATH).await.status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn hanging_request_is_counted_and_ends_when_faults_are_cleared() {
    let emulator = Arc::new(start());
    emulator.fault(Rule::on("batch", Fault::Hang));
    let waiting = Arc::clone(&emulator);
    let clear = tokio::task::spawn_blocking(move || {
        let is_received = waiting.wait_for_requests("batch:single", "/jobs", 1, Duration::from_secs(10));
        waiting.clear_faults();
        is_received
    });
    let raw = Raw::jobs(&emulator).await;
    assert!(clear.await.unwrap());
    assert_eq!(raw.bytes, b"");
    assert_eq!(emulator.requests()[0].outcome.status(), None);
}

#[tokio::test]
async fn dripping_body_is_whole_in_the_end() {
    let emulator = start();
    let whole = list(&emulator, "single", "").await.1;
    emulator.fault(Rule::on("batch", Fault::Drip { bytes: 100, every_ms: 1 }));
    let start = Instant::now();
    let dripped = list(&emulator, "single", "").await.1;
    assert_eq!(dripped, whole);
    assert!(start.elapsed() >= Duration::from_millis(10), "dozens of pieces, a millisecond each");
}

#[tokio::test]
async fn reset_is_a_reset_wherever_it_comes() {
    let emulator = start();
    for when in [When::BeforeHeaders, When::AfterHeaders, When::MidBody] {
        emulator.fault(Rule::on("batch", Fault::Reset { when }));
        let raw = Raw::jobs(&emulator).await;
        assert_eq!(raw.end_kind(), Some(ErrorKind::ConnectionReset), "{when:?}");
        check_cut(&raw, when);
    }
}

#[tokio::test]
async fn close_is_a_close_without_the_end_of_tls() {
    let emulator = start();
    for when in [When::BeforeHeaders, When::AfterHeaders, When::MidBody] {
        emulator.fault(Rule::on("batch", Fault::Close { when }));
        let raw = Raw::jobs(&emulator).await;
        assert_eq!(raw.end_kind(), Some(ErrorKind::UnexpectedEof), "{when:?}");
        check_cut(&raw, when);
    }
}

fn check_cut(raw: &Raw, when: When) {
    match when {
        When::BeforeHeaders => assert_eq!(raw.text(), ""),
        When::AfterHeaders => {
            assert!(raw.text().starts_with("HTTP/1.1 200 OK\r\n"));
            assert_eq!(raw.body(), "");
        }
        When::MidBody => {
            assert!(raw.body().contains("odata.metadata"));
            assert!(!raw.text().ends_with("0\r\n\r\n"), "no last chunk");
        }
    }
}

#[tokio::test]
async fn truncated_body_is_short_of_its_length_or_its_last_chunk() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::Truncate { at: 50, chunked: false }));
    let raw = Raw::jobs(&emulator).await;
    let length = raw.head().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    assert!(length.is_some_and(|length: usize| length > 1000), "{}", raw.head());
    assert_eq!(raw.body().len(), 50);

    emulator.fault(Rule::on("batch", Fault::Truncate { at: 50, chunked: true }));
    let raw = Raw::jobs(&emulator).await;
    assert!(raw.head().contains("transfer-encoding: chunked"));
    assert!(raw.body().starts_with("32\r\n{"), "one chunk of 50");
    assert!(!raw.text().ends_with("0\r\n\r\n"));
}

#[tokio::test]
async fn compressed_bodies_read_well_unless_corrupt() {
    let emulator = start();
    let whole = list(&emulator, "single", "").await.1;
    for deflate in [false, true] {
        emulator.fault(Rule::on("batch", Fault::Gzip { corrupt: false, deflate }));
        assert_eq!(list(&emulator, "single", "").await.1, whole, "deflate: {deflate}");
        emulator.fault(Rule::on("batch", Fault::Gzip { corrupt: true, deflate }));
        let response = get(&emulator, "single", PATH).await;
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.is_err(), "deflate: {deflate}");
    }
}

#[tokio::test]
async fn replaced_body_keeps_the_other_headers() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::body("text/html", "<html>sign in</html>")));
    let response = get(&emulator, "single", PATH).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(response.headers().contains_key("request-id"));
    assert_eq!(response.text().await.unwrap(), "<html>sign in</html>");

    let fault = Fault::Body {
        status: Some(500),
        content_type: Some(String::new()),
        body: "\u{feff}{\"value\":[]}".to_owned(),
    };
    emulator.fault(Rule::on("batch", fault));
    let response = get(&emulator, "single", PATH).await;
    assert_eq!(response.status(), 500);
    assert!(!response.headers().contains_key("content-type"));
    assert_eq!(response.bytes().await.unwrap().get(..3), Some(&b"\xef\xbb\xbf"[..]));
}

#[tokio::test]
async fn huge_bodies_are_huge_and_the_bomb_is_small_on_the_wire() {
    const SIZE: u64 = 32 * 1024 * 1024;
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::Huge { bytes: SIZE, gzip: false }));
    let plain = get(&emulator, "single", PATH).await.bytes().await.unwrap();
    assert!(plain.len() as u64 >= SIZE);

    emulator.fault(Rule::on("batch", Fault::Huge { bytes: SIZE, gzip: true }));
    // The client checks the checksum at the end.
    let bomb = get(&emulator, "single", PATH).await.bytes().await.unwrap();
    assert_eq!(bomb.len() as u64, SIZE);
    let sent = emulator.requests()[1].outcome.bytes();
    assert!(sent < SIZE / 200, "{sent} bytes sent");
}

#[tokio::test]
async fn huge_headers_are_huge() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::HugeHeaders));
    let raw = Raw::jobs(&emulator).await;
    assert!(raw.head().len() > 400_000);
    assert!(raw.text().ends_with("0\r\n\r\n"), "and the body is whole");
}

#[tokio::test]
async fn connection_survives_an_answer_that_went_well() {
    let emulator = start();
    let client = client(&emulator);
    let token = emulator.mint_token(&MintOptions::default());
    for _ in 0..3 {
        let url = format!("{}{PATH}", emulator.batch_url("single"));
        let response = client.get(url).bearer_auth(&token).send().await.unwrap();
        assert!(!response.headers().contains_key("connection"));
        response.bytes().await.unwrap();
    }
}
