//! Lists of jobs: pages, parameters, filters, and the bytes of an answer.

mod common;

use std::collections::HashSet;

use batch_auth_emulator::{
    Config, Emulator, Fault, MintOptions, NextLink, Rule, active_jobs, scheduled_jobs,
};
use common::{Raw, VERSION, client, get, ids, list, start, value};
use serde_json::Value;

const COUNT: usize = 2_500;

/// Follows a list to its end. Gives the ids and the number of pages.
async fn all(emulator: &Emulator, first: &str) -> (Vec<String>, usize) {
    let client = client(emulator);
    let token = emulator.mint_token(&MintOptions::default());
    let mut next = Some(format!("{}{first}", emulator.batch_url("contoso")));
    let (mut found, mut pages) = (Vec::new(), 0);
    while let Some(url) = next {
        let response = client.get(url).bearer_auth(&token).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let page: Value = response.json().await.expect("JSON");
        found.extend(ids(&page));
        pages += 1;
        next = page["odata.nextLink"].as_str().map(str::to_owned);
    }
    (found, pages)
}

#[tokio::test]
async fn pages_hold_every_job_once_in_order() {
    let emulator = start();
    let (found, pages) = all(&emulator, &format!("/jobs?{VERSION}&maxresults=999")).await;
    assert_eq!((found.len(), pages), (COUNT, 3));
    assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
}

#[tokio::test]
async fn hundred_thousand_jobs_come_once_each() {
    let emulator = Emulator::start(Config { jobs: Config::MAX_JOBS, ..Config::default() }).unwrap();
    // The ids alone: reading the rest is the client's time, not the emulator's.
    let (found, pages) = all(&emulator, &format!("/jobs?{VERSION}&$select=id")).await;
    assert_eq!(pages, 100);
    let different: HashSet<_> = found.iter().collect();
    assert_eq!((found.len(), different.len()), (Config::MAX_JOBS, Config::MAX_JOBS));
}

#[tokio::test]
async fn filter_holds_over_pages() {
    let emulator = start();
    let query = format!("/jobs?{VERSION}&$filter=state%20eq%20%27Active%27&maxresults=100");
    let (found, pages) = all(&emulator, &query).await;
    assert_eq!((found.len(), pages), (active_jobs(COUNT), 3));
}

#[tokio::test]
async fn schedule_lists_its_own_jobs_and_no_others() {
    let emulator = start();
    let (found, _) = all(&emulator, &format!("/jobschedules/Nightly/jobs?{VERSION}")).await;
    assert_eq!(found.len(), scheduled_jobs(COUNT));
    assert!(found.iter().all(|id| id.starts_with("nightly:job-")));
    let response = get(&emulator, "contoso", &format!("/jobschedules/weekly/jobs?{VERSION}")).await;
    assert_eq!(response.status(), 404);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], "JobScheduleNotFound");
}

#[tokio::test]
async fn small_accounts_end_without_a_link() {
    let emulator = start();
    let (status, page) = list(&emulator, "empty", "").await;
    assert_eq!((status, ids(&page).len()), (200, 0));
    assert!(page.get("odata.nextLink").is_none());
    let (_, page) = list(&emulator, "single", "").await;
    assert_eq!(ids(&page).len(), 3);
    assert!(page.get("odata.nextLink").is_none());
    let (_, page) = list(&emulator, "single", "&maxresults=3").await;
    assert!(page.get("odata.nextLink").is_none(), "a full last page is the last one");
}

#[tokio::test]
async fn link_repeats_the_query_and_carries_the_token_bare() {
    let emulator = start();
    let query = "&$select=id&timeOut=5&$filter=startswith(id,%27e%27)&MaxResults=2";
    let (_, page) = list(&emulator, "contoso", query).await;
    let link = page["odata.nextLink"].as_str().unwrap();
    let start = format!(
        "{}/jobs?{VERSION}&$filter=startswith(id,%27e%27)&$select=id&maxresults=2\
         &$skiptoken=WATV2:",
        emulator.batch_url("contoso")
    );
    assert!(link.starts_with(&start), "{link}");
    assert!(link.ends_with("=:1$1"), "{link}");
}

#[tokio::test]
async fn continuation_is_bound_to_account_filter_path_and_version() {
    let emulator = start();
    let (_, page) = list(&emulator, "contoso", "&maxresults=2").await;
    let link = page["odata.nextLink"].as_str().unwrap();
    let token = link.split("$skiptoken=").nth(1).unwrap();
    let encoded = token.replace('^', "%5E").replace('$', "%24").replace('=', "%3d");
    let stays = [
        format!("/jobs?{VERSION}&$skiptoken={token}"),
        format!("/jobs?{VERSION}&$skipToken={encoded}"),
        format!("/jobs?$select=id&$skiptoken={token}&{VERSION}&maxresults=7"),
    ];
    for target in stays {
        assert_eq!(get(&emulator, "contoso", &target).await.status(), 200, "{target}");
    }
    let broken = token.replacen("WATV2:", "WATV2:AAAA", 1);
    let strays = [
        ("contoso", format!("/jobs?{VERSION}&$skiptoken={token}&$filter=state%20eq%20%27active%27")),
        ("contoso", format!("/jobs?api-version=2024-07-01.20.0&$skiptoken={token}")),
        ("contoso", format!("/jobschedules/nightly/jobs?{VERSION}&$skiptoken={token}")),
        ("single", format!("/jobs?{VERSION}&$skiptoken={token}")),
        ("contoso", format!("/jobs?{VERSION}&$skiptoken={broken}")),
        ("contoso", format!("/jobs?{VERSION}&$skiptoken=1")),
    ];
    for (account, target) in strays {
        let response = get(&emulator, account, &target).await;
        assert_eq!(response.status(), 400, "{account} {target}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(value(&body, "QueryParameterName"), "$skiptoken");
    }
    emulator.set_clock_offset(25 * 3600);
    let target = format!("/jobs?{VERSION}&$skiptoken={token}");
    assert_eq!(get(&emulator, "contoso", &target).await.status(), 400, "a day later");
}

#[tokio::test]
async fn parameters_are_checked_and_named() {
    let emulator = start();
    let cases = [
        ("", "MissingRequiredQueryParameter", "api-version"),
        ("api-version=", "MissingRequiredQueryParameter", "api-version"),
        ("api-version=2030-01-01", "InvalidQueryParameterValue", "api-version"),
        ("api-version=2014-10-01.1.0", "UnsupportedRequestVersion", "api-version"),
        ("api-version=2025-06-01&maxresults=0", "OutOfRangeQueryParameterValue", "maxresults"),
        ("api-version=2025-06-01&maxresults=-1", "OutOfRangeQueryParameterValue", "maxresults"),
        ("api-version=2025-06-01&maxresults=1001", "OutOfRangeQueryParameterValue", "maxresults"),
        ("api-version=2025-06-01&maxresults=x", "InvalidQueryParameterValue", "maxresults"),
        ("api-version=2025-06-01&timeOut=0", "OutOfRangeQueryParameterValue", "timeOut"),
        ("api-version=2025-06-01&$top=5", "UnsupportedQueryParameter", "$top"),
        ("api-version=2025-06-01&$select=id,nope", "InvalidQueryParameterValue", "$select"),
        ("api-version=2025-06-01&$expand=tasks", "InvalidQueryParameterValue", "$expand"),
        ("api-version=2025-06-01&$filter=id%20has%20'a'", "InvalidQueryParameterValue", "$filter"),
        ("api-version=2025-06-01&$filter=id+eq+'a'", "InvalidQueryParameterValue", "$filter"),
        ("api-version=2025-06-01&maxresults=1&MAXRESULTS=1", "InvalidQueryParameterValue", "MAXRESULTS"),
    ];
    for (query, code, parameter) in cases {
        let response = get(&emulator, "contoso", &format!("/jobs?{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], code, "{query}");
        assert_eq!(value(&body, "QueryParameterName"), parameter, "{query}");
    }
    for version in ["2025-06-01", "2024-07-01.20.0", "2024-02-01.19.0", "2022-10-01.16.0"] {
        let target = format!("/jobs?API-Version={version}&timeout=31&maxresults=1");
        assert_eq!(get(&emulator, "contoso", &target).await.status(), 200, "{version}");
    }
}

#[tokio::test]
async fn select_and_expand_decide_about_members() {
    let emulator = start();
    let keys = async |query: &str| {
        let (_, page) = list(&emulator, "single", query).await;
        let job = page["value"][0].as_object().unwrap().clone();
        job.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys("&$select=id,%20state").await, ["id", "state"]);
    assert_eq!(keys("&$select=id,stats").await, ["id", "stats"]);
    assert_eq!(keys("&$select=id&$expand=stats").await, ["id"], "select has the last word");
    assert!(keys("&$expand=stats").await.contains(&"stats".to_owned()));
    assert!(!keys("").await.contains(&"stats".to_owned()));
}

#[tokio::test]
async fn whole_job_reads_the_same_prepared_and_made_on_demand() {
    let emulator = start();
    let (_, prepared) = list(&emulator, "contoso", "&maxresults=200").await;
    let (_, made) = list(&emulator, "contoso", "&maxresults=200&$expand=stats").await;
    for (prepared, made) in
        prepared["value"].as_array().unwrap().iter().zip(made["value"].as_array().unwrap())
    {
        let mut made = made.clone();
        made.as_object_mut().unwrap().remove("stats");
        assert_eq!(prepared, &made);
        let id = prepared["id"].as_str().unwrap();
        assert_eq!(prepared["url"], format!("{}/jobs/{id}", emulator.batch_url("contoso")));
    }
}

#[tokio::test]
async fn answer_is_laid_out_and_headed_like_the_services() {
    let emulator = start();
    let raw = Raw::jobs(&emulator).await;
    let head = raw.head().to_lowercase();
    for line in [
        "http/1.1 200 ok",
        "content-type: application/json;odata=minimalmetadata",
        "dataserviceversion: 3.0",
        "server: microsoft-httpapi/2.0",
        "transfer-encoding: chunked",
        "request-id: ",
        "date: ",
    ] {
        assert!(head.lines().any(|header| header.starts_with(line)), "{line} in {head}");
    }
    assert!(!head.contains("content-length"));
    assert!(raw.body().contains("{\r\n  \"odata.metadata\":\"https://localhost:"));
    assert!(raw.body().contains("$metadata#jobs\",\"value\":[\r\n    {\r\n      \"id\":\""));
}

#[tokio::test]
async fn client_request_id_is_echoed_only_when_asked() {
    let emulator = start();
    let url = format!("{}/jobs?{VERSION}", emulator.batch_url("single"));
    let token = emulator.mint_token(&MintOptions::default());
    for (asked, echoed) in [("true", true), ("false", false)] {
        let request = client(&emulator).get(&url).bearer_auth(&token);
        let request = request.header("client-request-id", "my-id");
        let response = request.header("return-client-request-id", asked).send().await.unwrap();
        assert_eq!(response.headers().contains_key("client-request-id"), echoed);
    }
}

#[tokio::test]
async fn error_text_ends_with_the_id_in_the_header() {
    let emulator = start();
    let response = get(&emulator, "contoso", "/jobs").await;
    assert!(response.content_length().is_some(), "errors are not chunked");
    let id = response.headers()["request-id"].to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    let text = body["message"]["value"].as_str().unwrap();
    assert!(text.contains(&format!(".\nRequestId:{id}\nTime:20")), "{text}");
    assert_eq!(text.len() - text.find("Time:").unwrap(), "Time:2026-01-01T00:00:00.0000000Z".len());
}

#[tokio::test]
async fn next_link_faults_lead_where_they_say() {
    let emulator = start();
    let port = common::port(&emulator.batch_url("contoso"));
    let cases = [
        (NextLink::OtherHost, "https://evil.example/jobs?".to_owned()),
        (NextLink::OtherPort, "https://localhost:1/jobs?".to_owned()),
        (NextLink::Http, format!("http://localhost:{port}/jobs?")),
        (NextLink::Userinfo, format!("https://user@localhost:{port}/jobs?")),
        (NextLink::Relative, "/jobs?".to_owned()),
        (NextLink::UpperCaseHost, format!("https://LOCALHOST:{port}/jobs?")),
        (NextLink::Loop, format!("https://localhost:{port}/jobs?{VERSION}&maxresults=5")),
        (NextLink::Empty, String::new()),
    ];
    for (mode, start) in cases {
        emulator.fault(Rule::on("batch:contoso", Fault::next_link(mode)));
        let (_, page) = list(&emulator, "contoso", "&maxresults=5").await;
        let link = page["odata.nextLink"].as_str().unwrap();
        assert!(link.starts_with(&start), "{mode:?}: {link}");
    }
    emulator.fault(Rule::on("batch", Fault::next_link(NextLink::Null)));
    let (_, page) = list(&emulator, "contoso", "&maxresults=5").await;
    assert!(page["odata.nextLink"].is_null() && page.get("odata.nextLink").is_some());
    let literal = Fault::NextLink { mode: NextLink::Literal, value: Some("ftp://x".to_owned()) };
    emulator.fault(Rule::on("batch", literal));
    let (_, page) = list(&emulator, "single", "").await;
    assert_eq!(page["odata.nextLink"], "ftp://x", "a last page gets one too");
}

#[tokio::test]
async fn empty_pages_come_before_the_right_one() {
    let emulator = start();
    emulator.fault(Rule::on("batch", Fault::EmptyPages { count: 10 }));
    let (found, pages) = all(&emulator, &format!("/jobs?{VERSION}")).await;
    assert_eq!((found.len(), pages), (COUNT, 13));

    emulator.fault(Rule::on("batch", Fault::EmptyPages { count: 0 }));
    let token = emulator.mint_token(&MintOptions::default());
    let mut url = format!("{}/jobs?{VERSION}", emulator.batch_url("contoso"));
    let mut seen = HashSet::new();
    for _ in 0..50 {
        let response = client(&emulator).get(&url).bearer_auth(&token).send().await.unwrap();
        let page: Value = response.json().await.unwrap();
        assert!(ids(&page).is_empty());
        url = page["odata.nextLink"].as_str().unwrap().to_owned();
        assert!(seen.insert(url.clone()), "each link is a new one");
    }
}
