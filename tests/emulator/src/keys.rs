//! The key that signs access tokens, and how it is published (JWKS, RFC 7517).
//!
//! The RSA key is made by `build.rs`. Signing and verifying go through ring, which is as fast in
//! an unoptimised build as in an optimised one; `jsonwebtoken` does the rest of RFC 7519.
//! What stands in a token is `token`'s business.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
};
use ring::{
    digest,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{self as ring_signature, RsaKeyPair},
};
use serde_json::{Value, json};
use signature::{Error, Signer, Verifier};

static SIGNING_KEY_DER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/signing-key.der"));

/// jsonwebtoken asks a process-wide provider; this one knows RS256 by ring and nothing else.
static RING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        Ok(Box::new(RingSigner(rs256(*algorithm, RsaKeyPair::from_der(key.as_bytes()).ok())?)))
    },
    verifier_factory: |algorithm, key| {
        Ok(Box::new(RingVerifier(rs256(*algorithm, key.try_get_as_bytes().ok())?.to_vec())))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn rs256<T>(algorithm: Algorithm, key: Option<T>) -> Result<T> {
    if algorithm != Algorithm::RS256 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    key.ok_or_else(|| ErrorKind::InvalidKeyFormat.into())
}

struct RingSigner(RsaKeyPair);

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&ring_signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::new())?;
        Ok(signature)
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct RingVerifier(Vec<u8>);

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let scheme = &ring_signature::RSA_PKCS1_2048_8192_SHA256;
        ring_signature::UnparsedPublicKey::new(scheme, &self.0)
            .verify(message, signature)
            .map_err(|_| Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

/// The signing key in the forms its users need.
pub(crate) struct Keys {
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
    /// `kid` of the header and of the JWKS entry.
    pub(crate) id: String,
    modulus: String,
    exponent: String,
}

impl Keys {
    /// Reads the key that the build made.
    pub(crate) fn load() -> std::io::Result<Self> {
        // Another provider may be there already, in a test program that uses jsonwebtoken too.
        let _ = RING.install_default();
        let pair = RsaKeyPair::from_der(SIGNING_KEY_DER)
            .map_err(|rejected| std::io::Error::other(rejected.to_string()))?;
        let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, pair.public().as_ref());
        Ok(Self {
            signing: EncodingKey::from_rsa_der(SIGNING_KEY_DER),
            verifying: DecodingKey::from_rsa_der(pair.public().as_ref()),
            id: URL_SAFE_NO_PAD.encode(thumbprint),
            modulus: URL_SAFE_NO_PAD.encode(&public.n),
            exponent: URL_SAFE_NO_PAD.encode(&public.e),
        })
    }

    /// The key set that `/discovery/v2.0/keys` publishes.
    pub(crate) fn jwks(&self, issuer: &str) -> Value {
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id,
            "n": self.modulus, "e": self.exponent, "issuer": issuer,
        }]})
    }
}
