use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::runtime::{Cancel, block_on};
use crate::secret::Secret;
use crate::system::fake::{FakeClock, START_MS};
use tokio::sync::Notify;

/// A source of tokens whose answers a test holds back until it lets them go.
#[derive(Clone)]
struct Source {
    clock: FakeClock,
    asked: Arc<AtomicUsize>,
    begun: Arc<Notify>,
    gate: Option<Arc<Notify>>,
    answer: Arc<Mutex<Result<i64>>>,
}

impl Source {
    fn new(clock: &FakeClock, lifetime_s: i64) -> Self {
        Self {
            clock: clock.clone(),
            asked: Arc::default(),
            begun: Arc::default(),
            gate: None,
            answer: Arc::new(Mutex::new(Ok(lifetime_s))),
        }
    }

    fn held_back(mut self) -> Self {
        self.gate = Some(Arc::default());
        self
    }

    fn let_go(&self) {
        self.gate.as_ref().unwrap().notify_one();
    }

    fn answers(&self, answer: Result<i64>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Blocks until a request has been begun that this was not called for before.
    fn wait_until_begun(&self) {
        let begun = Arc::clone(&self.begun);
        block_on(async move {
            begun.notified().await;
            Ok(())
        })
        .unwrap();
    }

    fn errand(&self) -> Errand<impl Future<Output = Result<Issued>> + Send + 'static> {
        let source = self.clone();
        errand(async move {
            let number = source.asked.fetch_add(1, Ordering::SeqCst) + 1;
            source.begun.notify_one();
            if let Some(gate) = &source.gate {
                gate.notified().await;
            }
            let lifetime = source.answer.lock().unwrap().clone()?;
            let now = source.clock.unix_ms() / 1000;
            let value = Secret::new(&format!("token-{number}")).unwrap();
            Ok(Issued { value, expires_on: now + lifetime, refresh_in: None })
        })
    }
}

fn errand<F>(request: F) -> Errand<F> {
    Errand { asks: "a token of the test's".into(), correlation_id: "id-1".into(), request }
}

struct Bench {
    clock: FakeClock,
    cache: Cache,
    source: Source,
}

impl Bench {
    fn new(source: impl FnOnce(Source) -> Source) -> Self {
        let clock = FakeClock::default();
        let cache = Cache::new(Arc::new(clock.clone()), 300);
        let source = source(Source::new(&clock, 3600));
        Self { clock, cache, source }
    }

    fn limits(&self, timeout_s: u64, cancel: Option<Cancel>) -> Limits {
        Limits::starting_now(Arc::new(self.clock.clone()), Duration::from_secs(timeout_s), cancel)
    }

    fn ask(&self, key: &Key, freshness: &Freshness, no_io: bool) -> Result<Option<Arc<Token>>> {
        self.ask_within(key, freshness, no_io, &self.limits(100, None))
    }

    fn ask_within(
        &self,
        key: &Key,
        freshness: &Freshness,
        no_io: bool,
        limits: &Limits,
    ) -> Result<Option<Arc<Token>>> {
        block_on(self.cache.token(key, freshness, no_io, limits, || self.source.errand()))
    }

    fn token(&self) -> String {
        let token = self.ask(&batch(), &Freshness::Cached, false).unwrap().unwrap();
        token.value().expose().to_owned()
    }
}

fn key(tenant: &str, scope: &str, claims: Option<&str>) -> Key {
    let tenant = TenantId::parse(tenant).unwrap();
    let claims = claims.map(|claims| Claims::parse(claims).unwrap());
    Key::new(Some(&tenant), &Scope::parse(scope).unwrap(), claims.as_ref())
}

fn batch() -> Key {
    key("contoso", "https://batch//.default", None)
}

fn down() -> Error {
    Error::new(Status::Service, "out of order").retryable(None)
}

#[test]
fn a_usable_token_is_served_without_asking_again() {
    let bench = Bench::new(|source| source);
    assert_eq!((bench.token(), bench.token()), ("token-1".into(), "token-1".into()));
    bench.clock.advance(Duration::from_secs(3299));
    assert_eq!((bench.token(), bench.source.asked()), ("token-1".into(), 1));
}

#[test]
fn tenant_scopes_and_claims_are_kept_apart_and_the_order_of_scopes_is_not() {
    let bench = Bench::new(|source| source);
    let keys = [
        key("contoso", "a b", None),
        key("fabrikam", "a b", None),
        key("contoso", "a", None),
        key("contoso", "a b", Some(r#"{"x":1}"#)),
        key("contoso", "a b", Some(r#"{"x":2}"#)),
    ];
    for (index, key) in keys.iter().enumerate() {
        let token = bench.ask(key, &Freshness::Cached, false).unwrap().unwrap();
        assert_eq!(token.value().expose(), format!("token-{}", index + 1));
    }
    let again = bench.ask(&key("CONTOSO", "b a", None), &Freshness::Cached, false).unwrap().unwrap();
    assert_eq!(again.value().expose(), "token-1");
}

#[test]
fn callers_on_a_cold_key_cause_one_request_and_get_one_token() {
    let bench = Bench::new(Source::held_back);
    thread::scope(|scope| {
        let first = scope.spawn(|| bench.token());
        bench.source.wait_until_begun();
        let others: Vec<_> = (0..50).map(|_| scope.spawn(|| bench.token())).collect();
        bench.source.let_go();
        assert_eq!(first.join().unwrap(), "token-1");
        assert!(others.into_iter().all(|other| other.join().unwrap() == "token-1"));
    });
    assert_eq!(bench.source.asked(), 1);
}

#[test]
fn a_failure_is_told_to_all_who_wait_and_not_kept() {
    let bench = Bench::new(Source::held_back);
    bench.source.answers(Err(down()));
    let ask = || bench.ask(&batch(), &Freshness::Cached, false).unwrap_err().status();
    thread::scope(|scope| {
        let first = scope.spawn(ask);
        bench.source.wait_until_begun();
        let second = scope.spawn(ask);
        // Whether the second joined the first or began anew: it gets an ending.
        bench.source.let_go();
        assert_eq!(first.join().unwrap(), Status::Service);
        bench.source.let_go();
        assert_eq!(second.join().unwrap(), Status::Service);
    });
    bench.source.answers(Ok(3600));
    bench.source.let_go();
    assert!(bench.token().starts_with("token-"));
}

#[test]
fn a_caller_that_gives_up_does_not_end_the_request_for_the_others() {
    let bench = Bench::new(Source::held_back);
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let leader = scope.spawn(|| {
            let limits = bench.limits(100, Some(cancel.clone()));
            bench.ask_within(&batch(), &Freshness::Cached, false, &limits).unwrap_err().status()
        });
        bench.source.wait_until_begun();
        let other = scope.spawn(|| bench.token());
        cancel.trigger();
        assert_eq!(leader.join().unwrap(), Status::Cancelled);
        bench.source.let_go();
        assert_eq!(other.join().unwrap(), "token-1");
    });
    assert_eq!(bench.source.asked(), 1);
}

#[test]
fn each_caller_waits_within_its_own_deadline() {
    let bench = Bench::new(Source::held_back);
    thread::scope(|scope| {
        let hasty = scope.spawn(|| {
            let limits = bench.limits(5, None);
            bench.ask_within(&batch(), &Freshness::Cached, false, &limits).unwrap_err()
        });
        bench.source.wait_until_begun();
        bench.clock.advance_when_sleeping(Duration::from_secs(5));
        let error = hasty.join().unwrap();
        assert_eq!(error.status(), Status::Timeout);
        assert_eq!(error.message(), "timed out after 5000 ms while waiting for a token of the test's");
        assert_eq!(error.request_id(), Some("id-1"));
        let patient = scope.spawn(|| bench.token());
        bench.source.let_go();
        assert_eq!(patient.join().unwrap(), "token-1");
    });
    assert_eq!(bench.source.asked(), 1);
}

#[test]
fn a_hung_request_for_one_scope_does_not_hold_up_another() {
    let bench = Bench::new(Source::held_back);
    let free = Source::new(&bench.clock, 3600);
    thread::scope(|scope| {
        let hung = scope.spawn(|| bench.token());
        bench.source.wait_until_begun();
        let other = key("contoso", "other", None);
        let limits = bench.limits(100, None);
        let token = block_on(bench.cache.token(&other, &Freshness::Cached, false, &limits, || free.errand()))
            .unwrap();
        assert!(token.is_some());
        bench.source.let_go();
        hung.join().unwrap();
    });
}

#[test]
fn a_stale_token_is_served_while_its_renewal_is_under_way() {
    let bench = Bench::new(|source| source);
    bench.token();
    let bench = Bench { source: bench.source.clone().held_back(), ..bench };
    bench.clock.advance(Duration::from_secs(3300));
    assert_eq!(bench.token(), "token-1", "nobody waits while a valid token exists");
    assert_eq!(bench.token(), "token-1", "and one renewal is enough");
    while bench.source.asked() < 2 {
        thread::yield_now();
    }
    bench.source.let_go();
    while bench.token() == "token-1" {
        thread::yield_now();
    }
    assert_eq!((bench.token(), bench.source.asked()), ("token-2".into(), 2));
}

#[test]
fn a_stale_token_is_served_when_its_renewal_fails_which_is_not_repeated_for_30_s() {
    let bench = Bench::new(|source| source);
    bench.token();
    bench.clock.advance(Duration::from_secs(3300));
    bench.source.answers(Err(down()));
    let renewals_end = |count: usize| {
        while bench.source.asked() < count || bench.cache.entries().map[&batch()].flight.is_some() {
            thread::yield_now();
        }
    };
    assert_eq!(bench.token(), "token-1");
    renewals_end(2);
    bench.clock.advance(Duration::from_secs(29));
    assert_eq!((bench.token(), bench.source.asked()), ("token-1".into(), 2));
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.token(), "token-1");
    renewals_end(3);
    // Once it has expired there is nothing left to serve.
    bench.clock.advance(Duration::from_secs(270));
    let error = bench.ask(&batch(), &Freshness::Cached, false).unwrap_err();
    assert_eq!(error.status(), Status::Service);
}

#[test]
fn without_io_a_usable_token_is_served_and_nothing_is_begun() {
    let bench = Bench::new(|source| source);
    assert!(bench.ask(&batch(), &Freshness::Cached, true).unwrap().is_none());
    assert_eq!(bench.source.asked(), 0);
    bench.token();
    bench.clock.advance(Duration::from_secs(3500));
    assert!(bench.ask(&batch(), &Freshness::Cached, true).unwrap().is_some());
    assert!(bench.ask(&batch(), &Freshness::New, true).unwrap().is_none());
    assert_eq!(bench.source.asked(), 1);
}

#[test]
fn a_new_token_takes_the_place_of_the_one_before() {
    let bench = Bench::new(|source| source);
    bench.token();
    let new = bench.ask(&batch(), &Freshness::New, false).unwrap().unwrap();
    assert_eq!(new.value().expose(), "token-2");
    assert_eq!(bench.token(), "token-2");
}

#[test]
fn a_rejected_token_is_replaced_once_however_many_were_rejected_with_it() {
    let bench = Bench::new(|source| source);
    let rejected = bench.ask(&batch(), &Freshness::Cached, false).unwrap().unwrap();
    let not_this = Freshness::NotThis(rejected);
    for _ in 0..2 {
        let token = bench.ask(&batch(), &not_this, false).unwrap().unwrap();
        assert_eq!(token.value().expose(), "token-2");
    }
    assert_eq!(bench.source.asked(), 2);
}

#[test]
fn the_key_unused_for_longest_goes_when_there_are_too_many() {
    let bench = Bench::new(|source| source);
    let keys: Vec<Key> = (0..=MAX_KEYS).map(|n| key("contoso", &format!("scope-{n}"), None)).collect();
    for key in &keys[..MAX_KEYS] {
        bench.ask(key, &Freshness::Cached, false).unwrap();
    }
    // The first is used again, so the second is now the oldest.
    bench.ask(&keys[0], &Freshness::Cached, false).unwrap();
    bench.ask(&keys[MAX_KEYS], &Freshness::Cached, false).unwrap();
    assert_eq!(bench.cache.entries().map.len(), MAX_KEYS);
    assert!(bench.ask(&keys[0], &Freshness::Cached, true).unwrap().is_some());
    assert!(bench.ask(&keys[1], &Freshness::Cached, true).unwrap().is_none());
}

#[test]
fn a_request_that_panics_frees_its_key() {
    let bench = Bench::new(|source| source);
    let limits = bench.limits(100, None);
    let dead = block_on(bench.cache.token(&batch(), &Freshness::Cached, false, &limits, || {
        errand(async { panic!("a defect in a credential") })
    }));
    assert_eq!(dead.unwrap_err().status(), Status::Internal);
    assert_eq!(bench.token(), "token-1");
}

#[test]
fn a_clock_set_back_does_not_keep_a_token_alive() {
    let bench = Bench::new(|source| source);
    bench.token();
    bench.clock.set_wall(-3_600_000);
    bench.clock.advance(Duration::from_secs(3600));
    assert!(bench.clock.unix_ms() <= START_MS);
    assert_eq!(bench.token(), "token-2");
}
