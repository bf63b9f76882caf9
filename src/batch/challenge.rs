//! The claims challenge of a 401: what the next token must hold.
//!
//! Entra's "claims challenges, claims requests, and client capabilities": `WWW-Authenticate:
//! Bearer ... error="insufficient_claims", claims="<base64 of JSON>"`. Base64 comes in either
//! alphabet, padded or not. A challenge that cannot be read counts as none.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use reqwest::header::HeaderMap;

use crate::token::Claims;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The claims that the first readable Bearer challenge asks for.
pub(super) fn claims(headers: &HeaderMap) -> Option<Claims> {
    headers
        .get_all("www-authenticate")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| http_auth::parse_challenges(text).unwrap_or_default())
        .filter(|challenge| challenge.scheme.eq_ignore_ascii_case("bearer"))
        .flat_map(|challenge| challenge.params)
        .filter(|(name, _)| name.eq_ignore_ascii_case("claims"))
        .find_map(|(_, value)| decode(&value.to_unescaped()))
}

fn decode(encoded: &str) -> Option<Claims> {
    let bytes = STANDARD.decode(encoded).or_else(|_| URL_SAFE.decode(encoded)).ok()?;
    Claims::parse(std::str::from_utf8(&bytes).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1767225300"}}}"#;

    fn asked(values: &[&str]) -> Option<Claims> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("www-authenticate", value.parse().unwrap());
        }
        claims(&headers)
    }

    #[test]
    fn a_challenge_is_read_in_either_alphabet_padded_or_not_and_among_others() {
        let expected = Some(Claims::parse(JSON).unwrap());
        let padded = STANDARD.encode(JSON);
        for encoded in [padded.as_str(), padded.trim_end_matches('='), &URL_SAFE.encode(JSON)] {
            let bearer = format!(
                r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="{encoded}""#
            );
            assert_eq!(asked(&[&bearer]), expected);
            assert_eq!(asked(&[r#"Basic realm="x""#, &bearer]), expected);
            assert_eq!(asked(&[&format!(r#"Basic realm="x", {bearer}"#)]), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_challenge() {
        for value in [
            "",
            "Bearer",
            r#"Bearer claims="!!!""#,
            r#"Bearer claims="bm90IGpzb24=""#,
            r#"Bearer error="invalid_token""#,
            "Bearer claims=\"",
            ",,,=,",
        ] {
            assert_eq!(asked(&[value]), None, "{value}");
        }
    }
}
