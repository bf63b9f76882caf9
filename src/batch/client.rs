//! One page from the service: token, request, and one second try with a better token.
//!
//! A 401 with a claims challenge is met once with those claims, one without by a single forced
//! renewal of the token.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::page::Page;
use super::refusal::PURPOSE;
use super::{AccountUrl, challenge, refusal};
use crate::error::{Error, Result, Status};
use crate::http::{Answer, MAX_PAGE, Request, Transport};
use crate::runtime::Limits;
use crate::runtime::log::{Level, log};
use crate::token::{Ask, Claims, Freshness, Token, TokenSource};

/// Beyond what the service may take for its answer: the way there and back.
const TRAVEL: Duration = Duration::from_secs(30);
/// What the service takes at most where the caller says nothing.
const SERVER_TIMEOUT: Duration = Duration::from_secs(30);

/// A client of one account.
#[derive(Clone)]
pub(crate) struct Client {
    pub(super) account: AccountUrl,
    source: Arc<dyn TokenSource>,
    transport: Transport,
    patience: Duration,
}

/// A page, and the claims that the token for it had to hold.
pub(super) struct Fetched {
    pub(super) page: Page,
    pub(super) claims: Option<Claims>,
}

impl Client {
    pub(crate) fn new(
        account: AccountUrl,
        source: Arc<dyn TokenSource>,
        transport: Transport,
        server_timeout_s: u32,
    ) -> Self {
        let server = match server_timeout_s {
            0 => SERVER_TIMEOUT,
            seconds => Duration::from_secs(u64::from(seconds)).min(SERVER_TIMEOUT),
        };
        Self { account, source, transport, patience: server + TRAVEL }
    }

    /// Fetches and reads the page at `url`; `id` is that of the request in the service's logs.
    pub(super) async fn page(&self, url: Url, mut ask: Ask, id: &str, limits: &Limits) -> Result<Fetched> {
        ask.cloud = self.account.cloud();
        ask.correlation_id = Some(id.to_owned());
        let token = self.token(&ask, limits).await?;
        let mut answer = self.send(&url, &token, id, limits).await?;
        let mut sent = Arc::clone(&token);
        if answer.status == 401 {
            match challenge::claims(&answer.headers) {
                Some(claims) => {
                    ask.claims = Some(claims);
                    ask.freshness = Freshness::New;
                }
                None => ask.freshness = Freshness::NotThis(token),
            }
            log(Level::Warn, "batch", || {
                "the service answered 401: asking once more with a new token".to_owned()
            });
            sent = self.token(&ask, limits).await?;
            answer = self.send(&url, &sent, id, limits).await?;
        }
        let page = self.read(answer, &sent, id)?;
        Ok(Fetched { page, claims: ask.claims })
    }

    /// An id for a page whose caller gave none.
    pub(super) fn new_id(&self) -> String {
        self.transport.system().uuid()
    }

    async fn token(&self, ask: &Ask, limits: &Limits) -> Result<Arc<Token>> {
        let token = self.source.token(ask, limits).await?;
        token
            .ok_or_else(|| Error::new(Status::Internal, "a token was withheld that may wait for the network"))
    }

    async fn send(&self, url: &Url, token: &Token, id: &str, limits: &Limits) -> Result<Answer> {
        let request = Request {
            purpose: PURPOSE,
            url: url.clone(),
            headers: headers(token, id)?,
            form: None,
            max_body: MAX_PAGE,
            patience: self.patience,
        };
        let answer = self.transport.send(&request, limits).await;
        answer.map_err(|error| error.with_request_id(Some(id.to_owned())))
    }

    fn read(&self, answer: Answer, token: &Token, id: &str) -> Result<Page> {
        if answer.status != 200 {
            let now_ms = self.transport.system().clock.unix_ms();
            let mask = |text: &str| text.replace(token.value().expose(), "***");
            let refused = refusal::read(&answer, &self.account, now_ms, &mask);
            let error = refused.with_request_id(Some(id.to_owned()));
            log(Level::Error, "batch", || error.message().to_owned());
            return Err(error);
        }
        if answer.is_html() {
            return Err(answer.not_understood(PURPOSE, "a web page").with_request_id(Some(id.to_owned())));
        }
        let mask = |text: &str| text.replace(token.value().expose(), "***");
        let request_id = answer.header("request-id").map_or_else(|| id.to_owned(), mask);
        let Answer { status, headers, body, host } = answer;
        let page = Page::read(body).map_err(|why| {
            let answer = Answer { status, headers, body: Vec::new(), host };
            answer.not_understood(PURPOSE, &why).with_request_id(Some(request_id))
        })?;
        log(Level::Info, "batch", || {
            format!("{} jobs from {}, request {id}", page.len(), self.account.host())
        });
        Ok(page)
    }
}

fn headers(token: &Token, id: &str) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let bearer = Zeroizing::new(format!("Bearer {}", token.value().expose()));
    let unsendable = |what: &str| Error::new(Status::Internal, format!("{what} cannot be sent in a header"));
    let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| unsendable("the token"))?;
    authorization.set_sensitive(true);
    let id = HeaderValue::from_str(id).map_err(|_| unsendable("the correlation id"))?;
    Ok(vec![
        (AUTHORIZATION, authorization),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("client-request-id"), id),
        (HeaderName::from_static("return-client-request-id"), HeaderValue::from_static("true")),
    ])
}
