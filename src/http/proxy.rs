//! Which proxy a request goes through: the caller's, else HTTPS_PROXY or ALL_PROXY less NO_PROXY.
//!
//! Loopback and link-local hosts (the instance metadata service is one) never go through a proxy:
//! it would be handed the tokens of this machine.

use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

use crate::error::{Error, Result, Status};
use crate::system::Env;

/// A proxy and the hosts that are reached without it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProxyRules {
    /// May hold a user name and password.
    url: Url,
    /// Who gave it, as errors name it: `proxy_url`, `HTTPS_PROXY`.
    origin: &'static str,
    except: String,
}

impl ProxyRules {
    /// The caller's own choice goes before the environment's; NO_PROXY belongs to the latter.
    pub(crate) fn choose(explicit: Option<&str>, env: &dyn Env) -> Result<Option<Self>> {
        if let Some(text) = explicit {
            let rules = Self { url: parse("proxy_url", text)?, origin: "proxy_url", except: String::new() };
            return Ok(Some(rules));
        }
        let either = |name: &'static str, lower: &str| {
            env.var(lower).or_else(|| env.var(name)).map(|text| (name, text))
        };
        let found = either("HTTPS_PROXY", "https_proxy").or_else(|| either("ALL_PROXY", "all_proxy"));
        let Some((origin, text)) = found else { return Ok(None) };
        // curl and the SDKs read a value without a scheme as http.
        let text = if text.contains("://") { text } else { format!("http://{text}") };
        let except = either("NO_PROXY", "no_proxy").map_or_else(String::new, |(_, list)| list);
        Ok(Some(Self { url: parse(origin, &text)?, origin, except }))
    }

    /// The proxy for requests to `target`, if they go through one.
    pub(crate) fn proxy_for(&self, target: &Url) -> Option<&Url> {
        if is_local(target) {
            return None;
        }
        let uri = target.as_str().parse().ok()?;
        let matcher = Matcher::builder().all(self.url.as_str().to_owned()).no(self.except.clone()).build();
        matcher.intercept(&uri).map(|_| &self.url)
    }

    /// The proxy as errors may show it: without user name and password.
    pub(crate) fn shown(&self) -> String {
        let mut bare = self.url.clone();
        let stripped = bare.set_username("").and_then(|()| bare.set_password(None));
        let place = if stripped.is_ok() { bare.as_str().trim_end_matches('/') } else { "" };
        format!("{place} (from {})", self.origin)
    }
}

/// The name of the argument or variable, never the value: it may hold a password.
fn parse(origin: &str, text: &str) -> Result<Url> {
    let problem = match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            format!("must start with http:// or https://, got {}://", url.scheme())
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => "has no host".to_owned(),
        Ok(url) => return Ok(url),
        Err(cause) => format!("is not a URL: {cause}"),
    };
    Err(Error::new(Status::InvalidArgument, format!("{origin} {problem}"))
        .with_help("Give it in the form http://host:port or http://user:password@host:port."))
}

fn is_local(target: &Url) -> bool {
    match target.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unicast_link_local(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeEnv;

    fn chosen(env: &FakeEnv, target: &str) -> Option<String> {
        let rules = ProxyRules::choose(None, env).unwrap()?;
        rules.proxy_for(&Url::parse(target).unwrap()).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn local_hosts_never_go_through_a_proxy() {
        let env = FakeEnv::default().with("ALL_PROXY", "http://proxy.example:3128");
        for local in [
            "https://localhost:8443/",
            "https://LOCALHOST./",
            "https://127.0.0.53/",
            "https://[::1]/",
            "https://169.254.169.254/metadata",
        ] {
            assert_eq!(chosen(&env, local), None, "{local}");
        }
        assert!(chosen(&env, "https://login.microsoftonline.com/").is_some());
    }

    #[test]
    fn no_proxy_excepts_hosts_and_their_subdomains() {
        let env = FakeEnv::default()
            .with("HTTPS_PROXY", "proxy.example:3128")
            .with("NO_PROXY", "batch.azure.com,10.0.0.0/8");
        assert_eq!(chosen(&env, "https://a.westus.batch.azure.com/"), None);
        assert_eq!(chosen(&env, "https://10.1.2.3/"), None);
        let through = chosen(&env, "https://login.microsoftonline.com/");
        assert_eq!(through.as_deref(), Some("http://proxy.example:3128/"));
    }

    #[test]
    fn the_callers_proxy_goes_before_the_environments() {
        let env = FakeEnv::default().with("HTTPS_PROXY", "http://env.example").with("NO_PROXY", "*");
        let rules = ProxyRules::choose(Some("http://mine.example:8080"), &env).unwrap().unwrap();
        let target = Url::parse("https://login.microsoftonline.com/").unwrap();
        assert_eq!(rules.proxy_for(&target).map(Url::as_str), Some("http://mine.example:8080/"));
    }

    #[test]
    fn errors_about_a_proxy_never_show_its_password() {
        let env = FakeEnv::default();
        let refused = ProxyRules::choose(Some("socks5://user:planted-pw@host"), &env).unwrap_err();
        assert_eq!(refused.status(), Status::InvalidArgument);
        assert!(!format!("{refused:?}").contains("planted-pw"), "{refused:?}");
        let rules = ProxyRules::choose(Some("http://user:planted-pw@host:1"), &env).unwrap().unwrap();
        assert_eq!(rules.shown(), "http://host:1 (from proxy_url)");
    }
}
