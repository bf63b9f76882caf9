//! Trust in next links: the token goes along, so only the account itself is followed.
//!
//! The service's links are absolute, on the account's host, with an opaque `$skiptoken`. A link is
//! followed as it is given: nothing is rebuilt, encoded again or added.

use url::Url;

use super::AccountUrl;
use crate::error::shown;
use crate::http::host_of;

/// The most that an HTTP request line here carries.
const LONGEST: usize = 60_000;

/// Where the link leads, or why it is not followed. A relative link is one on the account.
pub(super) fn follow(account: &AccountUrl, link: &str) -> Result<Url, String> {
    if link.len() > LONGEST {
        return Err(format!("it has {} characters", link.len()));
    }
    let own = account.url();
    let url = own.join(link).map_err(|cause| format!("it is no URL: {cause}"))?;
    if url.scheme() != own.scheme() {
        return Err(format!("expected https, got {}", shown(url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name or password".to_owned());
    }
    let (expected, got) = (host_of(own), host_of(&url));
    if expected != got {
        return Err(format!("expected host {}, got {}", shown(&expected), shown(&got)));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(link: &str) -> Result<String, String> {
        let account = AccountUrl::parse("https://a.westus.batch.azure.com").unwrap();
        follow(&account, link).map(String::from)
    }

    #[test]
    fn raw_and_encoded_tokens_go_out_as_they_came() {
        for link in [
            "https://a.westus.batch.azure.com/jobs?api-version=2023-05-01.17.0&maxresults=1&$skiptoken=WATV2:fWwhA^pIC4Bl/KV4Kw=:1$1",
            "https://a.westus.batch.azure.com/jobs?%24skiptoken=WATV2%3Aa%5Eb%3D%3A1%241",
            "https://a.westus.batch.azure.com/other/path?$skipToken=x",
        ] {
            assert_eq!(followed(link).as_deref(), Ok(link));
        }
    }

    #[test]
    fn the_accounts_host_may_be_written_in_any_case_and_with_its_port() {
        let plain = "https://a.westus.batch.azure.com/jobs?x=1";
        for link in [
            "https://A.WestUS.batch.azure.com/jobs?x=1",
            "https://a.westus.batch.azure.com:443/jobs?x=1",
            "/jobs?x=1",
            "jobs?x=1",
        ] {
            assert_eq!(followed(link).as_deref(), Ok(plain), "{link}");
        }
    }

    #[test]
    fn a_link_that_leaves_the_account_is_refused_with_both_hosts_named() {
        for link in [
            "https://evil.example/jobs",
            "//evil.example/jobs",
            "https://a.westus.batch.azure.com.evil.example/jobs",
            "https://a.westus.batch.azure.com:8443/jobs",
            "https://a.westus.batch.azure.com./jobs",
            "https://a.westus.batch.azure.com@evil.example/jobs",
            "https://u:p@a.westus.batch.azure.com/jobs",
            "http://a.westus.batch.azure.com/jobs",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
        ] {
            assert!(followed(link).is_err(), "{link}");
        }
        let why = followed("https://evil.example/jobs").unwrap_err();
        assert_eq!(why, r#"expected host "a.westus.batch.azure.com", got "evil.example""#);
    }

    #[test]
    fn long_links_are_followed_up_to_a_bound() {
        let link = |length: usize| format!("/jobs?$skiptoken={}", "x".repeat(length));
        assert!(followed(&link(8 << 10)).is_ok());
        assert!(followed(&link(LONGEST)).is_err());
    }
}
