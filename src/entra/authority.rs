//! The authority: the host that signs in, and the token endpoint of a tenant there.
//!
//! Order of choice: the caller's authority_host, the caller's cloud, AZURE_AUTHORITY_HOST, the
//! cloud of the service that the token is for, the public cloud.

use url::Url;

use crate::error::{Error, Result, Status, shown};
use crate::system::Env;
use crate::token::{Cloud, TenantId};

/// Where to sign in.
#[derive(Clone, Debug)]
pub(crate) enum Authority {
    /// A host somebody named; may have a path (dSTS, a reverse proxy).
    Named(Url),
    /// The host of a chosen cloud.
    Of(Cloud),
    /// Left open: the cloud of the service decides, or else the public one is meant.
    Open,
}

impl Authority {
    /// Chooses by the caller's words and the environment.
    pub(crate) fn choose(host: Option<&str>, cloud: Option<Cloud>, env: &dyn Env) -> Result<Self> {
        if let Some(text) = host {
            return parse("authority_host", text).map(Self::Named);
        }
        if let Some(cloud) = cloud {
            return Ok(Self::Of(cloud));
        }
        match env.var("AZURE_AUTHORITY_HOST") {
            Some(text) => parse("AZURE_AUTHORITY_HOST", &text).map(Self::Named),
            None => Ok(Self::Open),
        }
    }

    /// The cloud that this authority belongs to, where that is known.
    pub(crate) fn cloud(&self) -> Option<Cloud> {
        match self {
            Self::Named(url) => Cloud::of_login_host(url.host_str()?),
            Self::Of(cloud) => Some(*cloud),
            Self::Open => None,
        }
    }

    /// The token endpoint of a tenant, in the cloud of the service where the choice is open.
    pub(crate) fn token_url(&self, tenant: &TenantId, service: Option<Cloud>) -> Result<Url> {
        let base = match self {
            Self::Named(url) => url.as_str().trim_end_matches('/').to_owned(),
            Self::Of(cloud) => format!("https://{}", cloud.login_host()),
            Self::Open => format!("https://{}", service.unwrap_or(Cloud::Public).login_host()),
        };
        let path = if tenant.is_adfs() { "oauth2/token" } else { "oauth2/v2.0/token" };
        let url = format!("{base}/{}/{path}", tenant.as_str());
        Url::parse(&url).map_err(|cause| {
            Error::new(Status::Internal, format!("no token URL can be built at {base}: {cause}"))
        })
    }
}

fn parse(origin: &str, text: &str) -> Result<Url> {
    let trimmed = text.trim();
    let full = if trimmed.contains("://") { trimmed.to_owned() } else { format!("https://{trimmed}") };
    let help = "Give a host such as login.microsoftonline.com, or https://host/path.";
    let refuse = |rule: &str| Error::invalid(origin, rule, text).with_help(help);
    let url = Url::parse(&full).map_err(|_| refuse("must be a host or an https URL"))?;
    if url.scheme() != "https" {
        return Err(refuse("must be https: the secret is sent there"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it may be somebody's password.
        return Err(Error::new(
            Status::InvalidArgument,
            format!(
                "{origin} must not hold a user name or password, host {}",
                shown(url.host_str().unwrap_or_default())
            ),
        )
        .with_help(help));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must have neither query nor fragment"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeEnv;

    fn url(host: Option<&str>, cloud: Option<Cloud>, env: &FakeEnv, service: Option<Cloud>) -> String {
        let tenant = TenantId::parse("contoso.example").unwrap();
        let authority = Authority::choose(host, cloud, env).unwrap();
        authority.token_url(&tenant, service).unwrap().to_string()
    }

    #[test]
    fn the_first_that_names_an_authority_decides() {
        let none = FakeEnv::default();
        let env = FakeEnv::default().with("AZURE_AUTHORITY_HOST", "login.microsoftonline.us/");
        let (gov, china) = (Some(Cloud::UsGovernment), Some(Cloud::China));
        let path = "/contoso.example/oauth2/v2.0/token";
        let table = [
            (url(None, None, &none, None), "https://login.microsoftonline.com"),
            (url(None, None, &none, gov), "https://login.microsoftonline.us"),
            (url(None, None, &env, china), "https://login.microsoftonline.us"),
            (url(None, china, &env, gov), "https://login.chinacloudapi.cn"),
            (url(Some("own.example:8443"), china, &env, gov), "https://own.example:8443"),
        ];
        for (got, base) in table {
            assert_eq!(got, format!("{base}{path}"));
        }
    }

    #[test]
    fn trailing_slashes_go_and_a_path_stays() {
        let env = FakeEnv::default();
        let got = url(Some(" https://own.example/dstsv2/7// "), None, &env, None);
        assert_eq!(got, "https://own.example/dstsv2/7/contoso.example/oauth2/v2.0/token");
    }

    #[test]
    fn an_authority_that_is_not_https_or_holds_more_than_a_place_is_refused() {
        for bad in ["http://a.example", "ftp://a", "https://", "", "https://a/?q", "https://a/#f", "a b"] {
            let error = Authority::choose(Some(bad), None, &FakeEnv::default()).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{bad}");
        }
        let error = Authority::choose(Some("https://u:planted-pw@a"), None, &FakeEnv::default());
        assert!(!format!("{error:?}").contains("planted-pw"));
    }

    #[test]
    fn ad_fs_has_an_endpoint_of_its_own() {
        let authority = Authority::choose(Some("adfs.example"), None, &FakeEnv::default()).unwrap();
        let tenant = TenantId::parse("ADFS").unwrap();
        let url = authority.token_url(&tenant, None).unwrap();
        assert_eq!(url.as_str(), "https://adfs.example/adfs/oauth2/token");
    }
}
