//! Listeners: bind a port of the kernel's choosing, accept, speak TLS and HTTP/1.1.
//!
//! One task per connection, each under the runtime of its emulator, so that dropping the emulator
//! ends them all. What is answered is `exchange`'s business, the plain-text CONNECT proxy is
//! `proxy`'s.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{
    exchange::{Service, exchange},
    wire::Wire,
    world::World,
};

/// Binds a free port on 127.0.0.1. Must be called inside the runtime.
pub(crate) fn bind() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((TcpListener::from_std(listener)?, address))
}

/// Serves `service` over TLS on a new port and says which.
pub(crate) fn serve_tls(
    world: &Arc<World>,
    tls: Arc<ServerConfig>,
    service: Arc<dyn Service>,
) -> io::Result<SocketAddr> {
    let (listener, address) = bind()?;
    let acceptor = TlsAcceptor::from(tls);
    let world = Arc::clone(world);
    tokio::spawn(accept(listener, move |stream| {
        connection(Arc::clone(&world), Arc::clone(&service), acceptor.clone(), stream)
    }));
    Ok(address)
}

/// Hands every connection to a task of its own.
pub(crate) async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream))),
            // Out of descriptors, or the peer was gone before we came: others may do better.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
        }
    }
}

/// One connection to its end. How it fails is its client's affair: a refused certificate, a reset
/// that a fault asked for and a closed browser all end here.
async fn connection(world: Arc<World>, service: Arc<dyn Service>, acceptor: TlsAcceptor, stream: TcpStream) {
    let wire = Wire::new(stream);
    let ending = wire.ending();
    let Ok(stream) = acceptor.accept(wire).await else {
        return;
    };
    let answer = service_fn(move |request: Request<Incoming>| {
        exchange(Arc::clone(&world), Arc::clone(&service), ending.clone(), request)
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}
