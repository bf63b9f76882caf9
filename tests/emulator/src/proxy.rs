//! An HTTP proxy that only knows CONNECT (RFC 9110, 9.3.6) and only leads to this emulator.
//!
//! Real host names work through it: login hosts lead to Entra, `{account}.{region}.batch...` to that
//! account. Everything else is a 502 with an HTML page, as from a corporate proxy. It opens a
//! connection of its own to our listener, and a reset travels through.

use std::{io, net::SocketAddr, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{io::copy_bidirectional, net::TcpStream};

use crate::{
    emulator::Addresses,
    faults::Fault,
    journal::{self, Outcome},
    listen::{accept, bind},
    message::Received,
    wire::{Ending, Wire},
    world::World,
};

const LOGIN_HOSTS: [&str; 6] = [
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "login.microsoftonline.us",
    "login.chinacloudapi.cn",
    "login.partner.microsoftonline.cn",
];

const BATCH_SUFFIXES: [&str; 3] = [".batch.azure.com", ".batch.usgovcloudapi.net", ".batch.chinacloudapi.cn"];

/// Serves the proxy on a new port and says which.
pub(crate) fn serve(world: &Arc<World>, addresses: Addresses) -> io::Result<SocketAddr> {
    let (listener, address) = bind()?;
    let world = Arc::clone(world);
    let addresses = Arc::new(addresses);
    tokio::spawn(accept(listener, move |stream| {
        connection(Arc::clone(&world), Arc::clone(&addresses), stream)
    }));
    Ok(address)
}

async fn connection(world: Arc<World>, addresses: Arc<Addresses>, stream: TcpStream) {
    let wire = Wire::new(stream);
    let ending = wire.ending();
    let answer = service_fn(move |request| {
        let (world, addresses) = (Arc::clone(&world), Arc::clone(&addresses));
        let ending = ending.clone();
        async move { answer(&world, &addresses, ending, request).await }
    });
    let _ = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(wire), answer)
        .with_upgrades()
        .await;
}

async fn answer(
    world: &World,
    addresses: &Addresses,
    ending: Ending,
    request: Request<Incoming>,
) -> io::Result<Response<Full<Bytes>>> {
    let outcome = Outcome::default();
    let received = Received {
        method: request.method().clone(),
        path: request.uri().authority().map(ToString::to_string).unwrap_or_default(),
        query: String::new(),
        headers: request.headers().clone(),
        body: Bytes::new(),
    };
    let mut cleared = world.faults.cleared();
    let fault = world.faults.hit("proxy", &received, |_| true);
    world.journal.enter(entry(&received, &outcome));
    let response = match fault {
        Some(Fault::Hang) => {
            cleared.wait().await;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Some(Fault::Reset { .. }) => {
            ending.reset();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Some(Fault::Close { .. }) => return Err(io::ErrorKind::ConnectionAborted.into()),
        Some(Fault::Status { status, .. }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            page(status, "refused by the proxy")
        }
        Some(Fault::Delay { ms }) => {
            tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
            connect(world, addresses, &received, ending, request).await
        }
        _ => connect(world, addresses, &received, ending, request).await,
    };
    outcome.set_status(response.status().as_u16());
    Ok(response)
}

async fn connect(
    world: &World,
    addresses: &Addresses,
    received: &Received,
    ending: Ending,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let asked = world.positions().proxy_auth.clone();
    let given = received.header(PROXY_AUTHORIZATION).strip_prefix("Basic ");
    if asked.is_some_and(|asked| given != Some(STANDARD.encode(asked).as_str())) {
        let mut response = page(StatusCode::PROXY_AUTHENTICATION_REQUIRED, "sign in to the proxy");
        let challenge = HeaderValue::from_static("Basic realm=\"emulator\"");
        response.headers_mut().insert(PROXY_AUTHENTICATE, challenge);
        return response;
    }
    if received.method != Method::CONNECT {
        return page(StatusCode::BAD_GATEWAY, "this proxy only knows CONNECT");
    }
    let Some(target) = route(addresses, &received.path) else {
        return page(StatusCode::BAD_GATEWAY, "the host is not known here");
    };
    let Ok(upstream) = TcpStream::connect(target).await else {
        return page(StatusCode::BAD_GATEWAY, "the host does not answer");
    };
    tokio::spawn(tunnel(request, upstream, ending));
    Response::new(Full::default())
}

/// Copies both ways until one side ends. If ours breaks, so does the client's.
async fn tunnel(request: Request<Incoming>, upstream: TcpStream, ending: Ending) {
    let Ok(upgraded) = hyper::upgrade::on(request).await else {
        return;
    };
    let _ = upstream.set_nodelay(true);
    let mut upstream = upstream;
    if copy_bidirectional(&mut TokioIo::new(upgraded), &mut upstream).await.is_err() {
        ending.reset();
    }
}

/// Where `authority` (host and port) leads.
fn route(addresses: &Addresses, authority: &str) -> Option<SocketAddr> {
    let (host, port) = authority.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let host = host.to_ascii_lowercase();
    if matches!(host.as_str(), "localhost" | "127.0.0.1") {
        return addresses.all().find(|address| address.port() == port);
    }
    if port != 443 {
        return None;
    }
    if LOGIN_HOSTS.contains(&host.as_str()) {
        return Some(addresses.entra);
    }
    let labels = BATCH_SUFFIXES.iter().find_map(|suffix| host.strip_suffix(suffix))?;
    let (account, region) = labels.split_once('.')?;
    let is_one_label = !region.is_empty() && !region.contains('.');
    addresses.batch(account).filter(|_| is_one_label)
}

fn page(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let html = format!(
        "<!DOCTYPE html>\n<html><head><title>{status}</title></head>\n\
         <body><h1>{status}</h1><p>{text}</p></body></html>\n"
    );
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

fn entry(received: &Received, outcome: &Outcome) -> journal::Request {
    let headers = received.headers.iter();
    journal::Request {
        n: 0,
        listener: "proxy".to_owned(),
        method: received.method.to_string(),
        path: received.path.clone(),
        query: String::new(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        form: Vec::new(),
        outcome: outcome.clone(),
    }
}
