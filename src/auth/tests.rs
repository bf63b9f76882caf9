//! Whole calls against the emulator, with time in the test's hands.

mod assertions;

use std::thread;

use batch_auth_emulator::{Config, Emulator, Fault, Rule, fixtures};

use super::*;
use crate::batch::Step;
use crate::error::Status;
use crate::system::fake::{FakeClock, system};

/// An emulator, a clock that stands still, and an Auth of the application that may list jobs.
struct Bench {
    emulator: Emulator,
    clock: FakeClock,
    options: AuthOptions,
}

impl Bench {
    fn new() -> Self {
        let emulator = Emulator::start(Config { jobs: 30, ..Config::default() }).unwrap();
        let clock = FakeClock::default();
        let options = AuthOptions {
            authority_host: Some(emulator.entra_url()),
            ca_bundle_path: Some(emulator.ca_path().to_str().unwrap().to_owned()),
            system: system(&clock),
            ..AuthOptions::default()
        };
        Self { emulator, clock, options }
    }

    fn auth(&self) -> Auth {
        let app = fixtures::READER;
        Auth::new_client_secret(app.tenant.id, app.client_id, app.secret, &self.options).unwrap()
    }

    fn listing(&self, auth: &Auth) -> Listing {
        let options = ListOptions { max_results: 10, ..ListOptions::default() };
        auth.list_jobs(&self.emulator.batch_url("contoso"), &options).unwrap()
    }

    fn fault(&self, listener: &str, times: u64, fault: serde_json::Value) {
        let fault: Fault = serde_json::from_value(fault).unwrap();
        self.emulator.fault(Rule::on(listener, fault).times(times));
    }

    fn token_requests(&self) -> usize {
        self.emulator.request_count("entra", "/token")
    }
}

fn status(code: u16, retry_after: &str) -> serde_json::Value {
    serde_json::json!({ "kind": "status", "status": code, "retry_after": retry_after })
}

fn call() -> CallOptions {
    CallOptions::default()
}

fn ids(listing: &mut Listing) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    while let Step::Job(job) = listing.step_blocking(&call())? {
        ids.push(job.id().unwrap().to_str().unwrap().to_owned());
    }
    Ok(ids)
}

#[test]
fn a_short_retry_after_is_waited_for_and_the_request_keeps_its_id() {
    let bench = Bench::new();
    bench.fault("entra", 1, status(429, "7"));
    let auth = bench.auth();
    thread::scope(|scope| {
        let token = scope.spawn(|| auth.token_blocking(&call()));
        bench.clock.advance_when_sleeping(Duration::from_secs(7));
        assert!(token.join().unwrap().unwrap().is_some());
    });
    let requests = bench.emulator.requests();
    let id = |n: usize| requests[n].header("client-request-id").unwrap();
    assert_eq!(requests.len(), 2);
    assert_eq!(id(0), id(1));
}

#[test]
fn a_retry_after_beyond_the_deadline_is_reported_at_once() {
    let bench = Bench::new();
    bench.fault("entra", 0, status(429, "200"));
    let error = bench.auth().token_blocking(&call()).unwrap_err();
    assert_eq!(error.status(), Status::Throttled);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(200)));
    assert_eq!(bench.token_requests(), 1);
}

#[test]
fn an_outage_is_retried_with_growing_waits_and_then_reported() {
    let bench = Bench::new();
    bench.fault("entra", 0, serde_json::json!({ "kind": "status", "status": 503 }));
    let auth = bench.auth();
    thread::scope(|scope| {
        let token = scope.spawn(|| auth.token_blocking(&call()));
        for wait_ms in [800, 1600, 3200] {
            bench.clock.advance_when_sleeping(Duration::from_millis(wait_ms));
        }
        let error = token.join().unwrap().unwrap_err();
        assert_eq!((error.status(), error.http_status()), (Status::Service, Some(503)));
        assert!(error.is_retryable());
    });
    assert_eq!(bench.token_requests(), 4);
}

#[test]
fn a_server_that_never_answers_meets_the_calls_deadline() {
    let bench = Bench::new();
    bench.fault("entra", 0, serde_json::json!({ "kind": "hang" }));
    let auth = bench.auth();
    let hasty = CallOptions { timeout: Some(Duration::from_secs(10)), ..call() };
    thread::scope(|scope| {
        let token = scope.spawn(|| auth.token_blocking(&hasty));
        bench.clock.advance_when_sleeping(Duration::from_secs(10));
        let error = token.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert!(error.message().contains("10000 ms"), "{error}");
    });
}

#[test]
fn a_try_that_gets_no_answer_gives_way_to_another() {
    let bench = Bench::new();
    bench.fault("entra", 1, serde_json::json!({ "kind": "hang" }));
    let auth = bench.auth();
    thread::scope(|scope| {
        let token = scope.spawn(|| auth.token_blocking(&call()));
        assert!(bench.emulator.wait_for_requests("entra", "/token", 1, Duration::from_secs(20)));
        bench.clock.advance_when_sleeping(Duration::from_secs(30));
        bench.clock.advance_when_sleeping(Duration::from_millis(800));
        assert!(token.join().unwrap().unwrap().is_some());
    });
    assert_eq!(bench.token_requests(), 2);
}

#[test]
fn a_body_that_drips_meets_the_calls_deadline() {
    let bench = Bench::new();
    let auth = bench.auth();
    auth.token_blocking(&call()).unwrap();
    bench.fault("batch", 0, serde_json::json!({ "kind": "drip", "bytes": 1, "every_ms": 5 }));
    let mut listing = bench.listing(&auth);
    let hasty = CallOptions { timeout: Some(Duration::from_secs(20)), ..call() };
    thread::scope(|scope| {
        let step = scope.spawn(move || listing.step_blocking(&hasty));
        assert!(bench.emulator.wait_for_requests("batch", "/jobs", 1, Duration::from_secs(20)));
        bench.clock.advance_when_sleeping(Duration::from_secs(20));
        assert_eq!(step.join().unwrap().unwrap_err().status(), Status::Timeout);
    });
}

#[test]
fn a_token_past_its_refresh_time_is_served_and_renewed_in_the_background() {
    let bench = Bench::new();
    let auth = bench.auth();
    let first = auth.token_blocking(&call()).unwrap().unwrap();
    bench.clock.advance(Duration::from_secs(3300));
    let served = auth.token_blocking(&call()).unwrap().unwrap();
    assert!(Arc::ptr_eq(&first, &served));
    assert!(bench.emulator.wait_for_requests("entra", "/token", 2, Duration::from_secs(20)));
    while Arc::ptr_eq(&first, &auth.token_blocking(&call()).unwrap().unwrap()) {
        thread::yield_now();
    }
    assert_eq!(bench.token_requests(), 2);
}

#[test]
fn a_token_that_expires_between_pages_is_replaced() {
    let bench = Bench::new();
    let auth = bench.auth();
    let mut listing = bench.listing(&auth);
    let Step::Job(_) = listing.step_blocking(&call()).unwrap() else { panic!("the account has jobs") };
    // The service's clock runs ahead, so the token is refused although ours says it is good.
    bench.emulator.set_clock_offset(2 * 3600);
    assert_eq!(ids(&mut listing).unwrap().len(), 29);
    assert!((2..=3).contains(&bench.token_requests()), "{}", bench.token_requests());
}

#[test]
fn a_page_that_fails_for_good_is_asked_for_again_by_the_next_call() {
    let bench = Bench::new();
    let auth = bench.auth();
    let whole = ids(&mut bench.listing(&auth)).unwrap();
    assert_eq!(whole.len(), 30);
    let fault = serde_json::json!({ "kind": "status", "status": 400 });
    bench.emulator.fault(Rule::on("batch", serde_json::from_value(fault).unwrap()).skip(1).times(1));
    let mut listing = bench.listing(&auth);
    let mut got = Vec::new();
    let error = loop {
        match listing.step_blocking(&call()) {
            Ok(Step::Job(job)) => got.push(job.id().unwrap().to_str().unwrap().to_owned()),
            Ok(_) => panic!("the second page fails"),
            Err(error) => break error,
        }
    };
    assert_eq!((error.status(), got.len()), (Status::Service, 10));
    got.extend(ids(&mut listing).unwrap());
    assert_eq!(got, whole);
}

#[test]
fn the_page_ahead_is_asked_for_once_and_only_where_it_is_wanted() {
    let bench = Bench::new();
    let auth = bench.auth();
    let mut listing = bench.listing(&auth);
    for _ in 0..10 {
        listing.step_blocking(&call()).unwrap();
    }
    assert!(bench.emulator.wait_for_requests("batch", "/jobs", 2, Duration::from_secs(20)));
    assert_eq!(bench.emulator.request_count("batch", "/jobs"), 2, "one page ahead, no more");

    bench.emulator.clear_requests();
    let enough = ListOptions { max_results: 10, max_items: 10, ..ListOptions::default() };
    let mut listing = auth.list_jobs(&bench.emulator.batch_url("contoso"), &enough).unwrap();
    assert_eq!(ids(&mut listing).unwrap().len(), 10);
    assert_eq!(bench.emulator.request_count("batch", "/jobs"), 1);
}

#[test]
fn requests_name_the_library_and_carry_the_callers_id() {
    let mut bench = Bench::new();
    bench.options.user_agent_suffix = Some("scheduler/7".into());
    let call = CallOptions { correlation_id: Some("job-42".into()), ..call() };
    let mut listing = bench.listing(&bench.auth());
    listing.step_blocking(&call).unwrap();
    for request in bench.emulator.requests() {
        let agent = request.header("user-agent").unwrap();
        assert!(agent.starts_with("batch-auth/") && agent.ends_with(" scheduler/7"), "{agent}");
        assert_eq!(request.header("client-request-id"), Some("job-42"), "{}", request.path);
    }
}

#[test]
fn bad_words_in_a_call_are_refused_before_anything_is_sent() {
    let bench = Bench::new();
    let auth = bench.auth();
    for bad in [
        CallOptions { correlation_id: Some("a b".into()), ..call() },
        CallOptions { correlation_id: Some("x".repeat(129)), ..call() },
        CallOptions { claims: Some("not json".into()), ..call() },
        CallOptions { scope: Some("a\nb".into()), ..call() },
        CallOptions { tenant_id: Some("a/b".into()), ..call() },
    ] {
        assert_eq!(auth.token_blocking(&bad).unwrap_err().status(), Status::InvalidArgument);
    }
    let foreign = CallOptions { tenant_id: Some("fabrikam.example".into()), ..call() };
    let error = auth.token_blocking(&foreign).unwrap_err();
    assert!(error.help().unwrap().contains("additionally_allowed_tenants"));
    assert_eq!(bench.token_requests(), 0);
}

#[test]
fn an_allowed_tenant_is_signed_in_to_and_cached_apart() {
    let mut bench = Bench::new();
    bench.options.additionally_allowed_tenants = Some("*".into());
    let auth = bench.auth();
    let foreign = CallOptions { tenant_id: Some(fixtures::FABRIKAM.domain.into()), ..call() };
    auth.token_blocking(&call()).unwrap();
    // The application is not known there, which shows that the request did go there.
    let error = auth.token_blocking(&foreign).unwrap_err();
    assert_eq!(error.service_code(), Some("AADSTS700016"));
    let path = &bench.emulator.requests()[1].path;
    assert!(path.starts_with("/fabrikam.example/"), "{path}");
}

#[test]
fn claims_pass_the_cache_by_and_are_sent_with_the_capability() {
    let bench = Bench::new();
    let auth = bench.auth();
    auth.token_blocking(&call()).unwrap();
    let challenged = CallOptions { claims: Some(r#"{"access_token":{"x":null}}"#.into()), ..call() };
    auth.token_blocking(&challenged).unwrap();
    auth.token_blocking(&challenged).unwrap();
    let requests = bench.emulator.requests();
    assert_eq!(requests.len(), 3);
    let sent: serde_json::Value = serde_json::from_str(requests[1].form_field("claims").unwrap()).unwrap();
    assert_eq!(sent["access_token"]["xms_cc"]["values"][0], "CP1");
}

#[test]
fn a_blocking_call_on_an_asynchronous_thread_is_refused() {
    let bench = Bench::new();
    let auth = bench.auth();
    let refused = runtime::block_on(async { auth.token_blocking(&call()) });
    assert_eq!(refused.unwrap_err().status(), Status::WouldDeadlock);
}

#[test]
fn auths_with_equal_settings_share_one_connection_pool() {
    let bench = Bench::new();
    let (one, other) = (bench.auth(), bench.auth());
    assert!(one.shared.transport.shares_pool_with(&other.shared.transport));
    let mut own_way = bench.options.clone();
    own_way.proxy_url = Some("http://proxy.example:3128".into());
    let app = fixtures::READER;
    let third = Auth::new_client_secret(app.tenant.id, app.client_id, app.secret, &own_way).unwrap();
    assert!(!one.shared.transport.shares_pool_with(&third.shared.transport));
}

#[test]
fn a_static_token_is_served_until_it_expires_and_not_renewed() {
    let bench = Bench::new();
    let now = bench.clock.as_unix_s();
    let auth = Auth::new_static_token("opaque", now + 60, &bench.options).unwrap();
    assert_eq!(auth.token_blocking(&call()).unwrap().unwrap().value().expose(), "opaque");
    bench.clock.advance(Duration::from_secs(60));
    let error = auth.token_blocking(&call()).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed);
    assert!(error.message().contains("expired"), "{error}");
}
