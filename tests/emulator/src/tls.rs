//! The certificates: one authority made at each start, its server certificates, and the bad ones.
//!
//! Follows RFC 5280 as far as strict clients look (basic constraints, key usage, key identifiers).
//! Keys are P-256 and never leave the process; only the authority's certificate is handed out.
//! Which listener gets which certificate is decided in `emulator`.

use std::{io, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    crypto::ring::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use time::{Duration, OffsetDateTime};

/// Names on the good certificate: ours, and the real hosts that clients reach through the proxy.
const SERVER_NAMES: [&str; 15] = [
    "localhost",
    "127.0.0.1",
    "::1",
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "login.microsoftonline.us",
    "login.chinacloudapi.cn",
    "login.partner.microsoftonline.cn",
    "*.westeurope.batch.azure.com",
    "*.eastus.batch.azure.com",
    "*.usgovvirginia.batch.usgovcloudapi.net",
    "*.usgovarizona.batch.usgovcloudapi.net",
    "*.chinaeast2.batch.chinacloudapi.cn",
    "*.chinanorth3.batch.chinacloudapi.cn",
];

/// A certificate authority and everything needed to sign with it.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate in PEM.
    pub(crate) pem: String,
}

impl Authority {
    /// Makes an authority called `name`.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::days(30);
        params.not_after = now + Duration::days(365);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        Ok(Self { pem: certificate.pem(), issuer: Issuer::new(params, key) })
    }

    /// The configuration of the listeners that are as they should be.
    pub(crate) fn server(&self) -> io::Result<Arc<ServerConfig>> {
        let now = OffsetDateTime::now_utc();
        self.issue(&SERVER_NAMES, now - Duration::days(1), now + Duration::days(90))
    }

    /// A certificate for a host that is not the one being called.
    pub(crate) fn wrong_host(&self) -> io::Result<Arc<ServerConfig>> {
        let now = OffsetDateTime::now_utc();
        self.issue(&["wrong-host.example"], now - Duration::days(1), now + Duration::days(90))
    }

    /// A certificate with the right names that ran out yesterday.
    pub(crate) fn expired(&self) -> io::Result<Arc<ServerConfig>> {
        let now = OffsetDateTime::now_utc();
        self.issue(&SERVER_NAMES, now - Duration::days(20), now - Duration::days(1))
    }

    fn issue(
        &self,
        names: &[&str],
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> io::Result<Arc<ServerConfig>> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name = common_name("batch-auth emulator");
        params.not_before = not_before;
        params.not_after = not_after;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));

        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn common_name(name: &str) -> rcgen::DistinguishedName {
    let mut distinguished_name = rcgen::DistinguishedName::new();
    distinguished_name.push(DnType::CommonName, name);
    distinguished_name
}
