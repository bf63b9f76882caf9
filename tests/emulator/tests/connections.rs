//! The ways in: the proxy, the listeners with bad certificates, the admin port, the program itself.

mod common;

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use batch_auth_emulator::{Emulator, Fault, MintOptions, Rule, Switches, When};
use common::{VERSION, builder, client, form, get, start};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_batch-auth-emulator");

fn through_proxy(emulator: &Emulator, credentials: &str) -> reqwest::Client {
    let url = emulator.proxy_url().replace("http://", &format!("http://{credentials}"));
    builder(emulator).proxy(reqwest::Proxy::all(url).expect("a proxy")).build().expect("a client")
}

async fn jobs(client: &reqwest::Client, base: &str, token: &str) -> reqwest::Result<Value> {
    let url = format!("{base}/jobs?{VERSION}&maxresults=1");
    client.get(url).bearer_auth(token).send().await?.json().await
}

#[tokio::test]
async fn real_host_names_work_through_the_proxy_in_every_cloud() {
    let emulator = start();
    let client = through_proxy(&emulator, "");
    let clouds = [
        ("login.microsoftonline.com", "https://batch.core.windows.net/", "westeurope.batch.azure.com"),
        (
            "login.microsoftonline.us",
            "https://batch.core.usgovcloudapi.net/",
            "usgovvirginia.batch.usgovcloudapi.net",
        ),
        ("login.chinacloudapi.cn", "https://batch.chinacloudapi.cn/", "chinaeast2.batch.chinacloudapi.cn"),
    ];
    for (login, audience, region) in clouds {
        let mut form = form();
        form.retain(|(name, _)| *name != "scope");
        form.push(("scope", format!("{audience}/.default")));
        let answer = client
            .post(format!("https://{login}/contoso.example/oauth2/v2.0/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(common::encoded(&form));
        let answer: Value = answer.send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap();
        let page = jobs(&client, &format!("https://contoso.{region}"), token).await.unwrap();
        let link = page["odata.nextLink"].as_str().unwrap();
        assert!(link.starts_with(&format!("https://contoso.{region}/jobs?")), "{link}");
    }
    assert_eq!(emulator.request_count("proxy", "contoso.westeurope.batch.azure.com:443"), 1);
    assert!(jobs(&client, &emulator.batch_url("single"), "x").await.is_ok(), "our own ports too");
}

#[tokio::test]
async fn proxy_leads_nowhere_else() {
    let emulator = start();
    let client = through_proxy(&emulator, "");
    for url in [
        "https://evil.example/",
        "https://nobody.westeurope.batch.azure.com/",
        "https://contoso.batch.azure.com/",
        "https://login.microsoftonline.com:8443/",
        "https://localhost:1/",
    ] {
        assert!(client.get(url).send().await.is_err(), "{url}");
    }
    let response = client.get("http://evil.example/").send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(response.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(emulator.request_count("batch", "") + emulator.request_count("entra", ""), 0);
}

#[tokio::test]
async fn proxy_asks_for_a_password_when_switched_so() {
    let emulator = start();
    let proxy_auth = Some("ana:secret".to_owned());
    emulator.switch(&Switches { proxy_auth, ..Switches::default() }).unwrap();
    let token = emulator.mint_token(&MintOptions::default());
    let base = emulator.batch_url("single");
    for (credentials, passes) in [("", false), ("ana:wrong@", false), ("ana:secret@", true)] {
        let page = jobs(&through_proxy(&emulator, credentials), &base, &token).await;
        assert_eq!(page.is_ok(), passes, "{credentials}");
    }
}

#[tokio::test]
async fn proxy_has_faults_and_passes_resets_on() {
    let emulator = start();
    let token = emulator.mint_token(&MintOptions::default());
    let base = emulator.batch_url("single");
    let rules = [
        Rule::on("proxy", Fault::status(503)),
        Rule::on("proxy", Fault::Reset { when: When::BeforeHeaders }),
        Rule::on("batch", Fault::Reset { when: When::MidBody }),
    ];
    for rule in rules {
        emulator.fault(rule.clone());
        assert!(jobs(&through_proxy(&emulator, ""), &base, &token).await.is_err(), "{rule:?}");
    }
    assert!(jobs(&through_proxy(&emulator, ""), &base, &token).await.is_ok());
}

#[tokio::test]
async fn bad_certificates_are_refused_and_a_careless_client_is_logged() {
    let emulator = start();
    for (name, url) in [
        ("untrusted", emulator.untrusted_url()),
        ("wrong_host", emulator.wrong_host_url()),
        ("expired", emulator.expired_url()),
    ] {
        let error = client(&emulator).get(&url).send().await.unwrap_err();
        assert!(error.is_connect(), "{name}: {error}");
        assert_eq!(emulator.request_count(name, ""), 0, "{name}");
    }
    let names = builder(&emulator)
        .no_proxy()
        .resolve("wrong-host.example", ([127, 0, 0, 1], common::port(&emulator.wrong_host_url())).into());
    let url = emulator.wrong_host_url().replace("localhost", "wrong-host.example");
    let response = names.build().unwrap().get(url).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "{}", "the certificate is good for its own host");
    assert_eq!(emulator.request_count("wrong_host", ""), 1);
}

#[tokio::test]
async fn admin_port_does_what_the_methods_do() {
    let emulator = start();
    let admin = emulator.admin_url();
    let client = reqwest::Client::builder().tls_backend_preconfigured(common::tls(&emulator));
    let client = client.no_proxy().build().unwrap();
    let post = async |path: &str, body: Value| {
        client.post(format!("{admin}{path}")).body(body.to_string()).send().await.unwrap().status()
    };
    let read = async |path: &str| -> Value {
        client.get(format!("{admin}{path}")).send().await.unwrap().json().await.unwrap()
    };

    let rule = json!({"listener": "batch", "path": "/jobs", "skip": 0, "times": 1,
        "fault": {"kind": "status", "status": 503, "retry_after": 7}});
    assert_eq!(post("/faults", json!([rule])).await, 204);
    let response = get(&emulator, "single", &format!("/jobs?{VERSION}")).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    for wrong in [
        json!({"listener": "batch"}),
        json!({"listener": "batch", "fault": {"kind": "x"}}),
        json!({"listener": "batch", "fault": {"kind": "delay", "ms": 1, "typo": 2}}),
    ] {
        assert_eq!(post("/faults", wrong.clone()).await, 400, "{wrong}");
    }

    assert_eq!(read("/requests/count?listener=batch&path=/jobs").await, json!({"count": 1}));
    assert_eq!(read("/requests/wait?listener=batch&count=1").await, json!({"count": 1}));
    let late = client.get(format!("{admin}/requests/wait?count=9&timeout_ms=10")).send().await;
    assert_eq!(late.unwrap().status(), 408);
    let log = read("/requests").await;
    assert_eq!(log[0]["listener"], "batch:single");
    assert_eq!(log[0]["query"], VERSION);
    assert_eq!(log[0]["status"], 503);
    assert!(log[0]["bytes"].as_u64().unwrap() > 100);

    assert_eq!(post("/clock", json!({"offset_s": 7200})).await, 204);
    assert_eq!(post("/switches", json!({"network_rules": {"single": true}})).await, 204);
    assert_eq!(post("/switches", json!({"network_rules": {"nobody": true}})).await, 400);
    assert_eq!(get(&emulator, "single", &format!("/jobs?{VERSION}")).await.status(), 403);
    assert_eq!(client.delete(format!("{admin}/requests")).send().await.unwrap().status(), 204);
    assert_eq!(emulator.requests().len(), 0);
    assert_eq!(post("/reset", Value::Null).await, 204);
    assert_eq!(get(&emulator, "single", &format!("/jobs?{VERSION}")).await.status(), 200);
    assert_eq!(read("/fixtures").await, serde_json::to_value(emulator.ready()).unwrap());
}

#[test]
fn waiting_ends_without_requests_when_time_is_up() {
    let emulator = start();
    assert!(!emulator.wait_for_requests("batch", "", 1, Duration::from_millis(1)));
    assert!(emulator.wait_for_requests("batch", "", 0, Duration::from_millis(1)));
}

#[test]
fn ca_file_goes_with_the_emulator() {
    let emulator = start();
    let path = emulator.ca_path().to_owned();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), emulator.ca_pem());
    drop(emulator);
    assert!(!path.exists());
}

#[test]
fn program_says_where_it_is_and_ends_with_its_input() {
    let mut program = Command::new(PROGRAM)
        .arg("--until-stdin-closes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert!(ready["entra"].as_str().unwrap().starts_with("https://localhost:"));
    assert!(ready["batch"]["contoso"].is_string());
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[test]
fn program_runs_a_command_and_takes_over_its_status() {
    let script = "test -s \"$EMULATOR_CA\" && test -n \"$EMULATOR_BATCH_CONTOSO\" && exit 7";
    let status = Command::new(PROGRAM).args(["--run", "sh", "-c", script]).status().unwrap();
    assert_eq!(status.code(), Some(7));
    let status = Command::new(PROGRAM).args(["--run", "/does/not/exist"]).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let status = Command::new(PROGRAM).args(["--jobs", "0"]).status().unwrap();
    assert_eq!(status.code(), Some(1));
}
