//! Certificates for clients to sign in with, so that no test needs a tool or a file of its own.
//!
//! All have the one RSA key that `build.rs` made: it is never secret and never the same after a
//! clean build. Nothing here registers a certificate with an app: that is a switch.

use std::io;

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, SerialNumber,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

static KEY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/client-key.der"));

/// What a certificate shall say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CertificateOptions {
    /// Common name of the subject.
    pub common_name: String,
    /// Start of its validity, in seconds from the machine's present.
    pub not_before_s: i64,
    /// End of its validity, in seconds from the machine's present.
    pub not_after_s: i64,
    /// Whether an authority of its own, through an intermediate one, issues it, instead of itself.
    pub issued: bool,
}

impl Default for CertificateOptions {
    fn default() -> Self {
        Self {
            common_name: "batch.contoso.example".to_owned(),
            not_before_s: -3600,
            not_after_s: 30 * 86_400,
            issued: false,
        }
    }
}

/// A certificate with its key and, when an authority issued it, the chain.
#[derive(Debug, Clone, Serialize)]
pub struct ClientCertificate {
    /// PKCS#8 key in PEM.
    pub key_pem: String,
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// The certificate and the intermediate one in PEM, in this order.
    pub chain_pem: String,
    /// The authority's certificate in PEM; the certificate itself when nobody else issued it.
    pub authority_pem: String,
    /// The certificate in DER.
    #[serde(skip)]
    pub certificate_der: Vec<u8>,
    /// The chain in DER, leaf first.
    #[serde(skip)]
    pub chain_der: Vec<Vec<u8>>,
    /// The PKCS#8 key in DER.
    #[serde(skip)]
    pub key_der: Vec<u8>,
}

impl ClientCertificate {
    /// Makes a certificate.
    ///
    /// # Errors
    /// When a date or the name is none that a certificate can hold.
    pub fn new(options: &CertificateOptions) -> io::Result<Self> {
        let key = PrivatePkcs8KeyDer::from(KEY);
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_RSA_SHA256).map_err(io::Error::other)?;
        let now = OffsetDateTime::now_utc();
        let at = |seconds| now.checked_add(Duration::seconds(seconds)).ok_or(io::ErrorKind::InvalidInput);
        let mut params = params(&options.common_name);
        params.not_before = at(options.not_before_s)?;
        params.not_after = at(options.not_after_s)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];

        let mut chain = Vec::new();
        let mut authority = None;
        if options.issued {
            let root = authority_named("batch-auth emulator root", 1, None)?;
            let middle = authority_named("batch-auth emulator intermediate", 0, Some(&root.1))?;
            params.use_authority_key_identifier_extension = true;
            chain.push(params.signed_by(&key, &middle.1).map_err(io::Error::other)?);
            chain.push(middle.0);
            authority = Some(root.0.pem());
        } else {
            chain.push(params.self_signed(&key).map_err(io::Error::other)?);
        }
        let certificate = chain.first().ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self {
            key_pem: key.serialize_pem(),
            certificate_pem: certificate.pem(),
            chain_pem: chain.iter().map(rcgen::Certificate::pem).collect(),
            authority_pem: authority.unwrap_or_else(|| certificate.pem()),
            certificate_der: certificate.der().to_vec(),
            chain_der: chain.iter().map(|certificate| certificate.der().to_vec()).collect(),
            key_der: KEY.to_vec(),
        })
    }

    /// The chain as `x5c` holds it: standard base64 of DER, leaf first (RFC 7515, 4.1.6).
    #[must_use]
    pub fn x5c(&self) -> Vec<String> {
        self.chain_der.iter().map(|der| STANDARD.encode(der)).collect()
    }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    // Else two certificates of one second would be the same to the last byte.
    params.serial_number = Some(SerialNumber::from_slice(Uuid::new_v4().as_bytes()));
    params
}

/// An authority that may have `below` others under it, signed by `issuer` or by itself.
fn authority_named(
    name: &str,
    below: u8,
    issuer: Option<&Issuer<'static, KeyPair>>,
) -> io::Result<(rcgen::Certificate, Issuer<'static, KeyPair>)> {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(30);
    params.not_after = now + Duration::days(365);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer),
        None => params.self_signed(&key),
    };
    Ok((certificate.map_err(io::Error::other)?, Issuer::new(params, key)))
}
