use serde_json::json;

use super::*;
use crate::batch::Job;
use std::sync::Arc;

fn page(body: &str) -> Result<Arc<Page>, String> {
    Page::read(body.into()).map(Arc::new)
}

fn first(body: &str) -> Job {
    Job::at(&page(body).unwrap(), 0).unwrap()
}

fn one(job: &str) -> Job {
    first(&format!(r#"{{"value":[{job}]}}"#))
}

fn text(text: Option<&CStr>) -> Option<&str> {
    text.map(|text| text.to_str().unwrap())
}

#[test]
fn a_page_of_the_service_is_read_as_it_is_written() {
    let body = "\u{feff}{\r\n  \"odata.metadata\":\"https://a/$metadata#jobs\",\"value\":[\r\n    {\r\n      \
        \"id\":\"sched:job-1\",\"displayName\":\"Zo\u{eb} \u{1f680}\",\"eTag\":\"0x8D\",\"creationTime\":\
        \"2025-11-19T00:05:25.311915Z\",\"state\":\"active\",\"priority\":-7,\"poolInfo\":{\r\n        \
        \"autoPoolSpecification\":{\r\n          \"poolLifetimeOption\":\"job\"\r\n        }\r\n      },\
        \"executionInfo\":{\r\n        \"poolId\":\"real-pool\"\r\n      }\r\n    }\r\n  ],\"odata.nextLink\"\
        :\"https://a/jobs?$skiptoken=x\"\r\n}  \r\n";
    let page = page(body).unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page.next_link(), Some("https://a/jobs?$skiptoken=x"));
    let job = Job::at(&page, 0).unwrap();
    assert_eq!(text(job.id()), Some("sched:job-1"));
    assert_eq!(text(job.display_name()), Some("Zoë 🚀"));
    assert_eq!(job.state(), JobState::Active);
    assert_eq!(job.priority(), Some(-7));
    assert_eq!(text(job.pool_id()), Some("real-pool"));
    assert_eq!(job.creation_time_ms(), Some(1_763_510_725_311));
    let json = job.json().to_str().unwrap();
    assert!(json.starts_with("{\r\n") && json.ends_with('}') && body.contains(json));
    assert!(Job::at(&page, 1).is_none());
}

#[test]
fn jobs_stand_beside_one_another_without_touching() {
    let page = page(r#"{"value":[{"id":"a"},{"id":"b"} , {"id":"c"}]}"#).unwrap();
    for (index, id) in ["a", "b", "c"].into_iter().enumerate() {
        let job = Job::at(&page, index).unwrap();
        assert_eq!(text(job.id()), Some(id));
        assert_eq!(job.json().to_str().unwrap(), format!(r#"{{"id":"{id}"}}"#));
    }
}

#[test]
fn every_field_may_be_absent_null_or_of_another_shape() {
    for job in [
        "{}",
        r#"{"id":null,"displayName":null,"state":null,"priority":null,"creationTime":null,"poolInfo":null}"#,
        r#"{"id":7,"displayName":[],"state":{},"priority":"12abc","creationTime":"yesterday","executionInfo":"x"}"#,
        r#"{"priority":1e3,"creationTime":1,"poolInfo":{"poolId":5}}"#,
        r#"{"priority":2147483648,"executionInfo":[{"poolId":"x"}]}"#,
    ] {
        let job = one(job);
        assert_eq!((job.id(), job.display_name(), job.state_text()), (None, None, None));
        assert_eq!((job.priority(), job.creation_time_ms(), job.pool_id()), (None, None, None));
        assert_eq!(job.state(), JobState::Unknown);
    }
}

#[test]
fn unknown_states_keep_their_text_and_known_ones_any_case() {
    let paused = one(r#"{"state":"paused"}"#);
    assert_eq!((paused.state(), text(paused.state_text())), (JobState::Unknown, Some("paused")));
    let shouted = one(r#"{"state":"COMPLETED"}"#);
    assert_eq!((shouted.state(), text(shouted.state_text())), (JobState::Completed, Some("COMPLETED")));
}

#[test]
fn dates_are_read_with_any_number_of_fraction_digits_and_offset() {
    let table = [
        ("2026-01-01T00:00:00Z", Some(1_767_225_600_000)),
        ("2026-01-01T00:00:00.5Z", Some(1_767_225_600_500)),
        ("2026-01-01T00:00:00.12345Z", Some(1_767_225_600_123)),
        ("2026-01-01T00:00:00.1234567Z", Some(1_767_225_600_123)),
        ("2026-01-01T02:00:00+02:00", Some(1_767_225_600_000)),
        ("1969-12-31T23:59:59.9995Z", Some(-1)),
        ("9999-12-31T23:59:59.9999999Z", Some(253_402_300_799_999)),
        ("2026-01-01", None),
    ];
    for (written, expected) in table {
        let job = one(&json!({ "creationTime": written }).to_string());
        assert_eq!(job.creation_time_ms(), expected, "{written}");
    }
}

#[test]
fn texts_that_c_or_unicode_cannot_hold_are_marked_and_stay_whole_in_the_json() {
    for (written, shown) in [
        (r#""a\u0000b""#, "a\u{fffd}b"),
        (r#""a\ud800b""#, "a\u{fffd}\u{fffd}\u{fffd}b"),
        (r#""\ud83d\ude80""#, "🚀"),
        (r#""q\"\\\/\n""#, "q\"\\/\n"),
    ] {
        let job = one(&format!(r#"{{"displayName":{written}}}"#));
        assert_eq!(text(job.display_name()), Some(shown), "{written}");
        assert!(job.json().to_str().unwrap().contains(written));
    }
}

#[test]
fn a_name_that_is_no_unicode_is_none_of_ours() {
    let job = one(r#"{"\ud800":1,"id":"a"}"#);
    assert_eq!(text(job.id()), Some("a"));
}

#[test]
fn of_a_member_that_stands_twice_the_last_counts() {
    assert_eq!(text(one(r#"{"id":"a","id":"b"}"#).id()), Some("b"));
}

#[test]
fn an_absent_null_or_empty_next_link_ends_the_list() {
    for link in ["", r#","odata.nextLink":null"#, r#","odata.nextLink":"""#] {
        let page = page(&format!(r#"{{"value":[]{link}}}"#)).unwrap();
        assert_eq!((page.len(), page.next_link()), (0, None));
    }
}

#[test]
fn a_deeply_nested_job_is_passed_through_and_a_deep_body_refused() {
    let depth = 10_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let job = one(&format!(r#"{{"id":"a","metadata":{deep}}}"#));
    assert_eq!(text(job.id()), Some("a"));
    assert!(job.json().to_str().unwrap().contains(&deep));
    assert!(page(&deep).is_err());
}

#[test]
fn a_body_that_is_no_page_is_refused_without_being_quoted() {
    for body in [
        "",
        "planted",
        "[]",
        "{}",
        "null",
        r#"{"value":null}"#,
        r#"{"value":{"planted":1}}"#,
        r#"{"value":["planted"]}"#,
        r#"{"value":[null]}"#,
        r#"{"value":[{"id":"planted"}"#,
        r#"{"value":[],"odata.nextLink":{"planted":1}}"#,
        r#"{"value":[]} planted"#,
        r#"{"value":[{"id":"a"},]}"#,
    ] {
        let why = page(body).unwrap_err();
        assert!(!why.contains("planted"), "{body}: {why}");
    }
    assert!(Page::read(b"{\"value\":[{\"id\":\"\xff\"}]}".to_vec()).is_err());
}
