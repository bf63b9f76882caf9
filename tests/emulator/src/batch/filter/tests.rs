//! The filter grammar: what passes, what is refused and why.

use super::{Invalid, ParsedFilter, Scope};
use crate::batch::generator;

const JOBS: usize = 1000;

fn matches(filter: &str) -> usize {
    let filter =
        ParsedFilter::parse(filter, Scope::Jobs).unwrap_or_else(|invalid| panic!("{filter}: {invalid:?}"));
    (0..JOBS).filter(|n| filter.passes(&generator::job(*n, JOBS))).count()
}

fn reason(filter: &str) -> String {
    match ParsedFilter::parse(filter, Scope::Jobs) {
        Err(Invalid::Syntax(reason)) => reason,
        other => panic!("{filter}: {other:?}"),
    }
}

#[test]
fn values_compare_without_case_and_names_with() {
    assert_eq!(matches("state eq 'active'"), 100);
    assert_eq!(matches("state eq 'ACTIVE'"), 100);
    assert_eq!(matches("state ne 'active'"), JOBS - 100);
    assert_eq!(matches("id eq 'CONVERT-000007'"), 1);
    assert_eq!(matches("startswith(id,'NIGHTLY:')"), 50);
    assert!(reason("State eq 'active'").contains("'State'"));
}

#[test]
fn ids_compare_with_six_operators() {
    assert_eq!(matches("id lt 'convert-000010'"), 10);
    assert_eq!(matches("id le 'convert-000010'"), 11);
    assert_eq!(matches("id gt 'convert-000010'"), JOBS - 11);
    assert_eq!(matches("id ge 'convert-000010'"), JOBS - 10);
    assert_eq!(matches("id ne 'convert-000010'"), JOBS - 1);
}

#[test]
fn and_binds_tighter_than_or_and_brackets_bind_tightest() {
    let (a, b) = ("id eq 'convert-000000'", "id eq 'convert-000001'");
    assert_eq!(matches(&format!("{a} or {b} and state eq 'active'")), 1);
    assert_eq!(matches(&format!("({a} or {b}) and state eq 'completed'")), 1);
    assert_eq!(matches("(((state eq 'active')))"), 100);
}

#[test]
fn dates_compare_and_absent_dates_only_differ() {
    let first = "2026-01-05T06:00:00Z";
    assert_eq!(matches(&format!("creationTime ge datetime'{first}'")), JOBS);
    assert_eq!(matches("creationTime lt DateTime'Mon, 05 Jan 2026 06:00:00 GMT'"), 0);
    let completed = matches("state eq 'completed'");
    assert_eq!(matches("executionInfo/endTime gt datetime'2000-01-01'"), completed);
    assert_eq!(matches("executionInfo/endTime ne datetime'2000-01-01'"), JOBS);
    assert_eq!(matches("stateTransitionTime lt datetime'2000-01-01'"), 0);
}

#[test]
fn pools_are_found_by_the_real_pool() {
    let named = matches("startswith(executionInfo/poolId,'pool')");
    let auto = matches("startswith(executionInfo/poolId, 'render_')");
    assert!(auto > 0);
    assert_eq!(named + auto, JOBS);
}

#[test]
fn quotes_in_text_are_doubled() {
    assert_eq!(matches("id eq 'it''s'"), 0);
    assert!(reason("id eq 'it's'").contains("'s'"));
    assert_eq!(reason("id eq 'it"), "unterminated string literal");
}

#[test]
fn wrong_grammar_is_refused() {
    assert!(reason("id startswith 'dev'").contains("operator 'startswith'"), "infix");
    assert!(reason("displayName eq 'x'").contains("'displayName'"), "not filterable");
    assert!(reason("state gt 'active'").contains("eq and ne"));
    assert!(reason("startswith(state,'a')").contains("startswith takes"));
    assert!(reason("creationTime gt '2016-05-01'").contains("datetime literal"));
    assert!(reason("creationTime gt datetime'soon'").contains("not a valid date"));
    assert!(reason("id eq 5").contains("the number 5"));
    assert!(reason("id eq").contains("the end"));
    assert!(reason("(id eq 'a'").contains("')'"));
    assert!(reason("id eq 'a' state eq 'active'").contains("'state'"));
    assert!(reason("not id eq 'a'").contains("'not'"));
    assert!(reason("id+eq+'a'").contains("unexpected character '+'"), "a plus is no space");
    assert!(reason("").contains("the end"));
    assert!(reason(&"(".repeat(100_000)).contains("too deeply"));
}

#[test]
fn unknown_state_is_named() {
    let invalid = ParsedFilter::parse("state eq 'deleted'", Scope::Jobs);
    assert_eq!(invalid, Err(Invalid::State("deleted".to_owned())));
}

#[test]
fn schedule_jobs_cannot_be_filtered_by_id() {
    assert!(ParsedFilter::parse("id eq 'a'", Scope::ScheduleJobs).is_err());
    assert!(ParsedFilter::parse("state eq 'active'", Scope::ScheduleJobs).is_ok());
}
