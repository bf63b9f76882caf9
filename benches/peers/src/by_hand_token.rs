//! The least that a first token costs: a blocking socket, `rustls` with ring, a request and an answer
//! handled as text. What a library adds to it (a cache, retries, deadlines, proxies, errors that
//! help) is not here.
//!
//! Roots are those of `BENCH_CA`, else of `SSL_CERT_FILE`. Prints the token's length.

use std::env;
use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let entra = env::var("EMULATOR_ENTRA")?;
    let authority = entra.strip_prefix("https://").ok_or("EMULATOR_ENTRA is no https URL")?;
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));

    let tls = ClientConnection::new(Arc::new(config()?), ServerName::try_from(host.to_owned())?)?;
    let socket = TcpStream::connect((host, port.parse()?))?;
    socket.set_nodelay(true)?;
    let mut stream = StreamOwned::new(tls, socket);
    stream.write_all(request(authority)?.as_bytes())?;

    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        // HTTP says where the answer ends, so a server may close without TLS's own farewell.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
        Err(error) => return Err(error.into()),
    }
    println!("{}", token(std::str::from_utf8(&answer)?)?.len());
    Ok(())
}

fn config() -> Result<ClientConfig> {
    let path = env::var("BENCH_CA").or_else(|_| env::var("SSL_CERT_FILE"))?;
    let pem = std::fs::read(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn request(authority: &str) -> Result<String> {
    let tenant = env::var("EMULATOR_TENANT")?;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
        encoded(&env::var("EMULATOR_CLIENT_ID")?),
        encoded(&env::var("EMULATOR_CLIENT_SECRET")?),
        encoded("https://batch.core.windows.net//.default"),
    );
    Ok(format!(
        "POST /{tenant}/oauth2/v2.0/token HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len(),
    ))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn token(answer: &str) -> Result<&str> {
    if !answer.starts_with("HTTP/1.1 200 ") {
        return Err(answer.lines().next().unwrap_or("no answer").into());
    }
    let (_, rest) = answer.split_once("\"access_token\":\"").ok_or("no token in the answer")?;
    let (token, _) = rest.split_once('"').ok_or("the answer ends inside the token")?;
    Ok(token)
}
