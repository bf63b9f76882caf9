//! What the emulator's own tests share: an emulator, a client that trusts it, and a bare socket.
//!
//! `reqwest` is for what a client sees, `Raw` for what is on the wire.

#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod assertion;

use std::{io, sync::Arc};

use batch_auth_emulator::{Config, Emulator, MintOptions, fixtures::READER};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) const VERSION: &str = "api-version=2025-06-01";
pub(crate) const SCOPE: &str = "https://batch.core.windows.net//.default";

pub(crate) fn start() -> Emulator {
    Emulator::start(Config::default()).expect("the emulator starts")
}

pub(crate) fn tls(emulator: &Emulator) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(emulator.ca_pem().as_bytes()).expect("PEM");
    roots.add(certificate).expect("a CA certificate");
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

pub(crate) fn builder(emulator: &Emulator) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls(emulator))
        .redirect(reqwest::redirect::Policy::none())
}

pub(crate) fn client(emulator: &Emulator) -> reqwest::Client {
    builder(emulator).no_proxy().build().expect("a client")
}

/// A GET on an account with a good token. `target` is path and query.
pub(crate) async fn get(emulator: &Emulator, account: &str, target: &str) -> reqwest::Response {
    get_with(emulator, account, target, &MintOptions::default()).await
}

pub(crate) async fn get_with(
    emulator: &Emulator,
    account: &str,
    target: &str,
    token: &MintOptions,
) -> reqwest::Response {
    client(emulator)
        .get(format!("{}{target}", emulator.batch_url(account)))
        .bearer_auth(emulator.mint_token(token))
        .send()
        .await
        .expect("an answer")
}

/// A list's status and parsed body.
pub(crate) async fn list(emulator: &Emulator, account: &str, query: &str) -> (u16, Value) {
    let response = get(emulator, account, &format!("/jobs?{VERSION}{query}")).await;
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

/// The ids on a page.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let jobs = page["value"].as_array().expect("a list");
    jobs.iter().map(|job| job["id"].as_str().expect("an id").to_owned()).collect()
}

/// The value under `key` in an error body's `values`.
pub(crate) fn value<'a>(error: &'a Value, key: &str) -> &'a str {
    let values = error["values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = values.iter().find(|pair| pair["key"] == key);
    found.and_then(|pair| pair["value"].as_str()).unwrap_or_default()
}

/// The fields of a good token request.
pub(crate) fn form() -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", READER.client_id.to_owned()),
        ("client_secret", READER.secret.to_owned()),
        ("scope", SCOPE.to_owned()),
    ]
}

/// A form body, encoded as HTML has it.
pub(crate) fn encoded(form: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) async fn token_request(
    emulator: &Emulator,
    tenant: &str,
    form: &[(&'static str, String)],
) -> reqwest::Response {
    client(emulator)
        .post(format!("{}/{tenant}/oauth2/v2.0/token", emulator.entra_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(form))
        .send()
        .await
        .expect("an answer")
}

/// Everything the server sent for one request, and how it ended the connection.
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: io::Result<()>,
}

impl Raw {
    /// GETs a list of jobs over a connection of its own.
    pub(crate) async fn jobs(emulator: &Emulator) -> Self {
        let token = emulator.mint_token(&MintOptions::default());
        let port = port(&emulator.batch_url("single"));
        let request = format!(
            "GET /jobs?{VERSION} HTTP/1.1\r\nhost: localhost:{port}\r\n\
             authorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        );
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(tls(emulator)));
        let name = ServerName::try_from("localhost").expect("a name");
        let mut stream = connector.connect(name, stream).await.expect("a handshake");
        stream.write_all(request.as_bytes()).await.expect("the request is sent");
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).await.map(drop);
        Self { bytes, end }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn head(&self) -> String {
        self.text().split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }

    /// What came behind the head.
    pub(crate) fn body(&self) -> String {
        self.text().split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    pub(crate) fn end_kind(&self) -> Option<io::ErrorKind> {
        self.end.as_ref().err().map(io::Error::kind)
    }
}

pub(crate) fn port(url: &str) -> u16 {
    url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port")
}
