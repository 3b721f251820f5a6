//! Cohorts of a list of events, as every language asks for them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::calendar::CohortPeriod;
use super::counts::{Cohort, CohortCounts};

/// The most periods of a cohort.
pub const MAX_PERIODS: u32 = 400;

/// What makes cohorts, and the events to make them of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CohortRequest {
    /// The name of the event that begins a cohort: each person's first one counts. Any event if left out.
    #[serde(default)]
    pub cohort_event: Option<String>,
    /// The name of the event that counts as coming again. Any event if left out.
    #[serde(default)]
    pub return_event: Option<String>,
    /// How long a period is.
    pub period: CohortPeriod,
    /// How many periods are shown, 1 to 400.
    #[serde(default = "default_periods")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 400)))]
    pub periods: u32,
    /// The instant of the question: later events do not count, and periods that are not over are left out.
    pub now: Timestamp,
    /// The events, in any order.
    pub events: Vec<CohortEvent>,
}

const fn default_periods() -> u32 {
    12
}

/// What cohorts read of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CohortEvent {
    /// Whose event it is: the canonical profile.
    pub profile_id: String,
    /// What happened.
    pub event_name: String,
    /// When it happened.
    pub event_time: Timestamp,
}

/// Cohorts, the earliest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CohortReport {
    /// Those who came in each period.
    pub cohorts: Vec<Cohort>,
}

/// Makes cohorts of events.
///
/// # Errors
/// `out_of_range` if there are to be none or more than 400 periods; `too_short` for an empty name.
pub fn retention(request: &CohortRequest) -> Result<CohortReport, Problems> {
    check(request)?;
    let mut people: BTreeMap<&str, Vec<&CohortEvent>> = BTreeMap::new();
    for event in request.events.iter().filter(|event| event.event_time <= request.now) {
        people.entry(&event.profile_id).or_default().push(event);
    }
    let mut counts = CohortCounts::new();
    for events in people.values() {
        let begins = events.iter().filter(|event| is(request.cohort_event.as_deref(), event));
        let Some(came) = begins.map(|event| event.event_time).min() else { continue };
        let returns = events.iter().filter(|event| is(request.return_event.as_deref(), event));
        let since = returns.map(|event| event.event_time).filter(|&at| at >= came);
        let mut again: Vec<i64> = since.map(|at| request.period.number(at)).collect();
        again.sort_unstable();
        again.dedup();
        counts.add(request.period.number(came), &again);
    }
    let now = request.period.number(request.now);
    Ok(CohortReport { cohorts: counts.finish(request.period, request.periods, now) })
}

fn check(request: &CohortRequest) -> Result<(), Problems> {
    let mut found = ProblemCollector::new();
    if !(1..=MAX_PERIODS).contains(&request.periods) {
        let text = format!("a cohort has 1 to {MAX_PERIODS} periods, not {}", request.periods);
        found.push(Problem::new("/periods", "out_of_range", text));
    }
    for (path, name) in [("/cohort_event", &request.cohort_event), ("/return_event", &request.return_event)] {
        if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            let empty = Problem::new(path, "too_short", "an event name is 1 to 255 characters long");
            found.push(empty.help("leave it out to count every event"));
        }
    }
    found.into_result(())
}

fn is(name: Option<&str>, event: &CohortEvent) -> bool {
    name.is_none_or(|name| name == event.event_name)
}
