//! `/faults`: adds fault rules and takes them all away.
//!
//! The JSON is that of `faults::Rule`; one rule or an array of them.

use axum::{body::Bytes, extract::State, http::StatusCode};
use serde::Deserialize;

use super::{Admin, BadRequest, parse};
use crate::faults::Rule;

#[derive(Deserialize)]
#[serde(transparent)]
struct Many(Vec<Rule>);

/// `POST /faults`
pub(super) async fn add(State(admin): State<Admin>, body: Bytes) -> Result<StatusCode, BadRequest> {
    let is_array = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let rules = if is_array { parse::<Many>(&body)?.0 } else { vec![parse(&body)?] };
    for rule in rules {
        admin.world.faults.add(rule);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /faults`
pub(super) async fn clear(State(admin): State<Admin>) -> StatusCode {
    admin.world.faults.clear();
    StatusCode::NO_CONTENT
}
