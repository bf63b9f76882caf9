//! Makes two RSA keys: the emulator's own, which signs its tokens, and one for clients.
//!
//! The keys live in the build directory only, so no private key is ever committed, and the program
//! still starts in milliseconds: finding two primes takes far longer than everything else it does.
//! The first is used by `src/keys.rs`, the second by `src/client_certificate.rs`.

use std::{env, error::Error, fs, path::PathBuf};

use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, pkcs8::EncodePrivateKey};

/// What Entra uses, and the least that ring signs with.
const BITS: usize = 2048;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    // At the same time: this is most of what the build waits for.
    let signing = std::thread::spawn(|| RsaPrivateKey::new(&mut rand::thread_rng(), BITS));
    let client = RsaPrivateKey::new(&mut rand::thread_rng(), BITS)?;
    let signing = signing.join().map_err(|_| "the thread that makes a key panicked")??;
    fs::write(out.join("signing-key.der"), signing.to_pkcs1_der()?.as_bytes())?;
    fs::write(out.join("client-key.der"), client.to_pkcs8_der()?.as_bytes())?;
    Ok(())
}
