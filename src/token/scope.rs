//! What a token is for: one or more scopes, as OAuth 2.0 writes them (RFC 6749, 3.3).

use crate::error::{Error, Result};

/// One or more scopes, joined by a space.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope(String);

impl Scope {
    /// Checks a scope; several are joined by spaces.
    ///
    /// # Errors
    /// `InvalidArgument` where it is empty or holds what a scope may not.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        // RFC 6749, 3.3: %x21 / %x23-5B / %x5D-7E.
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() || words.iter().any(|word| !word.bytes().all(allowed)) {
            let rule =
                "must be visible ASCII without quotes, such as https://batch.core.windows.net//.default";
            return Err(Error::invalid("scope", rule, text));
        }
        Ok(Self(words.join(" ")))
    }

    pub(super) fn known(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it is sent.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same scopes in one order, for comparing.
    pub(super) fn sorted(&self) -> String {
        let mut words: Vec<&str> = self.0.split(' ').collect();
        words.sort_unstable();
        words.dedup();
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_compare_whatever_their_order() {
        let one = Scope::parse("b a  c").unwrap();
        let other = Scope::parse("c b a a").unwrap();
        assert_eq!(one.as_str(), "b a c");
        assert_eq!(one.sorted(), other.sorted());
    }

    #[test]
    fn a_scope_of_blanks_quotes_or_controls_is_refused() {
        for bad in ["", "   ", "a\"b", "a\\b", "a\nb", "ä"] {
            assert!(Scope::parse(bad).is_err(), "{bad:?}");
        }
    }
}
