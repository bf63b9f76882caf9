//! A listing under way: jobs one by one, pages asked for as they are needed, one ahead.
//!
//! Pages are fetched on the library's own thread. While one is read the next is on its way; at no
//! time are there more than two. An error takes nothing from the jobs before it, and the next call
//! asks for the same page again.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::client::{Client, Fetched};
use super::link;
use super::page::Page;
use super::{Job, ListOptions};
use crate::error::{Error, Result, Status};
use crate::runtime::{Limits, Task};
use crate::token::{Ask, Claims};

/// So many pages without a job, one after the other, are a service gone wrong. Long scans under a
/// filter do give empty pages.
const MAX_EMPTY_PAGES: u32 = 1000;

/// What a call says of the pages it makes necessary.
#[derive(Clone, Debug)]
pub(crate) struct PageCall {
    pub(crate) ask: Ask,
    pub(crate) limits: Limits,
    /// How long a page may take on the library's own thread, whoever waits for it.
    pub(crate) page_timeout: Duration,
}

/// What a listing has for its caller.
#[derive(Debug)]
pub enum Step {
    /// A job.
    Job(Job),
    /// There are no more.
    Done,
    /// The next job is not here yet, and the caller asked for no I/O.
    Pending,
}

/// A listing. It belongs to one caller at a time.
pub(crate) struct Jobs {
    client: Client,
    page: Option<Arc<Page>>,
    taken: usize,
    next: Next,
    ahead: Option<Ahead>,
    /// Claims that the service asked for on an earlier page.
    claims: Option<Claims>,
    /// Hashes of the links followed, to notice a circle.
    followed: HashSet<u64>,
    hasher: RandomState,
    empty_pages: u32,
    left: Option<u64>,
}

/// A page on its way.
struct Ahead {
    page: Task<Fetched>,
    /// Its id in the service's logs, for a caller that gives up waiting.
    correlation_id: String,
}

/// Where the page after this one is.
enum Next {
    At(Url),
    End,
    /// The service named a place that is not gone to.
    Refused(Error),
}

impl Jobs {
    /// A listing that has not begun: no I/O.
    pub(crate) fn new(client: Client, options: &ListOptions) -> Result<Self> {
        let first = options.first_url(&client.account)?;
        let mut jobs = Self {
            client,
            page: None,
            taken: 0,
            next: Next::End,
            ahead: None,
            claims: None,
            followed: HashSet::new(),
            hasher: RandomState::new(),
            empty_pages: 0,
            left: (options.max_items > 0).then_some(options.max_items),
        };
        jobs.followed.insert(jobs.hasher.hash_one(first.as_str()));
        jobs.next = Next::At(first);
        Ok(jobs)
    }

    /// The next job, within the call's limits.
    pub(crate) async fn step(&mut self, call: &PageCall) -> Result<Step> {
        call.limits.check("listing jobs")?;
        loop {
            if self.left == Some(0) {
                self.ahead = None;
                return Ok(Step::Done);
            }
            if let Some(job) = self.page.as_ref().and_then(|page| Job::at(page, self.taken)) {
                self.taken += 1;
                self.left = self.left.map(|left| left - 1);
                return Ok(Step::Job(job));
            }
            match &self.next {
                Next::End => return Ok(Step::Done),
                Next::Refused(error) => return Err(error.clone()),
                Next::At(_) if call.ask.no_io && !self.is_here() => return Ok(Step::Pending),
                Next::At(_) => self.turn_page(call).await?,
            }
        }
    }

    /// The URL of the page after the one in hand; `None` at the end. [`ListOptions::continuation`]
    /// takes it, also in another process.
    #[must_use]
    pub(crate) fn continuation(&self) -> Option<&str> {
        match &self.next {
            Next::At(url) => Some(url.as_str()),
            Next::End | Next::Refused(_) => None,
        }
    }

    /// Whether the next page has arrived.
    fn is_here(&self) -> bool {
        self.ahead.as_ref().is_some_and(|ahead| ahead.page.is_finished())
    }

    /// Waits for the next page and puts it in the place of the one that has been read.
    async fn turn_page(&mut self, call: &PageCall) -> Result<()> {
        self.fetch_ahead(call)?;
        let Some(ahead) = self.ahead.as_mut() else { return Ok(()) };
        let waiting = format!("waiting for a page of jobs from {}", self.client.account.host());
        let mut ended = false;
        let fetched = call
            .limits
            .run(&waiting, async {
                let result = ahead.page.join().await;
                ended = true;
                result
            })
            .await;
        // Only who gave up needs it: an ending knows by itself whether anything was sent.
        let id = (!ended).then(|| ahead.correlation_id.clone());
        if ended {
            self.ahead = None;
        }
        let Fetched { page, claims } = fetched.map_err(|error| error.with_request_id(id))?;
        self.claims = claims;
        self.empty_pages = if page.len() == 0 { self.empty_pages + 1 } else { 0 };
        self.next = self.after(&page);
        self.page = Some(Arc::new(page));
        self.taken = 0;
        let in_hand = self.page.as_ref().map_or(0, |page| page.len());
        let enough = self.left.is_some_and(|left| left <= u64::try_from(in_hand).unwrap_or(u64::MAX));
        if in_hand > 0 && !enough {
            self.fetch_ahead(call)?;
        }
        Ok(())
    }

    /// Begins to fetch the next page, if there is one and that has not been done.
    fn fetch_ahead(&mut self, call: &PageCall) -> Result<()> {
        let (Next::At(url), None) = (&self.next, &self.ahead) else { return Ok(()) };
        let (client, url) = (self.client.clone(), url.clone());
        let mut ask = Ask { no_io: false, ..call.ask.clone() };
        ask.claims = ask.claims.or_else(|| self.claims.clone());
        let correlation_id = ask.correlation_id.take().unwrap_or_else(|| client.new_id());
        let limits = call.limits.begun_anew(call.page_timeout);
        let id = correlation_id.clone();
        let page = Task::start(async move { client.page(url, ask, &id, &limits).await })?;
        self.ahead = Some(Ahead { page, correlation_id });
        Ok(())
    }

    /// Where the page after `page` is, or why it is not gone to.
    fn after(&mut self, page: &Page) -> Next {
        let Some(link) = page.next_link() else { return Next::End };
        let url = match link::follow(&self.client.account, link) {
            Ok(url) => url,
            Err(why) => {
                return Next::Refused(self.distrust(&format!("the next link leaves the account: {why}")));
            }
        };
        if !self.followed.insert(self.hasher.hash_one(url.as_str())) {
            return Next::Refused(self.distrust("the next link leads in a circle"));
        }
        if self.empty_pages >= MAX_EMPTY_PAGES {
            let why = format!("{MAX_EMPTY_PAGES} pages in a row hold no job");
            return Next::Refused(self.distrust(&why));
        }
        Next::At(url)
    }

    fn distrust(&self, why: &str) -> Error {
        let host = self.client.account.host();
        Error::new(Status::Protocol, format!("listing jobs at {host}: {why}")).with_help(
            "The jobs so far are good, the rest cannot be had: check account_url and look for a proxy that \
             rewrites answers.",
        )
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("account", &self.client.account.host()).finish_non_exhaustive()
    }
}
