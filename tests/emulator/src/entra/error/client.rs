//! Refusals of an application: unknown, disabled, without a credential, with a wrong secret.

use super::Refusal;

impl Refusal {
    pub(crate) fn unknown_app(client_id: &str, tenant: &str) -> Self {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. \
             This can happen if the application has not been installed by the administrator of \
             the tenant or consented to by any user in the tenant. You may have sent your \
             authentication request to the wrong tenant."
        );
        Self::bad_request(700_016, "unauthorized_client", text)
    }

    pub(crate) fn disabled_app(client_id: &str, name: &str) -> Self {
        let text = format!("Application '{client_id}'({name}) is disabled.");
        Self::bad_request(7_000_112, "unauthorized_client", text)
    }

    pub(crate) fn missing_secret() -> Self {
        let text = "'client_assertion', 'client_secret' or 'request' is required for the \
                    'client_credentials' grant type.";
        Self::invalid_client(7_000_216, text.to_owned())
    }

    pub(crate) fn wrong_secret(client_id: &str) -> Self {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, not the client secret ID, for a secret added to app \
             '{client_id}'."
        );
        Self::invalid_client(7_000_215, text)
    }

    pub(crate) fn expired_secret(client_id: &str) -> Self {
        let text = format!(
            "The provided client secret keys for app '{client_id}' are expired. Visit the Azure \
             portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider \
             using certificate credentials for added security: https://aka.ms/certCreds."
        );
        Self::invalid_client(7_000_222, text)
    }
}
