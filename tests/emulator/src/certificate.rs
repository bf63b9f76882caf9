//! X.509 certificates as an app registration holds them (RFC 5280): thumbprints, key, validity.
//!
//! Read from PEM or from base64 of DER. What an assertion may do with one is `entra::client`'s
//! business; certificates for clients to sign in with are made in `client_certificate`.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use time::OffsetDateTime;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::der::{Decode, oid::ObjectIdentifier};

/// `rsaEncryption` (RFC 8017, A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A certificate, read once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Certificate {
    der: CertificateDer<'static>,
    /// Distinguished name as RFC 4514 writes it: `CN=batch.contoso.example`.
    pub(crate) subject: String,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    /// PKCS#1 form; none when it is not an RSA key.
    rsa_key: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads PEM, or base64 of DER.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.contains("-----BEGIN") {
            let der = CertificateDer::from_pem_slice(text.as_bytes());
            return Self::from_der(
                der.map_err(|error| format!("not a certificate in PEM: {error}"))?.to_vec(),
            );
        }
        let der = STANDARD.decode(text).map_err(|error| format!("neither PEM nor base64: {error}"))?;
        Self::from_der(der)
    }

    /// Reads DER, to the last byte.
    pub(crate) fn from_der(der: Vec<u8>) -> Result<Self, String> {
        let parsed = x509_cert::Certificate::from_der(&der)
            .map_err(|error| format!("not a certificate: {error}"))?
            .tbs_certificate;
        let key = &parsed.subject_public_key_info;
        let is_rsa = key.algorithm.oid == RSA;
        let at = |time: x509_cert::time::Time| OffsetDateTime::UNIX_EPOCH + time.to_unix_duration();
        Ok(Self {
            subject: parsed.subject.to_string(),
            not_before: at(parsed.validity.not_before),
            not_after: at(parsed.validity.not_after),
            rsa_key: is_rsa.then(|| key.subject_public_key.raw_bytes().to_vec()),
            der: CertificateDer::from(der),
        })
    }

    /// What `x5t#S256` holds: the SHA-256 of the DER.
    pub(crate) fn sha256(&self) -> Vec<u8> {
        self.digest(&SHA256)
    }

    /// What `x5t` holds: the SHA-1 of the DER.
    pub(crate) fn sha1(&self) -> Vec<u8> {
        self.digest(&SHA1_FOR_LEGACY_USE_ONLY)
    }

    fn digest(&self, algorithm: &'static Algorithm) -> Vec<u8> {
        digest(algorithm, &self.der).as_ref().to_vec()
    }

    /// The public key, if it is an RSA key.
    pub(crate) fn rsa_key(&self) -> Option<&[u8]> {
        self.rsa_key.as_deref()
    }

    /// Whether it is valid at `now`.
    pub(crate) fn is_valid_at(&self, now: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// The authority that the certificate stands for; an error when it is none that can be.
    pub(crate) fn anchor(&self) -> Result<TrustAnchor<'static>, String> {
        let anchor = anchor_from_trusted_cert(&self.der).map(|anchor| anchor.to_owned());
        anchor.map_err(|error| format!("not a certificate of an authority: {error}"))
    }

    /// Whether `chain`, from the leaf up, leads to `authority` at `now`.
    pub(crate) fn leads_to(chain: &[Self], authority: &TrustAnchor<'_>, now: OffsetDateTime) -> bool {
        let Some((leaf, rest)) = chain.split_first() else {
            return false;
        };
        let Ok(leaf) = EndEntityCert::try_from(&leaf.der) else {
            return false;
        };
        let rest: Vec<_> = rest.iter().map(|certificate| certificate.der.clone()).collect();
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let anchors = std::slice::from_ref(authority);
        let usage = KeyUsage::client_auth();
        leaf.verify_for_usage(ALL_VERIFICATION_ALGS, anchors, &rest, now, usage, None, None).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_certificate::{CertificateOptions, ClientCertificate};

    #[test]
    fn pem_and_base64_of_der_are_the_same_certificate() {
        let made = ClientCertificate::new(&CertificateOptions::default()).unwrap();
        let from_pem = Certificate::read(&made.certificate_pem).unwrap();
        let from_base64 = Certificate::read(&STANDARD.encode(&made.certificate_der)).unwrap();
        assert_eq!(from_pem, from_base64);
        assert_eq!(from_pem.subject, "CN=batch.contoso.example");
        assert_eq!((from_pem.sha1().len(), from_pem.sha256().len()), (20, 32));
        assert!(from_pem.rsa_key().is_some());
    }

    #[test]
    fn what_is_no_certificate_says_so() {
        assert!(Certificate::read("%").unwrap_err().starts_with("neither PEM nor base64"));
        assert!(Certificate::read("AAAA").unwrap_err().starts_with("not a certificate"));
        assert!(Certificate::read("-----BEGIN").unwrap_err().starts_with("not a certificate in PEM"));
    }
}
