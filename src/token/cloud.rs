//! The Azure clouds: where each signs in, the audience of its Batch service, its account hosts.
//!
//! Source: Azure CLI's and Az PowerShell's cloud tables. The China audience has no `core`.

use super::Scope;

/// A separate Azure with its own Entra and its own Batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cloud {
    /// Azure.
    Public,
    /// Azure US Government.
    UsGovernment,
    /// Azure China, operated by 21Vianet.
    China,
}

struct Facts {
    login_hosts: &'static [&'static str],
    /// Two slashes: the audience ends in one, and a token without it is answered with 401.
    scope: &'static str,
    account_suffix: &'static str,
}

const PUBLIC: Facts = Facts {
    login_hosts: &[
        "login.microsoftonline.com",
        "login.microsoft.com",
        "login.windows.net",
        "sts.windows.net",
    ],
    scope: "https://batch.core.windows.net//.default",
    account_suffix: ".batch.azure.com",
};

const US_GOVERNMENT: Facts = Facts {
    login_hosts: &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    scope: "https://batch.core.usgovcloudapi.net//.default",
    account_suffix: ".batch.usgovcloudapi.net",
};

const CHINA: Facts = Facts {
    login_hosts: &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
    scope: "https://batch.chinacloudapi.cn//.default",
    account_suffix: ".batch.chinacloudapi.cn",
};

impl Cloud {
    const ALL: [Self; 3] = [Self::Public, Self::UsGovernment, Self::China];

    const fn facts(self) -> &'static Facts {
        match self {
            Self::Public => &PUBLIC,
            Self::UsGovernment => &US_GOVERNMENT,
            Self::China => &CHINA,
        }
    }

    /// The host that this cloud signs in at.
    #[must_use]
    pub(crate) fn login_host(self) -> &'static str {
        self.facts().login_hosts.first().copied().unwrap_or_default()
    }

    /// The scope of its Batch service.
    #[must_use]
    pub(crate) fn batch_scope(self) -> Scope {
        Scope::known(self.facts().scope)
    }

    /// The cloud whose Entra answers at this host.
    #[must_use]
    pub(crate) fn of_login_host(host: &str) -> Option<Self> {
        let signs_in_at =
            |cloud: &Self| cloud.facts().login_hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
        Self::ALL.into_iter().find(signs_in_at)
    }

    /// The cloud whose Batch accounts have hosts like this.
    #[must_use]
    pub(crate) fn of_account_host(host: &str) -> Option<Self> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        Self::ALL.into_iter().find(|cloud| host.ends_with(cloud.facts().account_suffix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_exact_batch_scope() {
        let table = [
            (Cloud::Public, "https://batch.core.windows.net//.default"),
            (Cloud::UsGovernment, "https://batch.core.usgovcloudapi.net//.default"),
            (Cloud::China, "https://batch.chinacloudapi.cn//.default"),
        ];
        for (cloud, scope) in table {
            assert_eq!(cloud.batch_scope().as_str(), scope);
        }
    }

    #[test]
    fn a_cloud_is_known_by_its_hosts() {
        let account = |host| Cloud::of_account_host(host);
        assert_eq!(account("a.westus.batch.azure.com"), Some(Cloud::Public));
        assert_eq!(account("A.USGovVirginia.Batch.USGovCloudApi.net."), Some(Cloud::UsGovernment));
        assert_eq!(account("a.chinaeast2.batch.chinacloudapi.cn"), Some(Cloud::China));
        assert_eq!(account("batch.azure.com.evil.example"), None);
        assert_eq!(account("evilbatch.azure.com"), None);
        assert_eq!(Cloud::of_login_host("LOGIN.microsoftonline.us"), Some(Cloud::UsGovernment));
        assert_eq!(Cloud::of_login_host("localhost"), None);
    }
}
