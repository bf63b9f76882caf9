//! Continuation tokens: the opaque `$skiptoken` of a next link.
//!
//! Shaped like the recorded ones: `WATV2:`, 224 bytes in base64 with `^` for `+`, then `:1$1`, put
//! into the link unencoded. A token is authenticated and bound to account, path, filter and version;
//! any other one, and one older than a day, is refused.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    digest, hmac,
    rand::{SecureRandom, SystemRandom},
};

const PREFIX: &str = "WATV2:";
const SUFFIX: &str = ":1$1";
const BYTES: usize = 224;
const TAG: usize = 32;
const NONCE: usize = 16;
const BINDING: usize = 32;
const LIFETIME_S: i64 = 24 * 3600;

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The first job of the next page.
    pub(crate) next: usize,
    /// Empty pages to come before it.
    pub(crate) empty_pages: EmptyPages,
}

/// Pages without jobs that a fault asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmptyPages {
    Left(u16),
    Endless,
}

impl EmptyPages {
    pub(crate) const NONE: Self = Self::Left(0);
}

/// Makes and reads tokens with a key of this run.
pub(crate) struct Continuations {
    key: hmac::Key,
}

impl Continuations {
    pub(crate) fn new() -> Self {
        let mut key = [0; 32];
        // A failing random source makes tokens forgeable, which no client of ours would notice.
        let _ = SystemRandom::new().fill(&mut key);
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key) }
    }

    /// Writes a token for `position`, bound to what `bound_to` spells out.
    pub(crate) fn write(&self, position: Position, bound_to: &str, now_s: i64) -> String {
        let mut bytes = [0; BYTES];
        let _ = SystemRandom::new().fill(&mut bytes[..NONCE]);
        let empty_pages = match position.empty_pages {
            EmptyPages::Left(pages) => u32::from(pages),
            EmptyPages::Endless => u32::MAX,
        };
        let mut plain = Vec::with_capacity(BYTES);
        plain.extend(digest::digest(&digest::SHA256, bound_to.as_bytes()).as_ref());
        plain.extend((position.next as u64).to_le_bytes());
        plain.extend(empty_pages.to_le_bytes());
        plain.extend(now_s.to_le_bytes());
        plain.resize(BYTES - NONCE - TAG, 0);
        let (nonce, rest) = bytes.split_at_mut(NONCE);
        let (sealed, tag) = rest.split_at_mut(BYTES - NONCE - TAG);
        sealed.copy_from_slice(&plain);
        self.mask(nonce, sealed);
        let signature = self.tag(nonce, sealed);
        tag.copy_from_slice(signature.as_ref());
        format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(bytes).replace('+', "^"))
    }

    /// Reads a token, or says why it will not do.
    pub(crate) fn read(&self, token: &str, bound_to: &str, now_s: i64) -> Result<Position, &'static str> {
        const MALFORMED: &str = "the continuation token is malformed";
        let inner = token.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
        let bytes = inner.and_then(|inner| STANDARD.decode(inner.replace('^', "+")).ok());
        let bytes = bytes.filter(|bytes| bytes.len() == BYTES).ok_or(MALFORMED)?;
        let (nonce, rest) = bytes.split_at(NONCE);
        let (sealed, tag) = rest.split_at(BYTES - NONCE - TAG);
        let signed = [nonce, sealed].concat();
        hmac::verify(&self.key, &signed, tag).map_err(|_| MALFORMED)?;

        let mut plain = sealed.to_vec();
        self.mask(nonce, &mut plain);
        let binding = digest::digest(&digest::SHA256, bound_to.as_bytes());
        if plain.get(..BINDING) != Some(binding.as_ref()) {
            return Err("the continuation token belongs to another request");
        }
        let next = u64::from_le_bytes(array(&plain, BINDING).ok_or(MALFORMED)?);
        let empty_pages = u32::from_le_bytes(array(&plain, BINDING + 8).ok_or(MALFORMED)?);
        let issued_s = i64::from_le_bytes(array(&plain, BINDING + 12).ok_or(MALFORMED)?);
        if now_s - issued_s > LIFETIME_S {
            return Err("the continuation token is too old");
        }
        Ok(Position {
            next: usize::try_from(next).map_err(|_| MALFORMED)?,
            empty_pages: match u16::try_from(empty_pages) {
                Ok(pages) => EmptyPages::Left(pages),
                Err(_) => EmptyPages::Endless,
            },
        })
    }

    /// Makes the inside look as random as the service's own, and back.
    fn mask(&self, nonce: &[u8], bytes: &mut [u8]) {
        for (index, block) in bytes.chunks_mut(32).enumerate() {
            let counter = [nonce, &[index as u8]].concat();
            let stream = hmac::sign(&self.key, &counter);
            for (byte, mask) in block.iter_mut().zip(stream.as_ref()) {
                *byte ^= mask;
            }
        }
    }

    fn tag(&self, nonce: &[u8], sealed: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, &[nonce, sealed].concat())
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITION: Position = Position { next: 1000, empty_pages: EmptyPages::Left(3) };

    #[test]
    fn token_has_the_recorded_shape_and_reads_back() {
        let continuations = Continuations::new();
        let token = continuations.write(POSITION, "a", 0);
        assert_eq!(token.len(), 310, "as long as the recorded one");
        assert!(token.ends_with("=:1$1"));
        assert!(!token.contains('+'));
        assert_eq!(continuations.read(&token, "a", 60), Ok(POSITION));
    }

    #[test]
    fn foreign_forged_and_stale_tokens_are_refused() {
        let continuations = Continuations::new();
        let token = continuations.write(POSITION, "a", 0);
        assert!(continuations.read(&token, "b", 0).is_err_and(|why| why.contains("another")));
        assert!(continuations.read(&token, "a", LIFETIME_S + 1).is_err_and(|why| why.contains("old")));
        let forged = token.replacen(&token[10..11], if &token[10..11] == "A" { "B" } else { "A" }, 1);
        assert!(continuations.read(&forged, "a", 0).is_err());
        assert!(Continuations::new().read(&token, "a", 0).is_err(), "from another run");
        assert!(continuations.read("WATV2::1$1", "a", 0).is_err());
    }
}
