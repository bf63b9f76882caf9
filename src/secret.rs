//! A text that is wiped when it goes, never printed, and readable as a C string.
//!
//! Only copies made here are wiped: what TLS and HTTP hold for the length of a request is theirs.

use std::ffi::CStr;
use std::fmt;

use zeroize::Zeroizing;

/// A secret, a token or an assertion.
#[derive(Clone)]
pub struct Secret {
    /// The text and a final NUL, so that C reads it in place.
    text: Zeroizing<String>,
}

impl Secret {
    /// Takes the text; `None` where it holds a NUL, which no secret of this field may.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.contains('\0') {
            return None;
        }
        // Reserved at once: a growing string would leave unwiped copies behind.
        let mut owned = Zeroizing::new(String::with_capacity(text.len() + 1));
        owned.push_str(text);
        owned.push('\0');
        Some(Self { text: owned })
    }

    /// The text itself. Where this is called, a secret leaves its wrapper.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.strip_suffix('\0').unwrap_or_default()
    }

    /// The text as a C string, valid as long as this value.
    #[must_use]
    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_with_nul(self.text.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_text() {
        let secret = Secret::new("planted-secret").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn rust_and_c_read_the_same_text() {
        let secret = Secret::new("pässwörd").unwrap();
        assert_eq!(secret.expose(), "pässwörd");
        assert_eq!(secret.as_c_str().to_str(), Ok("pässwörd"));
    }

    #[test]
    fn a_text_with_nul_is_no_secret() {
        assert!(Secret::new("a\0b").is_none());
    }
}
