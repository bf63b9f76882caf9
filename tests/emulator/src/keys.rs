//! The key that signs access tokens, and how it is published (JWKS, RFC 7517).
//!
//! The RSA key is made by `build.rs`. Signing and verifying go through ring, which is as fast in
//! an unoptimised build as in an optimised one; `jsonwebtoken` does the rest of RFC 7519.
//! What stands in a token is `token`'s business.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::ErrorKind,
};
use ring::{
    digest,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{self as ring_signature, RsaKeyPair, RsaParameters},
};
use serde_json::{Value, json};
use signature::{Error, Signer, Verifier};

static SIGNING_KEY_DER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/signing-key.der"));

/// jsonwebtoken asks a process-wide provider; this one signs RS256 and verifies RS256 and PS256, by
/// ring, and knows nothing else.
static RING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        let key = RsaKeyPair::from_der(key.as_bytes()).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        match algorithm {
            Algorithm::RS256 => Ok(Box::new(RingSigner(key))),
            _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
        }
    },
    verifier_factory: |algorithm, key| {
        let scheme = match algorithm {
            Algorithm::RS256 => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::PS256 => &ring_signature::RSA_PSS_2048_8192_SHA256,
            _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
        };
        let key = key.try_get_as_bytes()?.to_vec();
        Ok(Box::new(RingVerifier { algorithm: *algorithm, scheme, key }))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct RingSigner(RsaKeyPair);

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
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

struct RingVerifier {
    algorithm: Algorithm,
    scheme: &'static RsaParameters,
    key: Vec<u8>,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        ring_signature::UnparsedPublicKey::new(self.scheme, &self.key)
            .verify(message, signature)
            .map_err(|_| Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
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
