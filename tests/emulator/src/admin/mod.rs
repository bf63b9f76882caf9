//! The admin interface: plain HTTP and JSON, for tests in any language.
//!
//! One file per resource: `faults`, `requests`, `mint`, and here what is small. Everything it does,
//! `Emulator` does too. It is not part of what is emulated, so it is ordinary axum.

mod faults;
mod mint;
mod requests;

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{emulator::http, listen::bind, ready::Ready, switches::Switches, world::World};

/// What the handlers share.
#[derive(Clone)]
struct Admin {
    world: Arc<World>,
    ready: Arc<Ready>,
}

/// Serves the interface on a new port and says which.
pub(crate) fn serve(world: &Arc<World>, mut ready: Ready) -> io::Result<SocketAddr> {
    let (listener, address) = bind()?;
    ready.admin = http(address);
    let admin = Admin { world: Arc::clone(world), ready: Arc::new(ready) };
    let router = Router::new()
        .route("/faults", post(faults::add).delete(faults::clear))
        .route("/requests", get(requests::list).delete(requests::clear))
        .route("/requests/count", get(requests::count))
        .route("/requests/wait", get(requests::wait))
        .route("/mint", post(mint::mint))
        .route("/clock", post(clock))
        .route("/switches", post(switches))
        .route("/reset", post(reset))
        .route("/fixtures", get(fixtures))
        .with_state(admin);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// A request body that could not be understood or carried out.
struct BadRequest(String);

impl IntoResponse for BadRequest {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

/// Reads JSON whatever the content type says: a client may be a few lines of C.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, BadRequest> {
    serde_json::from_slice(body).map_err(|error| BadRequest(error.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    offset_s: i64,
}

async fn clock(State(admin): State<Admin>, body: Bytes) -> Result<StatusCode, BadRequest> {
    let change: ClockChange = parse(&body)?;
    admin.world.clock.set_offset(change.offset_s);
    Ok(StatusCode::NO_CONTENT)
}

async fn switches(State(admin): State<Admin>, body: Bytes) -> Result<StatusCode, BadRequest> {
    let changes: Switches = parse(&body)?;
    let changed = admin.world.positions().change(&changes);
    changed.map_err(|error| BadRequest(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset(State(admin): State<Admin>) -> StatusCode {
    admin.world.reset();
    StatusCode::NO_CONTENT
}

async fn fixtures(State(admin): State<Admin>) -> Json<Ready> {
    Json(admin.ready.as_ref().clone())
}
