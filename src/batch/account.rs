//! The endpoint of a Batch account, such as `https://contoso.westeurope.batch.azure.com`.

use url::Url;

use crate::error::{Error, Result};
use crate::http::host_of;
use crate::token::Cloud;

/// An account's endpoint: https, a host, perhaps a port, nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountUrl(Url);

impl AccountUrl {
    /// Checks an endpoint. A bare host, as Azure Resource Manager gives it, and a final slash are
    /// understood.
    ///
    /// # Errors
    /// `InvalidArgument` for anything that is not an https host.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let full = if trimmed.contains("://") { trimmed.to_owned() } else { format!("https://{trimmed}") };
        let refuse = |rule: &str| {
            Error::invalid("account_url", rule, text).with_help(
                "Copy the account's endpoint: Azure portal > your Batch account > Overview > URL, \
                 such as https://contoso.westeurope.batch.azure.com.",
            )
        };
        let url = Url::parse(&full).map_err(|_| refuse("must be a host or an https URL"))?;
        if url.scheme() != "https" {
            return Err(refuse("must be https: the token is sent there"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The whole is not shown: it may be somebody's password.
            let host = url.host_str().unwrap_or_default();
            return Err(Error::invalid("account_url", "must not hold a user name or password", host));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("must be a host alone, without path, query or fragment"));
        }
        Ok(Self(url))
    }

    /// The host, and the port where it is not 443.
    pub(crate) fn host(&self) -> String {
        host_of(&self.0)
    }

    /// The account's name, as far as the host tells it.
    pub(crate) fn name(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        match self.cloud() {
            Some(_) => host.split('.').next().unwrap_or(host),
            None => host,
        }
    }

    /// The cloud that the account lives in, where its host tells it.
    pub(crate) fn cloud(&self) -> Option<Cloud> {
        Cloud::of_account_host(self.0.host_str()?)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_understood_however_it_is_written() {
        for (text, host) in [
            ("https://contoso.westeurope.batch.azure.com", "contoso.westeurope.batch.azure.com"),
            (" https://Contoso.WestEurope.Batch.Azure.com/ ", "contoso.westeurope.batch.azure.com"),
            ("contoso.westeurope.batch.azure.com", "contoso.westeurope.batch.azure.com"),
            ("https://contoso.westeurope.batch.azure.com:443", "contoso.westeurope.batch.azure.com"),
            ("https://[::1]:8443/", "[::1]:8443"),
            ("localhost:8443", "localhost:8443"),
        ] {
            assert_eq!(AccountUrl::parse(text).unwrap().host(), host, "{text}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_https_host_is_refused() {
        for bad in [
            "",
            "http://contoso.westeurope.batch.azure.com",
            "ftp://a",
            "https://",
            "https://a/jobs",
            "https://a/?x=1",
            "https://a/#x",
            "a b",
        ] {
            assert!(AccountUrl::parse(bad).is_err(), "{bad}");
        }
        let error = AccountUrl::parse("https://u:planted-pw@a").unwrap_err();
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
    }

    #[test]
    fn the_host_tells_account_and_cloud() {
        let account = AccountUrl::parse("contoso.usgovvirginia.batch.usgovcloudapi.net").unwrap();
        assert_eq!((account.name(), account.cloud()), ("contoso", Some(Cloud::UsGovernment)));
        let other = AccountUrl::parse("localhost:1").unwrap();
        assert_eq!((other.name(), other.cloud()), ("localhost", None));
    }
}
