//! Sign-in with what others sign: assertions, a platform's token file, a user's token.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use batch_auth_emulator::{AssertionOptions, Switches, UserTokenOptions};
use tempfile::TempDir;

use super::*;
use crate::credential::AssertionSource;
use crate::secret::Secret;
use crate::system::fake::FakeEnv;

/// Signs with what a test put in, and notes for which endpoint.
struct Signer {
    assertions: Mutex<Vec<String>>,
    endpoints: Mutex<Vec<String>>,
}

impl Signer {
    fn with(assertions: &[String]) -> Arc<Self> {
        let assertions = assertions.iter().rev().cloned().collect();
        Arc::new(Self { assertions: Mutex::new(assertions), endpoints: Mutex::default() })
    }
}

#[async_trait]
impl AssertionSource for Signer {
    async fn assertion(&self, token_endpoint: &str) -> Result<Secret> {
        self.endpoints.lock().unwrap().push(token_endpoint.to_owned());
        let next = self.assertions.lock().unwrap().pop();
        let next = next.ok_or_else(|| Error::new(Status::CredentialUnavailable, "the signer is gone"))?;
        Ok(Secret::new(&next).unwrap())
    }
}

fn federated(bench: &Bench, signer: &Arc<Signer>) -> Auth {
    let app = fixtures::FEDERATED;
    let source = Arc::clone(signer) as Arc<dyn AssertionSource>;
    Auth::new_client_assertion(app.tenant.id, app.client_id, source, &bench.options).unwrap()
}

fn field(bench: &Bench, n: usize, name: &str) -> Option<String> {
    bench.emulator.requests()[n].form_field(name).map(str::to_owned)
}

#[test]
fn an_assertion_is_asked_for_once_a_token_request_and_never_for_a_cached_token() {
    let bench = Bench::new();
    let signer = Signer::with(&[bench.emulator.mint_assertion(&AssertionOptions::default())]);
    let auth = federated(&bench, &signer);
    assert_eq!(ids(&mut bench.listing(&auth)).unwrap().len(), 30);
    auth.token_blocking(&call()).unwrap();
    let endpoint = format!("{}/{}/oauth2/v2.0/token", bench.emulator.entra_url(), fixtures::CONTOSO.id);
    assert_eq!(*signer.endpoints.lock().unwrap(), [endpoint]);
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(field(&bench, 0, "client_assertion_type").as_deref(), Some(kind));
    assert_eq!(field(&bench, 0, "client_secret"), None);
}

#[test]
fn the_signers_failure_is_that_of_the_call_and_nothing_is_sent() {
    let bench = Bench::new();
    let error = federated(&bench, &Signer::with(&[])).token_blocking(&call()).unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::CredentialUnavailable, "the signer is gone"));
    for bad in ["", "planted assertion", "planted\n"] {
        let error = federated(&bench, &Signer::with(&[bad.into()])).token_blocking(&call()).unwrap_err();
        assert_eq!(error.status(), Status::AuthenticationFailed);
        assert!(!error.to_json().contains("planted"), "{error:?}");
    }
    assert_eq!(bench.emulator.requests().len(), 0);
}

#[test]
fn a_federated_token_that_does_not_match_is_refused_with_what_to_compare() {
    let bench = Bench::new();
    let other = |change: fn(&mut AssertionOptions)| {
        let mut options = AssertionOptions::default();
        change(&mut options);
        bench.emulator.mint_assertion(&options)
    };
    let table = [
        (other(|options| options.issuer = "https://other.example/".into()), "AADSTS700211"),
        (other(|options| options.audience = "api://other".into()), "AADSTS700212"),
        (other(|options| options.subject = "system:serviceaccount:other:runner".into()), "AADSTS700213"),
    ];
    for (assertion, code) in table {
        let error = federated(&bench, &Signer::with(&[assertion])).token_blocking(&call()).unwrap_err();
        assert_eq!(error.service_code(), Some(code));
        assert!(error.help().unwrap().contains("byte for byte"), "{error:?}");
    }
}

/// A workload whose platform writes its token to a file of the test's own.
struct Workload {
    bench: Bench,
    folder: TempDir,
}

impl Workload {
    fn new() -> Self {
        Self { bench: Bench::new(), folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    fn mint(&self, expires_in_s: i64) -> String {
        let options = AssertionOptions { expires_in_s, not_before_s: -7200, ..AssertionOptions::default() };
        self.bench.emulator.mint_assertion(&options)
    }

    fn auth(&self, path: &Path) -> Auth {
        let app = fixtures::FEDERATED;
        let (tenant, client, path) = (Some(app.tenant.id), Some(app.client_id), path.to_str());
        Auth::new_workload_identity(tenant, client, path, &self.bench.options).unwrap()
    }
}

#[test]
fn the_token_file_is_read_anew_for_each_request_and_trimmed() {
    let workload = Workload::new();
    let auth = workload.auth(&workload.file());
    let tokens = [workload.mint(3600), workload.mint(3601)];
    let fresh = CallOptions { force_refresh: true, ..call() };
    for token in &tokens {
        workload.write(&format!("  {token}\n"));
        auth.token_blocking(&fresh).unwrap();
    }
    for (n, token) in tokens.iter().enumerate() {
        assert_eq!(field(&workload.bench, n, "client_assertion").as_ref(), Some(token));
    }
}

#[test]
fn a_token_file_grown_old_is_read_once_more_and_no_oftener() {
    let workload = Workload::new();
    workload.write(&workload.mint(-60));
    let error = workload.auth(&workload.file()).token_blocking(&call()).unwrap_err();
    assert_eq!(error.service_code(), Some("AADSTS700024"));
    assert_eq!(workload.bench.token_requests(), 2);
}

#[test]
fn a_token_file_that_is_missing_empty_or_no_token_is_unavailable_and_nothing_is_sent() {
    let workload = Workload::new();
    let unavailable = |path: &Path, word: &str| {
        let error = workload.auth(path).token_blocking(&call()).unwrap_err();
        assert_eq!(error.status(), Status::CredentialUnavailable, "{error:?}");
        assert!(error.message().contains(word) && !error.to_json().contains("planted"), "{error:?}");
    };
    unavailable(&workload.file(), "cannot be read");
    unavailable(workload.folder.path(), "no file");
    for (text, word) in [("", "empty"), (" \n", "empty"), ("planted token", "no JSON web token")] {
        workload.write(text);
        unavailable(&workload.file(), word);
    }
    workload.write(&"x".repeat((1 << 20) + 1));
    unavailable(&workload.file(), "size");
    assert_eq!(workload.bench.emulator.requests().len(), 0);
}

#[test]
fn what_is_not_given_comes_from_the_environment_and_all_that_is_missing_is_named() {
    let mut workload = Workload::new();
    let env = FakeEnv::default().with("AZURE_CLIENT_ID", fixtures::FEDERATED.client_id);
    workload.bench.options.system.env = Arc::new(env.clone());
    let error = Auth::new_workload_identity(None, None, None, &workload.bench.options).unwrap_err();
    assert_eq!(error.status(), Status::CredentialUnavailable);
    assert_eq!(
        error.message(),
        "workload identity is not configured: AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE not set"
    );

    workload.write(&workload.mint(3600));
    let env = env
        .with("AZURE_TENANT_ID", "overridden.example")
        .with("AZURE_FEDERATED_TOKEN_FILE", workload.file().to_str().unwrap());
    workload.bench.options.system.env = Arc::new(env);
    let tenant = Some(fixtures::CONTOSO.domain);
    let auth = Auth::new_workload_identity(tenant, None, None, &workload.bench.options).unwrap();
    assert!(auth.token_blocking(&call()).unwrap().is_some());
    assert!(workload.bench.emulator.requests()[0].path.contains(fixtures::CONTOSO.domain));
}

fn in_the_name_of(bench: &Bench, user: &UserTokenOptions) -> Auth {
    let service = fixtures::MIDDLE_TIER;
    let assertion = bench.emulator.mint_user_token(user);
    let (tenant, client, secret) = (service.tenant.id, service.client_id, service.secret);
    Auth::new_on_behalf_of(tenant, client, secret, &assertion, &bench.options).unwrap()
}

fn object_id(auth: &Auth) -> String {
    let token = auth.token_blocking(&call()).unwrap().unwrap();
    let claims: serde_json::Value = serde_json::from_str(token.claims().unwrap().expose()).unwrap();
    claims["oid"].as_str().unwrap().to_owned()
}

#[test]
fn a_service_gets_each_users_own_token() {
    let bench = Bench::new();
    let alice = in_the_name_of(&bench, &UserTokenOptions::default());
    let bob = UserTokenOptions {
        object_id: fixtures::BOB.object_id.into(),
        upn: fixtures::BOB.upn.into(),
        ..UserTokenOptions::default()
    };
    let bob = in_the_name_of(&bench, &bob);
    // Twice each, so that the caches are asked as well.
    for _ in 0..2 {
        assert_eq!(object_id(&alice), fixtures::ALICE.object_id);
        assert_eq!(object_id(&bob), fixtures::BOB.object_id);
    }
    assert_eq!(bench.token_requests(), 2);
    assert_eq!(field(&bench, 0, "requested_token_use").as_deref(), Some("on_behalf_of"));
    assert_eq!(ids(&mut bench.listing(&alice)).unwrap().len(), 30);
}

#[test]
fn a_user_who_must_sign_in_anew_is_reported_with_the_claims_to_meet() {
    let bench = Bench::new();
    let mfa = serde_json::json!({ "mfa_required": { "middle_tier": true } });
    bench.emulator.switch(&serde_json::from_value::<Switches>(mfa).unwrap()).unwrap();
    let auth = in_the_name_of(&bench, &UserTokenOptions::default());
    let error = auth.token_blocking(&call()).unwrap_err();
    assert_eq!(error.status(), Status::InteractionRequired);
    assert_eq!(error.service_code(), Some("AADSTS50076"));
    assert!(error.claims().unwrap().contains("access_token"));

    let strong = UserTokenOptions { mfa: true, ..UserTokenOptions::default() };
    assert!(in_the_name_of(&bench, &strong).token_blocking(&call()).is_ok());
}

#[test]
fn a_users_token_for_another_service_or_out_of_date_is_refused_and_never_shown() {
    let bench = Bench::new();
    let foreign = UserTokenOptions { audience: "another-service".into(), ..UserTokenOptions::default() };
    let expired = UserTokenOptions { not_before_s: -7200, expires_in_s: -60, ..UserTokenOptions::default() };
    for (user, code) in [(foreign, "AADSTS500131"), (expired, "AADSTS500133")] {
        let error = in_the_name_of(&bench, &user).token_blocking(&call()).unwrap_err();
        assert_eq!((error.status(), error.service_code()), (Status::AuthenticationFailed, Some(code)));
        let sent = bench.emulator.requests().last().unwrap().form_field("assertion").unwrap().to_owned();
        assert!(!error.to_json().contains(&sent));
    }
    let service = fixtures::MIDDLE_TIER;
    let bad =
        Auth::new_on_behalf_of(service.tenant.id, service.client_id, service.secret, "a b", &bench.options);
    assert_eq!(bad.unwrap_err().status(), Status::InvalidArgument);
}
