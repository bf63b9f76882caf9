//! What went wrong between us and the answer, read out of the HTTP client's chain of causes.
//!
//! Name look-up, connection, proxy, TLS, and a connection that breaks off are told apart, since
//! each is mended by somebody else.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use super::client::Checked;
use super::{Request, host_of};
use crate::error::{Error, Status};

/// The detail that marks a failure as one that may be gone at once.
const PASSING: &str = "connection";

/// Whether trying again now is of use: the connection broke or a try took too long. A host that
/// cannot be found or refuses connections is left to the caller.
pub(super) fn is_passing(error: &Error) -> bool {
    error.is_retryable()
        && (error.status() == Status::Timeout || error.details().any(|(key, _)| key == PASSING))
}

/// The error for a request that got no whole answer.
pub(super) fn explain(cause: &reqwest::Error, request: &Request, settings: &Checked) -> Error {
    let host = host_of(&request.url);
    let what = format!("{} at {host}", request.purpose);
    let proxy = settings.proxy.as_ref().filter(|rules| rules.proxy_for(&request.url).is_some());
    if let Some(tls) = find::<rustls::Error>(cause) {
        return explain_tls(tls, &what, &host);
    }
    if let Some(rules) = proxy
        && cause.is_connect()
    {
        return explain_proxy(cause, &what, &rules.shown());
    }
    if cause.is_dns() {
        return Error::new(Status::Network, format!("{what}: the name {host} cannot be resolved"))
            .with_help("Check the spelling of the host and the DNS of this machine; behind a proxy set proxy_url or HTTPS_PROXY.")
            .retryable(None);
    }
    if cause.is_timeout() {
        return Error::new(Status::Timeout, format!("{what}: no connection could be made in time"))
            .with_help("Check that a firewall lets this machine reach the host on that port, or set a proxy.")
            .retryable(None);
    }
    if let Some(hyper) = find::<hyper::Error>(cause)
        && hyper.is_parse()
    {
        return Error::new(Status::Protocol, format!("{what}: the answer is not valid HTTP: {hyper}"))
            .with_help("Check that the URL is the service's own and that no proxy garbles its answers.");
    }
    if let Some(io) = find::<io::Error>(cause)
        && let Some(error) = explain_io(io, &what)
    {
        return error;
    }
    if cause.is_decode() && find::<hyper::Error>(cause).is_none() {
        return Error::new(Status::Protocol, format!("{what}: the compressed answer is damaged"))
            .with_help("Look for a proxy that garbles answers.");
    }
    Error::new(Status::Network, format!("{what}: the connection broke off: {}", innermost(cause)))
        .with_help("Try again; if it happens always, look for a firewall or proxy that cuts connections.")
        .with_detail(PASSING, "broken off")
        .retryable(None)
}

fn explain_tls(cause: &rustls::Error, what: &str, host: &str) -> Error {
    let (why, help) = match cause {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => (
            "its certificate was issued by an authority that is not trusted here".to_owned(),
            "Set ca_bundle_path to the authority's certificate, as for a TLS-inspecting proxy, or install it in the system's trust store.",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => (
            format!("its certificate is for another host than {host}"),
            "Check the URL: the host that answered is not the one that was asked for.",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => (
            "its certificate has expired".to_owned(),
            "Check the clock of this machine; if it is right, the server's certificate must be renewed.",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => ("its certificate is not valid yet".to_owned(), "Check the clock of this machine."),
        other => (
            format!("no secure connection could be made: {other}"),
            "Check that the port speaks TLS 1.2 or 1.3 and that no proxy interferes.",
        ),
    };
    Error::new(Status::Tls, format!("{what}: {why}")).with_help(help)
}

fn explain_proxy(cause: &reqwest::Error, what: &str, proxy: &str) -> Error {
    // The client's type for this is private; its text is not likely to change silently, and a
    // test against a real proxy watches it.
    let chain = chain_text(cause);
    if chain.contains("proxy authorization required") {
        return Error::new(
            Status::Network,
            format!("{what}: the proxy {proxy} asks for a user name and password"),
        )
        .with_http_status(407)
        .with_help("Give them in the proxy's URL: http://user:password@host:port.");
    }
    if chain.contains("tunnel error: unsuccessful") {
        return Error::new(Status::Network, format!("{what}: the proxy {proxy} refused to connect to it"))
            .with_help("Ask for the host to be allowed by the proxy, or name it in NO_PROXY if it can be reached directly.")
            .retryable(None);
    }
    Error::new(Status::Network, format!("{what}: the proxy {proxy} cannot be reached: {}", innermost(cause)))
        .with_help("Check the proxy's address, or clear it if none is needed.")
        .retryable(None)
}

fn explain_io(io: &io::Error, what: &str) -> Option<Error> {
    match io.kind() {
        io::ErrorKind::ConnectionRefused => Some(
            Error::new(Status::Network, format!("{what}: the connection was refused"))
                .with_help("Check host and port; a firewall or a stopped service refuses like this.")
                .retryable(None),
        ),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(
            Error::new(Status::Network, format!("{what}: there is no route to it"))
                .with_help("Check this machine's network, or set a proxy.")
                .retryable(None),
        ),
        _ => None,
    }
}

/// The first cause of this type, looking also into what an I/O error wraps.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        // An io::Error's `source` skips the error that it wraps.
        let wrapped = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|inner| find::<T>(inner)) {
            return Some(found);
        }
        next = current.source();
    }
    None
}

fn chain_text(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(current) = next {
        text.push_str(": ");
        text.push_str(&current.to_string());
        next = current.source();
    }
    text
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}
