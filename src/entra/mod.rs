//! OAuth 2.0 as Microsoft Entra ID speaks it: where to ask, how to ask, and what the answers mean.
//!
//! Follows "Microsoft identity platform and OAuth 2.0 client credentials flow" and RFC 6749. The
//! token URL is built directly from the authority: no instance discovery, which would add round
//! trips and ways to fail. Retries and deadlines are `http`'s; caching is `token`'s.

mod advice;
mod answer;
mod authority;
mod form;
mod refusal;

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use zeroize::Zeroize;

use crate::error::Result;
use crate::http::{MAX_TOKEN_ANSWER, Request, Transport, host_of};
use crate::runtime::Limits;
use crate::runtime::log::{Level, log};
use crate::token::{Issued, TenantId, TokenRequest};

pub(crate) use authority::Authority;
pub(crate) use form::{ClientId, TokenForm};

/// How long one try waits for Entra.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of Entra's token endpoint. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    authority: Authority,
    transport: Transport,
}

impl Client {
    pub(crate) fn new(authority: Authority, transport: Transport) -> Self {
        Self { authority, transport }
    }

    /// The tenant's token endpoint for this request: the audience of an assertion sent there.
    ///
    /// # Errors
    /// `Internal` where no URL can be built.
    pub(crate) fn endpoint(&self, tenant: &TenantId, request: &TokenRequest) -> Result<String> {
        self.authority.token_url(tenant, request.cloud).map(String::from)
    }

    /// Asks the tenant's token endpoint for the token that the form describes.
    ///
    /// # Errors
    /// `AuthenticationFailed` and `InteractionRequired` with Entra's code and the fix,
    /// `Throttled`, `Service` where Entra is out of order, `Protocol` for what is no answer of
    /// Entra, and those of the transport.
    pub(crate) async fn token(
        &self,
        tenant: &TenantId,
        form: TokenForm<'_>,
        request: &TokenRequest,
        limits: &Limits,
    ) -> Result<Issued> {
        let url = self.authority.token_url(tenant, request.cloud)?;
        let form = form.scope(&request.scope).claims(request.claims.as_ref());
        let host = host_of(&url);
        let mut answer = self
            .transport
            .send(
                &Request {
                    purpose: "the token request",
                    url,
                    headers: headers(&request.correlation_id),
                    form: Some(form.encoded()),
                    max_body: MAX_TOKEN_ANSWER,
                    patience: PATIENCE,
                },
                limits,
            )
            .await
            .map_err(|error| error.with_request_id(Some(request.correlation_id.clone())))?;
        if answer.status != 200 {
            let asked = refusal::Asked {
                host: &host,
                tenant,
                client: form.client(),
                correlation_id: &request.correlation_id,
            };
            let now_ms = self.transport.system().clock.unix_ms();
            let refused = refusal::read(&answer, &asked, now_ms, &|text: &str| form.mask(text));
            log(Level::Error, "entra", || refused.message().to_owned());
            return Err(refused);
        }
        let issued = answer::read(&answer, &*self.transport.system().clock);
        // It holds the token once more.
        answer.body.zeroize();
        let issued = issued.map_err(|error| error.with_request_id(Some(request.correlation_id.clone())))?;
        log(Level::Info, "entra", || {
            let (scope, until) = (request.scope.as_str(), issued.expires_on);
            let (tenant, id) = (tenant.as_str(), &request.correlation_id);
            format!("token for {scope} from {host}, tenant {tenant}, until {until}, request {id}")
        });
        Ok(issued)
    }
}

/// The same correlation id goes with every try, so that Entra's logs show them as one request.
fn headers(correlation_id: &str) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![(ACCEPT, HeaderValue::from_static("application/json"))];
    if let Ok(id) = HeaderValue::from_str(correlation_id) {
        headers.push((HeaderName::from_static("client-request-id"), id));
        let echo = HeaderValue::from_static("true");
        headers.push((HeaderName::from_static("return-client-request-id"), echo));
    }
    headers
}
