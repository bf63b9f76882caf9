//! A job (BatchJob of api-version 2025-06-01): its members, and its text in the service's order.
//!
//! Learn: "Jobs - List Jobs"; the order of members and the values the service fills in by itself
//! are those of recorded answers. Which jobs exist is `generator`'s business.

use crate::batch::{generator::Recipe, instant::Instant, layout::Layout};

/// Top-level members, in wire order. A position here is a bit of `Fields`.
const NAMES: [&str; 26] = [
    "id",
    "displayName",
    "url",
    "eTag",
    "lastModified",
    "creationTime",
    "state",
    "stateTransitionTime",
    "previousState",
    "previousStateTransitionTime",
    "priority",
    "maxParallelTasks",
    "allowTaskPreemption",
    "usesTaskDependencies",
    "constraints",
    "jobManagerTask",
    "jobPreparationTask",
    "jobReleaseTask",
    "commonEnvironmentSettings",
    "poolInfo",
    "networkConfiguration",
    "metadata",
    "executionInfo",
    "stats",
    "onAllTasksComplete",
    "onTaskFailure",
];

/// A choice of top-level members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields(u32);

impl Fields {
    /// What comes without `$select` and `$expand`: everything but statistics.
    pub(crate) const DEFAULT: Self = Self(!0).without("stats");

    const NONE: Self = Self(0);

    /// Reads a `$select` list; the first unknown name is the error.
    pub(crate) fn parse(list: &str) -> Result<Self, &str> {
        list.split(',').map(str::trim).try_fold(Self::NONE, |fields, name| {
            if NAMES.contains(&name) { Ok(fields.with(name)) } else { Err(name) }
        })
    }

    pub(crate) const fn with(self, name: &str) -> Self {
        Self(self.0 | bit(name))
    }

    const fn without(self, name: &str) -> Self {
        Self(self.0 & !bit(name))
    }

    const fn has(self, name: &str) -> bool {
        self.0 & bit(name) != 0
    }
}

/// The bit of a member; zero for a name that is none.
const fn bit(name: &str) -> u32 {
    let mut index = 0;
    while index < NAMES.len() {
        if same(NAMES[index].as_bytes(), name.as_bytes()) {
            return 1 << index;
        }
        index += 1;
    }
    0
}

/// `==` on bytes, which a constant may not use.
const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Job states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Active,
    Disabling,
    Disabled,
    Enabling,
    Terminating,
    Completed,
    Deleting,
}

impl State {
    pub(crate) const ALL: [Self; 7] = [
        Self::Active,
        Self::Disabling,
        Self::Disabled,
        Self::Enabling,
        Self::Terminating,
        Self::Completed,
        Self::Deleting,
    ];

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabling => "disabling",
            Self::Disabled => "disabled",
            Self::Enabling => "enabling",
            Self::Terminating => "terminating",
            Self::Completed => "completed",
            Self::Deleting => "deleting",
        }
    }
}

/// A job: what can be filtered by, and the recipe for the rest.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) state: State,
    pub(crate) creation_time: Instant,
    pub(crate) last_modified: Instant,
    pub(crate) state_transition_time: Instant,
    pub(crate) previous: Option<(State, Instant)>,
    pub(crate) start_time: Instant,
    pub(crate) end_time: Option<Instant>,
    pub(crate) pool_id: String,
    pub(crate) recipe: Recipe,
}

impl Job {
    /// Writes the chosen members as an object, with `host` in the urls. Says where behind the
    /// first `https://` the host stands, so that one text can serve several hosts.
    pub(crate) fn write(&self, out: &mut Layout<'_>, fields: Fields, host: &str) -> usize {
        let mut host_at = 0;
        out.object(|out| {
            host_at = self.identity(out, fields, host);
            self.states(out, fields);
            self.settings(out, fields);
            self.tasks(out, fields);
            if fields.has("poolInfo") {
                self.recipe.pool_info(out, &self.pool_id);
            }
            if fields.has("metadata") {
                self.recipe.metadata(out);
            }
            if fields.has("executionInfo") {
                self.execution_info(out);
            }
            if fields.has("stats") {
                self.recipe.stats(out, &format!("https://{host}/jobs/{}/stats", self.id), self);
            }
            self.endings(out, fields);
        });
        host_at
    }

    fn identity(&self, out: &mut Layout<'_>, fields: Fields, host: &str) -> usize {
        let mut host_at = 0;
        if fields.has("id") {
            out.text("id", &self.id);
        }
        if fields.has("displayName")
            && let Some(name) = self.recipe.display_name(&self.id)
        {
            out.text("displayName", &name);
        }
        if fields.has("url") {
            host_at = out.len() + ",\"url\":\"https://".len();
            out.text("url", &format!("https://{host}/jobs/{}", self.id));
        }
        if fields.has("eTag") {
            // Ticks since year 1, as the service counts them.
            let ticks = self.last_modified.ticks() + 621_355_968_000_000_000;
            out.text("eTag", &format!("0x{ticks:X}"));
        }
        host_at
    }

    fn states(&self, out: &mut Layout<'_>, fields: Fields) {
        if fields.has("lastModified") {
            out.text("lastModified", &self.last_modified.to_string());
        }
        if fields.has("creationTime") {
            out.text("creationTime", &self.creation_time.to_string());
        }
        if fields.has("state") {
            out.text("state", self.state.text());
        }
        if fields.has("stateTransitionTime") {
            out.text("stateTransitionTime", &self.state_transition_time.to_string());
        }
        let Some((state, since)) = self.previous else {
            return;
        };
        if fields.has("previousState") {
            out.text("previousState", state.text());
        }
        if fields.has("previousStateTransitionTime") {
            out.text("previousStateTransitionTime", &since.to_string());
        }
    }

    fn settings(&self, out: &mut Layout<'_>, fields: Fields) {
        if fields.has("priority") {
            out.plain("priority", self.recipe.priority());
        }
        if fields.has("maxParallelTasks") {
            out.plain("maxParallelTasks", -1);
        }
        if fields.has("allowTaskPreemption") {
            out.plain("allowTaskPreemption", false);
        }
        if fields.has("usesTaskDependencies") {
            out.plain("usesTaskDependencies", self.recipe.uses_task_dependencies());
        }
        if fields.has("constraints") {
            self.recipe.constraints(out);
        }
    }

    fn tasks(&self, out: &mut Layout<'_>, fields: Fields) {
        if fields.has("jobManagerTask") {
            self.recipe.job_manager_task(out);
        }
        if fields.has("jobPreparationTask") {
            self.recipe.job_preparation_task(out);
        }
        if fields.has("jobReleaseTask") {
            self.recipe.job_release_task(out);
        }
        if fields.has("commonEnvironmentSettings") {
            self.recipe.common_environment_settings(out);
        }
    }

    fn execution_info(&self, out: &mut Layout<'_>) {
        out.object_member("executionInfo", |info| {
            info.text("startTime", &self.start_time.to_string());
            if let Some(end_time) = self.end_time {
                info.text("endTime", &end_time.to_string());
            }
            info.text("poolId", &self.pool_id);
            if self.state == State::Completed {
                self.recipe.ending(info);
            }
        });
    }

    fn endings(&self, out: &mut Layout<'_>, fields: Fields) {
        if fields.has("onAllTasksComplete") {
            out.text("onAllTasksComplete", self.recipe.on_all_tasks_complete());
        }
        if fields.has("onTaskFailure") {
            out.text("onTaskFailure", "noaction");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn select_takes_known_names_and_names_the_first_unknown() {
        assert_eq!(Fields::parse("id, state"), Ok(Fields::NONE.with("id").with("state")));
        assert_eq!(Fields::parse("id,State,nope"), Err("State"), "names are case-sensitive");
        assert!(!Fields::DEFAULT.has("stats"));
    }
}
