//! The jobs of an account: number n of N is always the same, and ids ascend with n.
//!
//! Meant to look like a real account after some months: five families of ids, autopools and named
//! pools, jobs of a schedule, every state, times with seven, fewer and no fraction digits, names in
//! many scripts. About 1,250 bytes a job in the service's layout.

use crate::{
    batch::{
        instant::Instant,
        job::{Job, State},
        layout::Layout,
    },
    fixtures::SCHEDULE,
};

/// 2026-01-05T06:00:00Z, when the first job was created.
const FIRST: Instant = Instant::from_ticks(17_675_928_000_000_000);
const SECOND: i64 = 10_000_000;

/// Families of jobs in order of their ids, each with the percentage of jobs that end with it.
const FAMILIES: [(&str, usize); 4] = [("convert-", 30), ("etl_daily_", 60), (SCHEDULE, 65), ("render-", 90)];
const LAST_FAMILY: &str = "train-";

/// Numbers of a schedule's jobs start here, so that all have four digits and sort as text.
const FIRST_RUN: usize = 1001;

/// How many of `jobs` jobs are in the state `active`: each tenth, the first included.
#[must_use]
pub fn active_jobs(jobs: usize) -> usize {
    jobs.div_ceil(10)
}

/// How many of `jobs` jobs belong to the schedule `nightly`.
#[must_use]
pub fn scheduled_jobs(jobs: usize) -> usize {
    let nightly = scheduled(jobs);
    nightly.end - nightly.start
}

/// The positions of the schedule's jobs.
pub(crate) fn scheduled(jobs: usize) -> std::ops::Range<usize> {
    jobs * 60 / 100..jobs * 65 / 100
}

/// Makes job `n` of `jobs`.
pub(crate) fn job(n: usize, jobs: usize) -> Job {
    let recipe = Recipe::new(n);
    let created = FIRST.after(n as i64 * 37 * SECOND + recipe.fraction(0));
    let started = created.after(19_000 + recipe.part(1, 90_000));
    let state = state(n);
    let (changed, previous) = match state {
        State::Active => (started, None),
        _ => {
            let changed = started.after((60 + recipe.part(2, 7200)) * SECOND + recipe.fraction(3));
            (changed, Some((before(state), started.after(recipe.part(4, 50 * SECOND)))))
        }
    };
    let pool_id = recipe.pool_id();
    Job {
        id: id(n, jobs),
        state,
        creation_time: created,
        last_modified: changed.after(-recipe.part(5, 10_000)),
        state_transition_time: changed,
        previous,
        start_time: started,
        end_time: (state == State::Completed).then_some(changed),
        pool_id,
        recipe,
    }
}

fn id(n: usize, jobs: usize) -> String {
    let mut start = 0;
    for (family, percent) in FAMILIES {
        let end = jobs * percent / 100;
        if n < end {
            let number = n - start;
            return if family == SCHEDULE {
                format!("{family}:job-{}", FIRST_RUN + number)
            } else {
                format!("{family}{number:06}")
            };
        }
        start = end;
    }
    format!("{LAST_FAMILY}{:06}", n - start)
}

/// Each tenth job is active, each twentieth in one of the passing states, the rest is done.
const fn state(n: usize) -> State {
    match n % 20 {
        0 | 10 => State::Active,
        3 => State::Disabled,
        5 => State::Terminating,
        9 => State::Disabling,
        11 => State::Enabling,
        13 => State::Deleting,
        _ => State::Completed,
    }
}

/// The state before `state`.
const fn before(state: State) -> State {
    match state {
        State::Disabled => State::Disabling,
        State::Enabling => State::Disabled,
        State::Completed => State::Terminating,
        _ => State::Active,
    }
}

/// What decides everything about a job that cannot be filtered by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    n: usize,
    seed: u64,
}

impl Recipe {
    fn new(n: usize) -> Self {
        // SplitMix64 (Steele, Lea, Flood 2014): neighbours share nothing.
        let mut seed = (n as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self { n, seed: seed ^ (seed >> 31) }
    }

    /// A number below `limit`, another one for each `turn`.
    fn part(self, turn: u32, limit: i64) -> i64 {
        let spun = self.seed.rotate_left(turn * 11).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 16;
        (spun % limit.unsigned_abs()) as i64
    }

    /// A fraction of a second: mostly seven digits, now and then fewer or none.
    fn fraction(self, turn: u32) -> i64 {
        let fraction = self.part(turn, SECOND);
        match self.n % 11 {
            0 => 0,
            4 => fraction / 1_000_000 * 1_000_000,
            7 => fraction / 1000 * 1000,
            _ => fraction,
        }
    }

    const fn is_autopool(self) -> bool {
        self.n % 9 == 4
    }

    fn pool_id(self) -> String {
        if self.is_autopool() {
            let (high, low) = (self.seed >> 32, self.seed & 0xffff_ffff);
            format!("render_{:08X}-{:04X}-4{:03X}-8000-{low:012X}", high, low >> 16, low & 0xfff)
        } else {
            ["pool-d4", "pool-gpu", "pool-spot", "Pool_Linux"][self.n % 4].to_owned()
        }
    }

    pub(crate) fn display_name(self, id: &str) -> Option<String> {
        const NAMES: [&str; 6] = [
            "Überführung der Messreihe",
            "夜間バッチ",
            "расчёт \"квартал\"",
            "🚀 launch",
            "تحويل",
            "Rendering, last try",
        ];
        (self.n % 3 == 1).then(|| format!("{} {id}", NAMES[self.n / 3 % NAMES.len()]))
    }

    pub(crate) const fn priority(self) -> i32 {
        match self.n % 16 {
            2 => -1000,
            7 => 100,
            11 => 1000,
            _ => 0,
        }
    }

    pub(crate) const fn uses_task_dependencies(self) -> bool {
        self.n % 5 == 2
    }

    pub(crate) const fn on_all_tasks_complete(self) -> &'static str {
        if self.n.is_multiple_of(2) { "terminatejob" } else { "noaction" }
    }

    pub(crate) fn constraints(self, out: &mut Layout<'_>) {
        out.object_member("constraints", |constraints| {
            // "No limit" is the greatest number of ticks there is.
            let wall_clock = match self.n % 6 {
                1 => "PT2H30M",
                3 => "P1D",
                _ => "P10675199DT2H48M5.4775807S",
            };
            constraints.text("maxWallClockTime", wall_clock);
            constraints.plain("maxTaskRetryCount", if self.n % 8 == 5 { 3 } else { 0 });
        });
    }

    pub(crate) fn job_manager_task(self, out: &mut Layout<'_>) {
        if self.n % 7 != 3 {
            return;
        }
        out.object_member("jobManagerTask", |task| {
            task.text("id", "manager");
            task.text("displayName", "splits the work");
            task.text("commandLine", "/bin/bash -c \"$AZ_BATCH_JOB_PREP_WORKING_DIR/split --all\"");
            task.object_member("constraints", |constraints| {
                constraints.text("maxWallClockTime", "P10675199DT2H48M5.4775807S");
                constraints.text("retentionTime", "P7D");
                constraints.plain("maxTaskRetryCount", 0);
            });
            task.plain("requiredSlots", 1);
            task.plain("killJobOnCompletion", true);
            auto_user(task);
            task.plain("runExclusive", true);
            task.plain("allowLowPriorityNode", false);
        });
    }

    pub(crate) fn job_preparation_task(self, out: &mut Layout<'_>) {
        if self.n % 4 != 1 {
            return;
        }
        out.object_member("jobPreparationTask", |task| {
            task.text("id", "jobpreparation");
            task.text("commandLine", "/bin/sh -c 'tar -xf input.tar && ./prepare'");
            task.array_member("resourceFiles", |files| {
                files.element(|file| {
                    file.text("autoStorageContainerName", "inputs");
                    file.text("blobPrefix", "2026/");
                    file.text("filePath", "input");
                });
            });
            task.plain("waitForSuccess", true);
            auto_user(task);
            task.plain("rerunOnNodeRebootAfterSuccess", true);
        });
    }

    pub(crate) fn job_release_task(self, out: &mut Layout<'_>) {
        if self.n % 8 != 1 {
            return;
        }
        out.object_member("jobReleaseTask", |task| {
            task.text("id", "jobrelease");
            task.text("commandLine", "/bin/sh -c ./clean-up");
            task.text("maxWallClockTime", "PT15M");
            task.text("retentionTime", "P7D");
            auto_user(task);
        });
    }

    pub(crate) fn common_environment_settings(self, out: &mut Layout<'_>) {
        if !self.n.is_multiple_of(3) {
            return;
        }
        out.array_member("commonEnvironmentSettings", |settings| {
            for (name, value) in [("STAGE", "production"), ("RUN", &self.n.to_string())] {
                settings.element(|setting| {
                    setting.text("name", name);
                    setting.text("value", value);
                });
            }
        });
    }

    pub(crate) fn pool_info(self, out: &mut Layout<'_>, pool_id: &str) {
        out.object_member("poolInfo", |info| {
            if self.is_autopool() {
                info.object_member("autoPoolSpecification", autopool);
            } else {
                info.text("poolId", pool_id);
            }
        });
    }

    pub(crate) fn metadata(self, out: &mut Layout<'_>) {
        if !self.n.is_multiple_of(2) {
            return;
        }
        out.array_member("metadata", |metadata| {
            let owner = ["ana", "bjørn", "chidi", "dagny"][self.n / 2 % 4];
            let ticket = format!("OPS-{}", self.part(6, 90_000) + 10_000);
            // A name may come twice.
            for (name, value) in [("owner", owner), ("ticket", &ticket), ("owner", "platform")] {
                metadata.element(|pair| {
                    pair.text("name", name);
                    pair.text("value", value);
                });
            }
        });
    }

    /// Why a completed job ended.
    pub(crate) fn ending(self, info: &mut Layout<'_>) {
        if self.is_autopool() && self.n % 5 == 2 {
            info.object_member("schedulingError", |error| {
                error.text("category", "UserError");
                error.text("code", "AutoPoolCreationFailedWithQuotaReached");
                error.text("message", "The auto pool could not be created: quota was reached");
                error.array_member("details", |details| {
                    details.element(|detail| {
                        detail.text("name", "Quota");
                        detail.text("value", "LowPriorityCores");
                    });
                });
            });
        }
        let reason = ["AllTasksComplete", "JMComplete", "UserTerminate", "MaxWallClockTimeExpiry"];
        info.text("terminateReason", reason[self.n / 2 % reason.len()]);
    }

    pub(crate) fn stats(self, out: &mut Layout<'_>, url: &str, job: &Job) {
        out.object_member("stats", |stats| {
            stats.text("url", url);
            stats.text("startTime", &job.start_time.to_string());
            stats.text("lastUpdateTime", &job.state_transition_time.to_string());
            stats.text("userCPUTime", &format!("PT{}M{}S", self.n % 60, self.part(7, 60)));
            stats.text("kernelCPUTime", "PT0S");
            stats.text("wallClockTime", &format!("PT{}H1.25S", 1 + self.n % 23));
            // 64-bit numbers come as strings.
            stats.text("readIOps", &self.part(8, 1 << 40).to_string());
            stats.text("writeIOps", &self.part(9, 1 << 33).to_string());
            stats.plain("readIOGiB", self.part(10, 4096) as f64 / 1024.0);
            stats.plain("writeIOGiB", 0);
            stats.text("numSucceededTasks", &self.part(11, 5000).to_string());
            stats.text("numFailedTasks", &self.part(12, 5).to_string());
            stats.text("numTaskRetries", "0");
            stats.text("waitTime", "PT0S");
        });
    }
}

fn auto_user(task: &mut Layout<'_>) {
    task.object_member("userIdentity", |identity| {
        identity.object_member("autoUser", |user| {
            user.text("scope", "pool");
            user.text("elevationLevel", "nonadmin");
        });
    });
}

fn autopool(out: &mut Layout<'_>) {
    out.text("autoPoolIdPrefix", "render");
    out.text("poolLifetimeOption", "job");
    out.plain("keepAlive", false);
    out.object_member("pool", |pool| {
        pool.text("vmSize", "STANDARD_D4S_V5");
        pool.object_member("virtualMachineConfiguration", |machine| {
            machine.object_member("imageReference", |image| {
                image.text("publisher", "microsoft-dsvm");
                image.text("offer", "ubuntu-hpc");
                image.text("sku", "2204");
                image.text("version", "latest");
            });
            machine.text("nodeAgentSKUId", "batch.node.ubuntu 22.04");
            machine.object_member("nodePlacementConfiguration", |placement| {
                placement.text("policy", "Regional");
            });
        });
        pool.plain("taskSlotsPerNode", 1);
        pool.object_member("taskSchedulingPolicy", |policy| policy.text("nodeFillType", "Spread"));
        pool.text("resizeTimeout", "PT15M");
        pool.plain("targetDedicatedNodes", 0);
        pool.plain("targetLowPriorityNodes", 8);
        pool.plain("enableAutoScale", false);
        pool.plain("enableInterNodeCommunication", false);
        pool.object_member("startTask", |task| {
            task.text("commandLine", "/bin/sh -c 'apt-get install -y ffmpeg'");
            auto_user(task);
            task.plain("maxTaskRetryCount", 1);
            task.plain("waitForSuccess", true);
        });
        pool.array_member("applicationPackageReferences", |packages| {
            packages.element(|package| {
                package.text("applicationId", "renderer");
                package.text("version", "4.2");
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::job::Fields;

    #[test]
    fn ids_ascend_for_any_count() {
        for jobs in [1, 3, 20, 2_500, 100_000] {
            let ids: Vec<String> = (0..jobs).map(|n| id(n, jobs)).collect();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{jobs} jobs");
        }
    }

    #[test]
    fn every_state_occurs_and_each_tenth_job_is_active() {
        let states: Vec<State> = (0..2_500).map(state).collect();
        assert!(State::ALL.iter().all(|state| states.contains(state)));
        let active = states.iter().filter(|state| **state == State::Active).count();
        assert_eq!(active, active_jobs(2_500));
    }

    #[test]
    fn jobs_are_about_as_large_as_real_ones() {
        let mut out = Vec::new();
        for n in 0..1000 {
            job(n, 1000).write(&mut Layout::new(&mut out, 2), Fields::DEFAULT, "a.example");
        }
        let average = out.len() / 1000;
        assert!((1_150..=1_350).contains(&average), "{average} bytes a job");
    }
}
