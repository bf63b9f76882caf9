//! The body of a token request: `application/x-www-form-urlencoded`, built in wiped memory.

use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::token::{Claims, Scope};

/// An application's id, as Entra knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientId(String);

impl ClientId {
    /// Checks an application id. Entra's are GUIDs, AD FS takes any name.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let printable = text.chars().all(|character| !character.is_control());
        if text.trim().is_empty() || text.len() > 256 || !printable {
            let rule = "must be the application (client) id";
            return Err(Error::invalid("client_id", rule, text)
                .with_help("Find it in the Azure portal: App registrations > your app > Overview."));
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The fields of one token request.
pub(crate) struct TokenForm<'a> {
    client: &'a ClientId,
    fields: Vec<(&'static str, &'a str)>,
    secrets: Vec<&'a Secret>,
    scope: String,
    claims: Option<String>,
}

impl<'a> TokenForm<'a> {
    /// RFC 6749, 4.4: an application asks in its own name.
    pub(crate) fn client_credentials(client: &'a ClientId) -> Self {
        Self {
            client,
            fields: vec![("grant_type", "client_credentials"), ("client_id", client.as_str())],
            secrets: Vec::new(),
            scope: String::new(),
            claims: None,
        }
    }

    /// RFC 7523, 2.1, as Entra's on-behalf-of flow has it: a service asks in a user's name.
    pub(crate) fn on_behalf_of(client: &'a ClientId, user_assertion: &'a Secret) -> Self {
        Self {
            client,
            fields: vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("requested_token_use", "on_behalf_of"),
                ("client_id", client.as_str()),
                ("assertion", user_assertion.expose()),
            ],
            secrets: vec![user_assertion],
            scope: String::new(),
            claims: None,
        }
    }

    /// With an assertion in the place of a secret (RFC 7523, 2.2).
    pub(crate) fn assertion(mut self, assertion: &'a Secret) -> Self {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        self.fields.push(("client_assertion_type", kind));
        self.fields.push(("client_assertion", assertion.expose()));
        self.secrets.push(assertion);
        self
    }

    /// With the application's secret, in the body and never in a header.
    pub(crate) fn secret(mut self, secret: &'a Secret) -> Self {
        self.fields.push(("client_secret", secret.expose()));
        self.secrets.push(secret);
        self
    }

    pub(super) fn scope(mut self, scope: &Scope) -> Self {
        scope.as_str().clone_into(&mut self.scope);
        self
    }

    pub(super) fn claims(mut self, claims: Option<&Claims>) -> Self {
        self.claims = claims.map(|claims| claims.as_str().to_owned());
        self
    }

    pub(super) fn client(&self) -> &str {
        self.client.as_str()
    }

    /// As it is sent. The buffer is made large enough at once: a growing one would leave copies
    /// of the secret behind.
    pub(super) fn encoded(&self) -> Zeroizing<String> {
        let all = || {
            let scope = ("scope", self.scope.as_str());
            let claims = self.claims.as_deref().map(|claims| ("claims", claims));
            self.fields.iter().copied().chain([scope]).chain(claims)
        };
        let longest = all().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
        let mut body = Zeroizing::new(String::with_capacity(longest));
        for (name, value) in all() {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(name);
            body.push('=');
            body.extend(byte_serialize(value.as_bytes()));
        }
        body
    }

    /// A text of the server's, without any secret of this form that it may echo.
    pub(super) fn mask(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| {
            let encoded: String = byte_serialize(secret.expose().as_bytes()).collect();
            text.replace(secret.expose(), "***").replace(&encoded, "***")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_holds_exactly_the_documented_fields_and_secrets_are_encoded() {
        let client = ClientId::parse("app-1").unwrap();
        let secret = Secret::new("a~+&=% ü").unwrap();
        let scope = Scope::parse("https://batch.core.windows.net//.default").unwrap();
        let form = TokenForm::client_credentials(&client).secret(&secret).scope(&scope);
        assert_eq!(
            form.encoded().as_str(),
            "grant_type=client_credentials&client_id=app-1&client_secret=a%7E%2B%26%3D%25+%C3%BC\
             &scope=https%3A%2F%2Fbatch.core.windows.net%2F%2F.default"
        );
    }

    #[test]
    fn a_secret_that_the_server_echoes_is_masked() {
        let client = ClientId::parse("app-1").unwrap();
        let secret = Secret::new("planted-secret").unwrap();
        let form = TokenForm::client_credentials(&client).secret(&secret);
        assert_eq!(form.mask("wrong: planted-secret!"), "wrong: ***!");
    }

    #[test]
    fn an_empty_or_unprintable_client_id_is_refused() {
        for bad in ["", "  ", "a\nb"] {
            assert!(ClientId::parse(bad).is_err());
        }
    }
}
