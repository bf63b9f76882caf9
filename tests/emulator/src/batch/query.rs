//! The query of a list request: which parameters there are and what they may hold.
//!
//! Learn: "Jobs - List Jobs", URI parameters. Names are compared without case, as old and new SDKs
//! write `timeout` and `timeOut`; a parameter that is unknown or comes twice is refused.

use crate::{
    batch::{
        error::BatchError,
        filter::{ParsedFilter, Scope},
        job::Fields,
    },
    message::Received,
};

/// Versions that answer today.
const VERSIONS: [&str; 16] = [
    "2018-12-01.8.0",
    "2019-06-01.9.0",
    "2019-08-01.10.0",
    "2020-03-01.11.0",
    "2020-09-01.12.0",
    "2021-06-01.14.0",
    "2022-01-01.15.0",
    "2022-10-01.16.0",
    "2023-05-01.17.0",
    "2023-11-01.18.0",
    "2024-02-01.19.0",
    "2024-07-01.20.0",
    "2025-06-01",
    "2026-10-01",
    // Versions between two releases of the documentation, still sent by old clients.
    "2018-03-01.6.1",
    "2018-08-01.7.0",
];

/// Versions that were taken out of service.
const RETIRED: [&str; 11] = [
    "2014-10-01.1.0",
    "2015-03-01.1.1",
    "2015-06-01.2.0",
    "2015-11-01.2.1",
    "2015-12-01.2.2",
    "2016-02-01.3.0",
    "2016-07-01.3.1",
    "2017-01-01.4.0",
    "2017-05-01.5.0",
    "2017-06-01.5.1",
    "2017-09-01.6.0",
];

const MAX_RESULTS: i32 = 1000;

/// Parameters in the order in which a next link repeats them, with what they were in the request.
const REPEATED: [&str; 5] = ["api-version", "$filter", "$select", "$expand", "maxresults"];

/// A list request that was understood.
#[derive(Debug, Clone)]
pub(crate) struct ListQuery {
    pub(crate) version: String,
    pub(crate) filter: Option<ParsedFilter>,
    /// The filter's text, to which a continuation token is bound.
    pub(crate) filter_text: String,
    pub(crate) fields: Fields,
    pub(crate) max_results: usize,
    pub(crate) skip_token: Option<String>,
}

/// The `api-version`, which is looked at before anything else.
pub(crate) fn version(request: &Received) -> Result<String, BatchError> {
    let version = request
        .query_pairs()
        .find(|(name, value)| name.eq_ignore_ascii_case("api-version") && !value.is_empty())
        .map(|(_, value)| value.into_owned())
        .ok_or_else(|| BatchError::missing_query_parameter("api-version"))?;
    if RETIRED.contains(&version.as_str()) {
        return Err(BatchError::unsupported_version(&version));
    }
    if !VERSIONS.contains(&version.as_str()) {
        let reason = "the version is not known";
        return Err(BatchError::invalid_query_parameter("api-version", &version, reason));
    }
    Ok(version)
}

impl ListQuery {
    /// Reads the parameters of a list of jobs.
    pub(crate) fn parse(request: &Received, scope: Scope) -> Result<Self, BatchError> {
        let mut query = Self {
            version: version(request)?,
            filter: None,
            filter_text: String::new(),
            fields: Fields::DEFAULT,
            max_results: MAX_RESULTS as usize,
            skip_token: None,
        };
        let mut selected = None;
        let mut expands_stats = false;
        let mut seen = Vec::new();
        for (name, value) in request.query_pairs() {
            let lower = name.to_ascii_lowercase();
            if seen.contains(&lower) {
                let reason = "the parameter is specified more than once";
                return Err(BatchError::invalid_query_parameter(&name, &value, reason));
            }
            match lower.as_str() {
                "api-version" => {}
                "$filter" => {
                    let filter = ParsedFilter::parse(&value, scope);
                    query.filter = Some(filter.map_err(|invalid| invalid.error(&value))?);
                    query.filter_text = value.into_owned();
                }
                "$select" => {
                    selected = Some(Fields::parse(&value).map_err(|unknown| {
                        let reason = format!("the property '{unknown}' does not exist");
                        BatchError::invalid_query_parameter("$select", &value, &reason)
                    })?);
                }
                "$expand" if value == "stats" => expands_stats = true,
                "$expand" => {
                    let reason = "only stats can be expanded";
                    return Err(BatchError::invalid_query_parameter("$expand", &value, reason));
                }
                "maxresults" => {
                    query.max_results = in_range("maxresults", &value, MAX_RESULTS)? as usize;
                }
                // More than 30 is taken as 30, which no answer here needs.
                "timeout" => drop(in_range("timeOut", &value, i32::MAX)?),
                "$skiptoken" => query.skip_token = Some(value.into_owned()),
                _ => return Err(BatchError::unsupported_query_parameter(&name)),
            }
            seen.push(lower);
        }
        // With `$select`, statistics come only if they are named there.
        query.fields = match selected {
            Some(fields) => fields,
            None if expands_stats => Fields::DEFAULT.with("stats"),
            None => Fields::DEFAULT,
        };
        Ok(query)
    }
}

fn in_range(name: &str, value: &str, most: i32) -> Result<i32, BatchError> {
    let Ok(number) = value.parse() else {
        let reason = "the value is not an integer";
        return Err(BatchError::invalid_query_parameter(name, value, reason));
    };
    if (1..=most).contains(&number) {
        Ok(number)
    } else {
        Err(BatchError::out_of_range(name, value, 1, most))
    }
}

/// The query of a next link, without its continuation token: what the request asked for, each value
/// encoded as the client had encoded it.
pub(crate) fn repeated(request: &Received) -> String {
    let mut query = String::new();
    for name in REPEATED {
        let sent = request.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        if let Some(value) = sent {
            query.push_str(name);
            query.push('=');
            query.push_str(value);
            query.push('&');
        }
    }
    query
}
