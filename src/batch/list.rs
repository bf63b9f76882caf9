//! What to list: the options of "Jobs - List Jobs", and the first page's URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::AccountUrl;
use super::link;
use crate::error::{Error, Result};

/// The version of the service that is asked for by default.
pub(crate) const API_VERSION: &str = "2025-06-01";
/// The largest page the service gives.
const MAX_RESULTS: u32 = 1000;

/// Everything but RFC 3986's unreserved characters: blanks as %20, never `+`.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which jobs to list and how. Empty texts count as absent.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ListOptions {
    /// Jobs a page, 1 to 1000; 0 leaves it to the service.
    pub max_results: u32,
    /// Jobs in all; 0 for no limit.
    pub max_items: u64,
    /// Seconds that the service may take for a page; 0 leaves it to the service.
    pub server_timeout_s: u32,
    /// An OData filter, sent as it is.
    pub filter: Option<String>,
    /// Properties to return, joined by commas.
    pub select: Option<String>,
    /// Properties to expand: `stats`.
    pub expand: Option<String>,
    /// Only the jobs of this schedule.
    pub job_schedule_id: Option<String>,
    /// The service's version.
    pub api_version: Option<String>,
    /// The page to begin with, from `Listing::continuation`. It carries its own filter,
    /// selection and page size; those above are then not sent.
    pub continuation: Option<String>,
}

impl ListOptions {
    /// Checks the options and builds the first page's URL.
    pub(super) fn first_url(&self, account: &AccountUrl) -> Result<Url> {
        if self.max_results > MAX_RESULTS {
            let rule = "must be 0 (the service's default) to 1000";
            return Err(Error::invalid("max_results", rule, &self.max_results.to_string()));
        }
        if let Some(link) = given(self.continuation.as_ref()) {
            return link::follow(account, link).map_err(|why| {
                Error::invalid("continuation", &format!("is not of this account: {why}"), link)
                    .with_help("Pass what batch_jobs_continuation returned for the same account.")
            });
        }
        let mut url = account.url().clone();
        match given(self.job_schedule_id.as_ref()) {
            Some(id) => url.set_path(&format!("/jobschedules/{}/jobs", segment(id)?)),
            None => url.set_path("/jobs"),
        }
        url.set_query(Some(&self.query()?));
        Ok(url)
    }

    fn query(&self) -> Result<String> {
        let version = given(self.api_version.as_ref()).unwrap_or(API_VERSION);
        let number = |number: u32| (number > 0).then(|| number.to_string());
        let (max_results, timeout) = (number(self.max_results), number(self.server_timeout_s));
        let fields = [
            ("api-version", "api_version", Some(version)),
            ("$filter", "filter", given(self.filter.as_ref())),
            ("$select", "select", given(self.select.as_ref())),
            ("$expand", "expand", given(self.expand.as_ref())),
            ("maxresults", "max_results", max_results.as_deref()),
            ("timeOut", "server_timeout_s", timeout.as_deref()),
        ];
        let mut query = String::new();
        for (name, argument, value) in fields {
            let Some(value) = value else { continue };
            if value.chars().any(char::is_control) {
                return Err(Error::invalid(argument, "must not hold control characters", value));
            }
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            query.extend(utf8_percent_encode(value, VALUE));
        }
        Ok(query)
    }
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// An id as one segment of a path. A URL would read `.` and `..` as steps, encoded or not.
fn segment(id: &str) -> Result<String> {
    if id == "." || id == ".." || id.chars().any(char::is_control) {
        return Err(Error::invalid("job_schedule_id", "must be the id of a job schedule", id));
    }
    Ok(utf8_percent_encode(id, VALUE).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(options: &ListOptions) -> Result<String> {
        let account = AccountUrl::parse("https://a.westus.batch.azure.com").unwrap();
        options.first_url(&account).map(String::from)
    }

    #[test]
    fn only_what_was_given_is_sent_and_the_version_always() {
        let options = ListOptions { filter: Some(String::new()), ..ListOptions::default() };
        let expected = "https://a.westus.batch.azure.com/jobs?api-version=2025-06-01";
        assert_eq!(url(&options).unwrap(), expected);
    }

    #[test]
    fn values_are_encoded_once_with_blanks_as_percent_20() {
        let options = ListOptions {
            max_results: 1000,
            server_timeout_s: 30,
            filter: Some("state eq 'a&b#c+d%e' ü".into()),
            select: Some("id,state".into()),
            expand: Some("stats".into()),
            job_schedule_id: Some("night ly:/1".into()),
            api_version: Some("2024-07-01.20.0".into()),
            ..ListOptions::default()
        };
        assert_eq!(
            url(&options).unwrap(),
            "https://a.westus.batch.azure.com/jobschedules/night%20ly%3A%2F1/jobs?api-version=2024-07-01.20.0\
             &$filter=state%20eq%20%27a%26b%23c%2Bd%25e%27%20%C3%BC&$select=id%2Cstate&$expand=stats\
             &maxresults=1000&timeOut=30"
        );
    }

    #[test]
    fn page_sizes_end_at_1000() {
        let sized = |max_results| url(&ListOptions { max_results, ..ListOptions::default() });
        assert!(sized(1000).is_ok());
        assert!(sized(1001).is_err());
    }

    #[test]
    fn an_id_cannot_step_out_of_its_place() {
        for bad in [".", "..", "a\nb"] {
            let options = ListOptions { job_schedule_id: Some(bad.into()), ..ListOptions::default() };
            assert!(url(&options).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_continuation_is_followed_as_it_is_and_only_on_its_account() {
        let link =
            "https://a.westus.batch.azure.com/jobs?api-version=2024-07-01.20.0&$skiptoken=WATV2:a^b=:1$1";
        let options = ListOptions {
            continuation: Some(link.into()),
            filter: Some("id eq 'x'".into()),
            ..ListOptions::default()
        };
        assert_eq!(url(&options).unwrap(), link);
        let foreign =
            ListOptions { continuation: Some("https://evil.example/".into()), ..ListOptions::default() };
        assert!(url(&foreign).is_err());
    }
}
