//! `$filter` on jobs: which properties there are, and whether a job passes.
//!
//! Property names are case-sensitive, values are not (Learn: "Create queries to list Batch
//! resources efficiently"). `lexer` and `parser` read the text; a wrong one is told by `Invalid`.

mod lexer;
mod parser;

use std::cmp::Ordering;

use crate::batch::{
    error::BatchError,
    instant::Instant,
    job::{Job, State},
};

/// Which list is being filtered: on a schedule's jobs `id` cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Jobs,
    ScheduleJobs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Id,
    State,
    StateTransitionTime,
    CreationTime,
    LastModified,
    StartTime,
    EndTime,
    PoolId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// In lower case.
    Text(String),
    State(State),
    Date(Instant),
}

#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    property: Property,
    operator: Operator,
    value: Value,
}

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ParsedFilter(Filter);

#[derive(Debug, Clone, PartialEq)]
enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// The prefix in lower case.
    StartsWith(Property, String),
    Compare(Comparison),
}

/// Why a filter was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// Wrong grammar, property, operator or type.
    Syntax(String),
    /// A state that no job can be in.
    State(String),
}

impl Invalid {
    /// The answer to a request with this filter.
    pub(crate) fn error(&self, filter: &str) -> BatchError {
        match self {
            Self::Syntax(reason) => BatchError::invalid_query_parameter("$filter", filter, reason),
            // As the documentation's own example has it.
            Self::State(state) => BatchError::invalid_query_parameter("state", state, "invalid state"),
        }
    }
}

impl ParsedFilter {
    pub(crate) fn parse(text: &str, scope: Scope) -> Result<Self, Invalid> {
        parser::parse(text, scope).map(Self)
    }

    /// Whether `job` passes.
    pub(crate) fn passes(&self, job: &Job) -> bool {
        self.0.passes(job)
    }
}

impl Filter {
    fn passes(&self, job: &Job) -> bool {
        match self {
            Self::And(left, right) => left.passes(job) && right.passes(job),
            Self::Or(left, right) => left.passes(job) || right.passes(job),
            Self::StartsWith(property, prefix) => {
                property.text(job).to_lowercase().starts_with(prefix.as_str())
            }
            Self::Compare(comparison) => comparison.holds(job),
        }
    }
}

impl Comparison {
    fn holds(&self, job: &Job) -> bool {
        match &self.value {
            Value::Text(text) => self.operator.holds(Some(self.property.text(job).to_lowercase().cmp(text))),
            Value::State(state) => {
                self.operator.holds(Some(if job.state == *state { Ordering::Equal } else { Ordering::Less }))
            }
            Value::Date(date) => self.operator.holds(self.property.date(job).map(|value| value.cmp(date))),
        }
    }
}

impl Operator {
    /// Judges how value and literal compare. An absent value differs from every literal, and is
    /// neither before nor after it.
    const fn holds(self, ordering: Option<Ordering>) -> bool {
        let Some(ordering) = ordering else {
            return matches!(self, Self::Ne);
        };
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
        }
    }
}

impl Property {
    fn parse(name: &str, scope: Scope) -> Option<Self> {
        Some(match name {
            "id" if scope == Scope::Jobs => Self::Id,
            "state" => Self::State,
            "stateTransitionTime" => Self::StateTransitionTime,
            "creationTime" => Self::CreationTime,
            "lastModified" => Self::LastModified,
            "executionInfo/startTime" => Self::StartTime,
            "executionInfo/endTime" => Self::EndTime,
            "executionInfo/poolId" => Self::PoolId,
            _ => return None,
        })
    }

    const fn is_date(self) -> bool {
        !matches!(self, Self::Id | Self::State | Self::PoolId)
    }

    fn text(self, job: &Job) -> &str {
        match self {
            Self::PoolId => &job.pool_id,
            _ => &job.id,
        }
    }

    const fn date(self, job: &Job) -> Option<Instant> {
        match self {
            Self::StateTransitionTime => Some(job.state_transition_time),
            Self::LastModified => Some(job.last_modified),
            Self::StartTime => Some(job.start_time),
            Self::EndTime => job.end_time,
            _ => Some(job.creation_time),
        }
    }
}

#[cfg(test)]
mod tests;
