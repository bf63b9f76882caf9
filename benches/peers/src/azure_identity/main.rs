//! `azure_identity` as its users use it: a token from a warm cache, a first token, a list of jobs.
//!
//! Usage: `azure-identity cached MILLISECONDS THREADS | first | list | list-fields`. Where the
//! emulator is stands in `EMULATOR_*`; `BENCH_CA` names a PEM file of roots that take the place of
//! the system's store. Each mode prints one line of numbers, the same as the C program beside it.
//!
//! It runs on a current-thread runtime, which starts faster than the usual one and loses nothing
//! where one thing is done after another.

mod cached;
mod list;

use std::env;
use std::error::Error;
use std::sync::Arc;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Two slashes: Batch's audience ends in one.
const SCOPE: &str = "https://batch.core.windows.net//.default";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match *words {
        ["cached", milliseconds, threads] => {
            let credential = credential()?;
            // The first token needs the runtime; those after it come out of the cache.
            let token = runtime.block_on(credential.get_token(&[SCOPE], None))?;
            cached::run(&credential, milliseconds.parse()?, threads.parse()?, token.token.secret().len())
        }
        ["first"] => runtime.block_on(first()),
        ["list"] => runtime.block_on(list::run::<list::IdAndState>()),
        ["list-fields"] => runtime.block_on(list::run::<list::Fields>()),
        _ => Err("usage: azure-identity cached MILLISECONDS THREADS | first | list | list-fields".into()),
    }
}

async fn first() -> Result<()> {
    let token = credential()?.get_token(&[SCOPE], None).await?;
    println!("{}", token.token.secret().len());
    Ok(())
}

/// A credential that signs in at the emulator. Without `BENCH_CA` its transport is the default one.
fn credential() -> Result<Arc<ClientSecretCredential>> {
    let mut custom = CustomConfiguration::default();
    custom.authority_host = env::var("EMULATOR_ENTRA")?;
    let client_options = ClientOptions {
        cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
        transport: match env::var("BENCH_CA") {
            Ok(_) => Some(Transport::new(Arc::new(client()?))),
            Err(_) => None,
        },
        ..ClientOptions::default()
    };
    let (tenant, id) = (env::var("EMULATOR_TENANT")?, env::var("EMULATOR_CLIENT_ID")?);
    let secret = Secret::new(env::var("EMULATOR_CLIENT_SECRET")?);
    let options = ClientSecretCredentialOptions { client_options };
    Ok(ClientSecretCredential::new(&tenant, id, secret, Some(options))?)
}

/// A client of `reqwest` that trusts the roots of `BENCH_CA`, else those of the system.
fn client() -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder();
    let builder = match env::var("BENCH_CA") {
        Ok(path) => builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&std::fs::read(path)?)?),
        Err(_) => builder,
    };
    Ok(builder.build()?)
}
