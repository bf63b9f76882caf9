//! TLS: rustls with ring, trusting the system's store or the caller's CA bundle.
//!
//! The provider is handed in, never installed for the process: a host may have its own.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{Error, Result, Status, shown};

/// The certificate authorities of a PEM file, which take the place of the system's.
pub(crate) fn read_ca_bundle(path: &str) -> Result<Vec<CertificateDer<'static>>> {
    let pem = std::fs::read(path).map_err(|cause| {
        Error::new(Status::Io, format!("reading ca_bundle_path {} failed: {cause}", shown(path)))
            .with_help("Give the path of a PEM file that this process may read.")
    })?;
    let unusable = |why: String| {
        Error::new(Status::InvalidArgument, format!("ca_bundle_path {} {why}", shown(path)))
            .with_help("Give a PEM file of one or more certificates (-----BEGIN CERTIFICATE-----).")
    };
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|cause| unusable(format!("is not valid PEM: {cause}")))?;
    if certificates.is_empty() {
        return Err(unusable("holds no certificate".to_owned()));
    }
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|cause| unusable(format!("holds an unusable certificate: {cause}")))?;
    }
    Ok(certificates)
}

/// The TLS settings for these authorities, or for the system's.
pub(crate) fn config(authorities: Option<&[CertificateDer<'static>]>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |cause: rustls::Error| {
        Error::new(Status::Tls, format!("the system's trust store cannot be used: {cause}")).with_help(
            "Install the system's CA certificates (package ca-certificates), or set ca_bundle_path.",
        )
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let config = match authorities {
        Some(authorities) => {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(authorities.iter().cloned());
            builder.with_root_certificates(store).with_no_client_auth()
        }
        None => builder.with_platform_verifier().map_err(unusable)?.with_no_client_auth(),
    };
    Ok(config)
}
