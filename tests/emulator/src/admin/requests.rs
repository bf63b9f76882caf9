//! `/requests`: reads, counts, awaits and forgets the requests so far.
//!
//! Counting and waiting take `listener` and `path`, a part of the path; absent means any.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Admin;
use crate::journal::Request;

/// Which requests, and for how many and how long to wait.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Selection {
    listener: String,
    path: String,
    count: usize,
    timeout_ms: u64,
}

impl Default for Selection {
    fn default() -> Self {
        Self { listener: String::new(), path: String::new(), count: 1, timeout_ms: 10_000 }
    }
}

/// `GET /requests`
pub(super) async fn list(State(admin): State<Admin>) -> Json<Vec<Request>> {
    Json(admin.world.journal.requests())
}

/// `GET /requests/count?listener=&path=`
pub(super) async fn count(State(admin): State<Admin>, Query(selection): Query<Selection>) -> Json<Value> {
    let count = admin.world.journal.count(&selection.listener, &selection.path);
    Json(json!({ "count": count }))
}

/// `GET /requests/wait?listener=&path=&count=&timeout_ms=`: 200 when that many requests were
/// received, 408 when they were not in time. Either way the body says how many there are.
pub(super) async fn wait(
    State(admin): State<Admin>,
    Query(selection): Query<Selection>,
) -> (StatusCode, Json<Value>) {
    let Selection { listener, path, count, timeout_ms } = selection;
    let limit = Duration::from_millis(timeout_ms);
    let is_met = admin.world.journal.wait(&listener, &path, count, limit).await;
    let status = if is_met { StatusCode::OK } else { StatusCode::REQUEST_TIMEOUT };
    (status, Json(json!({"count": admin.world.journal.count(&listener, &path)})))
}

/// `DELETE /requests`
pub(super) async fn clear(State(admin): State<Admin>) -> StatusCode {
    admin.world.journal.clear();
    StatusCode::NO_CONTENT
}
