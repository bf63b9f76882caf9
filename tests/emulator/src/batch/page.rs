//! One page of a list of jobs: which jobs, their text, and the link to the next page.
//!
//! Learn: "Jobs - List Jobs"; `odata.nextLink` as recorded: absolute, on the host the client used,
//! with the continuation token unencoded. A page that ends the list has no link at all.

use std::ops::Range;

use crate::{
    batch::{
        continuation::{Continuations, EmptyPages, Position},
        error::BatchError,
        job::Fields,
        layout::Layout,
        query::{ListQuery, repeated},
        store::Store,
    },
    faults::{Fault, NextLink},
    message::Received,
};

/// A list, and one request for a page of it.
pub(crate) struct PageRequest<'a> {
    pub(crate) store: &'a Store,
    /// The positions that belong to the list.
    pub(crate) range: Range<usize>,
    pub(crate) query: &'a ListQuery,
    pub(crate) request: &'a Received,
    pub(crate) account: &'a str,
    pub(crate) continuations: &'a Continuations,
    pub(crate) now_s: i64,
    pub(crate) fault: Option<&'a Fault>,
}

/// The `odata.nextLink` member.
enum Link {
    None,
    Null,
    To(String),
}

impl PageRequest<'_> {
    /// The page's body.
    pub(crate) fn body(&self) -> Result<Vec<u8>, BatchError> {
        let position = self.position()?;
        if let Some(left) = self.empty_page(position.empty_pages) {
            let next = Position { next: position.next, empty_pages: left };
            return Ok(self.write(&[], self.link(Some(next))));
        }
        let (shown, next) = self.matches(position.next);
        let next = next.map(|next| Position { next, empty_pages: EmptyPages::NONE });
        Ok(self.write(&shown, self.link(next)))
    }

    /// Where the page starts: at the continuation token, else at the start of the list.
    fn position(&self) -> Result<Position, BatchError> {
        let Some(token) = &self.query.skip_token else {
            return Ok(Position { next: self.range.start, empty_pages: EmptyPages::NONE });
        };
        self.continuations
            .read(token, &self.bound_to(), self.now_s)
            .map_err(|reason| BatchError::invalid_query_parameter("$skiptoken", token, reason))
    }

    /// What a continuation token may be used for: this list, in this version, with this filter.
    fn bound_to(&self) -> String {
        let ListQuery { version, filter_text, .. } = self.query;
        format!("{}\n{}\n{version}\n{filter_text}", self.account, self.request.path)
    }

    /// Whether this page stays empty for a fault's sake, and what is left of it for the next ones.
    fn empty_page(&self, carried: EmptyPages) -> Option<EmptyPages> {
        let empty_pages = match (carried, self.fault) {
            (EmptyPages::NONE, Some(Fault::EmptyPages { count: 0 })) => EmptyPages::Endless,
            (EmptyPages::NONE, Some(Fault::EmptyPages { count })) => EmptyPages::Left(*count),
            (carried, _) => carried,
        };
        match empty_pages {
            EmptyPages::Left(0) => None,
            EmptyPages::Left(pages) => Some(EmptyPages::Left(pages - 1)),
            EmptyPages::Endless => Some(EmptyPages::Endless),
        }
    }

    /// The positions on the page that starts at `first`, and where the next page starts.
    fn matches(&self, first: usize) -> (Vec<usize>, Option<usize>) {
        let passes = |position: &usize| {
            let filter = self.query.filter.as_ref();
            filter.is_none_or(|filter| filter.passes(self.store.job(*position)))
        };
        let mut matching = (first..self.range.end).filter(passes);
        let shown = matching.by_ref().take(self.query.max_results).collect();
        (shown, matching.next())
    }

    fn link(&self, next: Option<Position>) -> Link {
        let Some(Fault::NextLink { mode, value }) = self.fault else {
            return next.map_or(Link::None, |next| Link::To(self.link_to(next)));
        };
        // A last page gets a link too: to the empty page behind it.
        let behind = Position { next: self.range.end, empty_pages: EmptyPages::NONE };
        let link = self.link_to(next.unwrap_or(behind));
        let host = self.request.host();
        let rest = link.strip_prefix(&format!("https://{host}")).unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        Link::To(match mode {
            NextLink::Null => return Link::Null,
            NextLink::Empty => String::new(),
            NextLink::OtherHost => format!("https://evil.example{rest}"),
            NextLink::OtherPort => format!("https://{name}:1{rest}"),
            NextLink::Http => format!("http://{host}{rest}"),
            NextLink::Userinfo => format!("https://user@{host}{rest}"),
            NextLink::Relative => rest.to_owned(),
            NextLink::UpperCaseHost => format!("https://{}{rest}", host.to_ascii_uppercase()),
            NextLink::Loop => {
                format!("https://{host}{}?{}", self.request.path, self.request.query)
            }
            NextLink::Literal => value.clone().unwrap_or_default(),
        })
    }

    fn link_to(&self, next: Position) -> String {
        let token = self.continuations.write(next, &self.bound_to(), self.now_s);
        let (host, path) = (self.request.host(), &self.request.path);
        format!("https://{host}{path}?{}$skiptoken={token}", repeated(self.request))
    }

    fn write(&self, shown: &[usize], link: Link) -> Vec<u8> {
        let host = self.request.host();
        let is_prepared = self.query.fields == Fields::DEFAULT;
        let mut out = Vec::with_capacity(if is_prepared { 1400 * shown.len() + 1024 } else { 1024 });
        Layout::new(&mut out, 0).object(|page| {
            page.text("odata.metadata", &format!("https://{host}/$metadata#jobs"));
            page.array_member("value", |value| {
                for position in shown {
                    if is_prepared {
                        let (before, after) = self.store.text(*position);
                        value.prepared_element([before, host.as_bytes(), after]);
                    } else {
                        value.element_of(|element| {
                            self.store.job(*position).write(element, self.query.fields, host);
                        });
                    }
                }
            });
            match link {
                Link::None => {}
                Link::Null => page.plain("odata.nextLink", "null"),
                Link::To(link) => page.text("odata.nextLink", &link),
            }
        });
        out
    }
}
