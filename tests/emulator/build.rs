//! Makes the RSA key with which the emulator signs its tokens.
//!
//! The key lives in the build directory only, so no private key is ever committed, and the program
//! still starts in milliseconds: finding two primes takes far longer than everything else it does.
//! Everything that uses the key is in `src/keys.rs`.

use std::{env, error::Error, fs, path::PathBuf};

use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    // 2048 bits: what Entra uses, and the least that ring signs with.
    let key = RsaPrivateKey::new(&mut rand::thread_rng(), 2048)?;
    fs::write(out.join("signing-key.der"), key.to_pkcs1_der()?.as_bytes())?;
    Ok(())
}
