//! The Batch data plane of one account: routes, the order of checks, the headers of every answer.
//!
//! Learn: "Batch Service REST API", api-version 2025-06-01 and older ones. Only the lists of jobs are
//! here. A request is looked at in this order: path, verb, api-version, network rules,
//! authentication, role, schedule, parameters.

mod authorize;
mod continuation;
mod error;
mod filter;
mod generator;
mod instant;
mod job;
mod layout;
mod page;
mod query;
mod shared_key;
mod store;

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{
    Method, StatusCode,
    header::{SERVER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
};
use serde_json::Value;
use uuid::Uuid;

pub use generator::{active_jobs, scheduled_jobs};

use crate::{
    exchange::Service,
    faults::Fault,
    fixtures::{Account, JobCount, SCHEDULE},
    message::{Answer, Received},
    token::meets,
    world::World,
};
use continuation::Continuations;
use error::BatchError;
use filter::Scope;
use page::PageRequest;
use query::ListQuery;
use store::Store;

const CONTENT_TYPE: &str = "application/json;odata=minimalmetadata";

/// One Batch account.
pub(crate) struct Batch {
    world: Arc<World>,
    account: Account,
    listener: String,
    continuations: Continuations,
    store: OnceLock<Arc<Store>>,
}

/// A list of jobs that a path names.
enum List {
    Jobs,
    ScheduleJobs(String),
}

impl Batch {
    pub(crate) fn new(world: Arc<World>, account: Account) -> Self {
        let listener = format!("batch:{}", account.name);
        let continuations = Continuations::new();
        Self { world, account, listener, continuations, store: OnceLock::new() }
    }

    /// Lays out all jobs of the account.
    pub(crate) fn prepare(&self) {
        self.store().prepare();
    }

    fn store(&self) -> &Store {
        self.store.get_or_init(|| {
            Store::shared(match self.account.jobs {
                JobCount::Configured => self.world.config.jobs,
                JobCount::Fixed(jobs) => jobs,
            })
        })
    }

    fn list(&self, request: &Received, fault: Option<&Fault>) -> Result<Answer, BatchError> {
        let list = route(request).ok_or_else(BatchError::unknown_resource)?;
        if request.method != Method::GET {
            return Err(BatchError::unsupported_verb());
        }
        query::version(request)?;
        if self.world.positions().is_locked(self.account.name) {
            return Err(BatchError::network_rules());
        }
        authorize::authorize(&self.world, self.account, request)?;
        let (scope, range) = self.scope(&list)?;
        let body = PageRequest {
            store: self.store(),
            range,
            query: &ListQuery::parse(request, scope)?,
            request,
            account: self.account.name,
            continuations: &self.continuations,
            now_s: self.world.clock.now_s(),
            fault,
        }
        .body()?;
        Ok(Answer { chunked: true, ..Answer::new(StatusCode::OK, CONTENT_TYPE, body) })
    }

    /// What a list may be filtered by, and which jobs are on it.
    fn scope(&self, list: &List) -> Result<(Scope, Range<usize>), BatchError> {
        let jobs = self.store().len();
        match list {
            List::Jobs => Ok((Scope::Jobs, 0..jobs)),
            // Ids are compared without case.
            List::ScheduleJobs(id) if id.eq_ignore_ascii_case(SCHEDULE) && jobs > 0 => {
                Ok((Scope::ScheduleJobs, generator::scheduled(jobs)))
            }
            List::ScheduleJobs(_) => Err(BatchError::unknown_schedule()),
        }
    }

    /// Adds the headers that every answer carries, and the ids to an error body.
    fn dressed(&self, request: &Received, result: Result<Answer, BatchError>) -> Answer {
        let request_id = Uuid::new_v4();
        let answer =
            result.unwrap_or_else(|error| error.answer(&self.world.clock, request.host(), &request_id));
        let answer = answer
            .with(SERVER, "Microsoft-HTTPAPI/2.0")
            .with(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains")
            .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with_named("request-id", &request_id.to_string())
            .with_named("dataserviceversion", "3.0");
        let client_request_id = request.header("client-request-id");
        let is_asked = request.header("return-client-request-id").eq_ignore_ascii_case("true");
        if is_asked && !client_request_id.is_empty() {
            answer.with_named("client-request-id", client_request_id)
        } else {
            answer
        }
    }
}

impl Service for Batch {
    fn listener(&self) -> &str {
        &self.listener
    }

    fn answer(&self, request: &Received, fault: Option<&Fault>) -> Answer {
        self.dressed(request, self.list(request, fault))
    }

    fn refusal(&self, request: &Received, status: StatusCode) -> Answer {
        self.dressed(request, Err(BatchError::for_status(status)))
    }

    /// Continuous access evaluation's form (Learn: "Claims challenges, claims requests and client
    /// capabilities"). Batch does not document it; a client that supports it anyway meets it here.
    fn challenge(&self, request: &Received, claims: &Value) -> Option<String> {
        let (_, token) = authorize::authorization(request).ok()?;
        let held = self.world.verifier.claims(&self.world.keys, token).ok()?;
        if held.claims_met.as_ref().is_some_and(|met| meets(met, claims)) {
            return None;
        }
        Some(format!(
            "Bearer realm=\"\", \
             authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
             error=\"insufficient_claims\", claims=\"{}\"",
            STANDARD.encode(claims.to_string())
        ))
    }
}

fn route(request: &Received) -> Option<List> {
    let segments = request.segments();
    let path: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    match path.as_slice() {
        ["jobs"] => Some(List::Jobs),
        ["jobschedules", id, "jobs"] => Some(List::ScheduleJobs((*id).to_owned())),
        _ => None,
    }
}
