//! All jobs of an account, as a user of `azure_identity` lists them: `reqwest` and `serde_json`, a
//! token of the credential for each page, structs that own their texts.

use std::env;
use std::time::Instant;

use azure_core::credentials::TokenCredential;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Result, SCOPE, client, credential};

/// What every program touches of a job.
pub(crate) trait Job: DeserializeOwned {
    fn id(&self) -> &str;
    fn state(&self) -> &str;
}

/// The least that does the work.
#[derive(Deserialize)]
pub(crate) struct IdAndState {
    id: String,
    state: String,
}

/// The fields that `batch_job_*` gives, and so reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
pub(crate) struct Fields {
    id: String,
    display_name: Option<String>,
    state: String,
    priority: Option<i32>,
    creation_time: Option<String>,
    pool_info: Option<PoolInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct PoolInfo {
    pool_id: Option<String>,
}

#[derive(Deserialize)]
struct Page<J> {
    value: Vec<J>,
    #[serde(rename = "odata.nextLink")]
    next_link: Option<String>,
}

impl Job for IdAndState {
    fn id(&self) -> &str {
        &self.id
    }

    fn state(&self) -> &str {
        &self.state
    }
}

impl Job for Fields {
    fn id(&self) -> &str {
        &self.id
    }

    fn state(&self) -> &str {
        &self.state
    }
}

/// Prints jobs, active jobs, bytes of ids, and the seconds and CPU seconds of listing, after the
/// first token.
pub(crate) async fn run<J: Job>() -> Result<()> {
    let (credential, client) = (credential()?, client()?);
    credential.get_token(&[SCOPE], None).await?;
    let (started, cpu_before) = (Instant::now(), cpu_seconds());
    let account = env::var("EMULATOR_BATCH_CONTOSO")?;
    let mut next = Some(format!("{account}/jobs?api-version=2025-06-01"));
    let (mut jobs, mut active, mut bytes) = (0, 0, 0);
    while let Some(url) = next {
        let token = credential.get_token(&[SCOPE], None).await?;
        let request = client.get(url).bearer_auth(token.token.secret());
        let page: Page<J> = request.send().await?.error_for_status()?.json().await?;
        for job in &page.value {
            jobs += 1;
            active += usize::from(job.state() == "active");
            bytes += job.id().len();
        }
        next = page.next_link;
    }
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
    println!("{jobs} {active} {bytes} {wall:.6} {cpu:.6}");
    Ok(())
}

/// What this process has used of the processors, on all its threads.
fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}
