//! Tenants: how one is written, and which one a request may go to.

use crate::error::{Error, Result, Status, shown};

/// A tenant's id (a GUID) or one of its domains. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TenantId(String);

impl TenantId {
    /// Checks a tenant. ASCII letters, digits, `-` and `.` only: it becomes part of a URL.
    ///
    /// # Errors
    /// `InvalidArgument` otherwise.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        let dots = text.bytes().all(|byte| byte == b'.');
        if dots || text.len() > 253 || !text.bytes().all(allowed) {
            let rule = "must be a tenant's id or domain (ASCII letters, digits, '-' and '.')";
            return Err(Error::invalid("tenant_id", rule, text)
                .with_help("Find it in the Azure portal: Microsoft Entra ID > Overview > Tenant ID."));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// In lower case.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this names no tenant but an endpoint that all share.
    pub(crate) fn is_shared_endpoint(&self) -> bool {
        matches!(self.as_str(), "common" | "organizations" | "consumers")
    }

    /// Whether this stands for AD FS, which has no tenants.
    pub(crate) fn is_adfs(&self) -> bool {
        self.as_str() == "adfs"
    }
}

/// Which tenants a credential may ask for tokens beside its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct TenantRule {
    any: bool,
    allowed: Vec<TenantId>,
    /// AZURE_IDENTITY_DISABLE_MULTITENANTAUTH: the own tenant whatever is asked for.
    own_only: bool,
}

impl TenantRule {
    /// From ids joined by `;`, or `*` for any.
    pub(crate) fn parse(list: Option<&str>, own_only: bool) -> Result<Self> {
        let mut rule = Self { own_only, ..Self::default() };
        for entry in list.unwrap_or_default().split(';').map(str::trim) {
            match entry {
                "" => {}
                "*" => rule.any = true,
                id => rule.allowed.push(TenantId::parse(id).map_err(|_| {
                    let rule = "must hold tenant ids joined by ';', or '*'";
                    Error::invalid("additionally_allowed_tenants", rule, id)
                })?),
            }
        }
        Ok(rule)
    }

    /// The tenant to sign in to, as the Azure Identity libraries choose it.
    pub(crate) fn resolve(
        &self,
        own: Option<&TenantId>,
        asked: Option<&TenantId>,
    ) -> Result<Option<TenantId>> {
        let Some(asked) = asked else { return Ok(own.cloned()) };
        let Some(own) = own else { return Ok(Some(asked.clone())) };
        if own == asked || own.is_adfs() || self.own_only {
            return Ok(Some(own.clone()));
        }
        let home_is_any = own.as_str() == "organizations" && self.allowed.is_empty();
        if self.any || self.allowed.contains(asked) || home_is_any {
            return Ok(Some(asked.clone()));
        }
        Err(Error::new(
            Status::AuthenticationFailed,
            format!("this credential may not ask for tokens of tenant {}", shown(asked.as_str())),
        )
        .with_help("Add the tenant to additionally_allowed_tenants, or allow any with \"*\"."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> TenantId {
        TenantId::parse(text).unwrap()
    }

    #[test]
    fn a_tenant_that_could_change_the_url_is_refused() {
        for bad in ["", ".", "..", "a/b", "a?b", "a#b", "a b", "a'b", "é", "a\n", "%2e"] {
            assert!(TenantId::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(id("Contoso.Example").as_str(), "contoso.example");
    }

    #[test]
    fn a_request_goes_to_another_tenant_only_where_that_is_allowed() {
        // own, allowed, asked, expected (None: refused)
        let table = [
            ("a", "", None, Some("a")),
            ("a", "", Some("A"), Some("a")),
            ("a", "", Some("b"), None),
            ("a", "b;c", Some("B"), Some("b")),
            ("a", "b;c", Some("d"), None),
            ("a", "*", Some("d"), Some("d")),
            ("adfs", "", Some("b"), Some("adfs")),
            ("organizations", "", Some("b"), Some("b")),
            ("organizations", "c", Some("b"), None),
        ];
        for (own, allowed, asked, expected) in table {
            let rule = TenantRule::parse(Some(allowed), false).unwrap();
            let got = rule.resolve(Some(&id(own)), asked.map(id).as_ref());
            let got = got.ok().flatten();
            assert_eq!(got.as_ref().map(TenantId::as_str), expected, "{own} {allowed} {asked:?}");
        }
    }

    #[test]
    fn the_environment_can_hold_a_credential_to_its_own_tenant() {
        let rule = TenantRule::parse(Some("*"), true).unwrap();
        let got = rule.resolve(Some(&id("a")), Some(&id("b"))).unwrap();
        assert_eq!(got, Some(id("a")));
    }

    #[test]
    fn a_bad_list_of_tenants_is_refused() {
        assert!(TenantRule::parse(Some("a;b/c"), false).is_err());
    }
}
