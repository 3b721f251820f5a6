//! A funnel over a list of events, as every language asks for it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, Problems};

use super::attempt::StepEvent;
use super::counts::{FunnelCounts, FunnelGroup, FunnelReport, StepMetric};
use super::definition::{CompiledFunnel, Funnel};
use crate::segment::at_path;

/// A funnel and the events to run it on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FunnelRequest {
    /// The funnel.
    pub funnel: Funnel,
    /// The events, in any order.
    pub events: Vec<FunnelEvent>,
}

/// What a funnel reads of an event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FunnelEvent {
    /// Whose event it is: the canonical profile.
    pub profile_id: String,
    /// Decides the order of events of one instant; the order of the list, after it, where it is left out.
    #[serde(default)]
    pub event_id: Option<String>,
    /// What happened.
    pub event_name: String,
    /// When it happened.
    pub event_time: Timestamp,
    /// What belongs to the event.
    #[serde(default)]
    pub properties: Map<String, Value>,
}

impl fmt::Debug for FunnelEvent {
    /// Without the properties: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunnelEvent")
            .field("event_name", &self.event_name)
            .field("event_time", &self.event_time)
            .finish_non_exhaustive()
    }
}

/// How people moved through a funnel, and who stopped where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FunnelEvaluation {
    /// How many people took the first step (of an unordered funnel: any step).
    pub entered: u64,
    /// How many of them took all steps.
    pub converted: u64,
    /// `converted` of `entered`, 0 to 1; not defined if nobody entered.
    pub conversion_rate: Option<f64>,
    /// Half of those who converted took at most so many seconds from the first step to the last.
    pub median_seconds_to_convert: Option<f64>,
    /// The steps, in their order.
    pub steps: Vec<StepMetric>,
    /// The same for each value of the property that breaks the funnel down.
    pub groups: Vec<FunnelGroup>,
    /// Who entered and did not convert, by profile.
    pub drop_offs: Vec<DropOff>,
}

/// A person who stopped on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DropOff {
    /// Who.
    pub profile_id: String,
    /// How many steps were taken.
    pub last_step: usize,
    /// When the last of them was taken.
    pub last_step_at: Timestamp,
}

/// Runs a funnel on events.
///
/// # Errors
/// Every problem of the funnel, under `/funnel`; `too_many_rows` from 2^32 events on.
pub fn evaluate(request: &FunnelRequest) -> Result<FunnelEvaluation, Problems> {
    let funnel = request.funnel.compile().map_err(|problems| problems.under("/funnel"))?;
    if u32::try_from(request.events.len()).is_err() {
        return Err(Problem::new("/events", "too_many_rows", "at most 4294967295 events at once").into());
    }
    let mut counts = FunnelCounts::new();
    let mut drop_offs = Vec::new();
    for (profile_id, events) in by_person(&funnel, &request.events) {
        let Some(attempt) = funnel.best_attempt(&events) else { continue };
        let first = usize::try_from(attempt.first_row).ok().and_then(|row| request.events.get(row));
        let broken_down = funnel.funnel().break_down.as_deref();
        let value = broken_down.zip(first).and_then(|(path, event)| group_value(path, &event.properties));
        counts.add(&funnel, &attempt, broken_down.map(|_| value.as_deref()));
        if attempt.reached < funnel.len()
            && let Some(last_step_at) =
                attempt.times_ms().last().and_then(|&ms| Timestamp::from_millis(ms).ok())
        {
            let last_step = attempt.reached;
            drop_offs.push(DropOff { profile_id: profile_id.to_owned(), last_step, last_step_at });
        }
    }
    let FunnelReport { entered, converted, conversion_rate, median_seconds_to_convert, steps, groups } =
        counts.finish(&funnel);
    Ok(FunnelEvaluation {
        entered,
        converted,
        conversion_rate,
        median_seconds_to_convert,
        steps,
        groups,
        drop_offs,
    })
}

/// The events of each person that can meet a step, in order of time, then id, then place in the list.
fn by_person<'a>(
    funnel: &CompiledFunnel<'_>,
    events: &'a [FunnelEvent],
) -> BTreeMap<&'a str, Vec<StepEvent>> {
    let mut found: Vec<(&FunnelEvent, StepEvent)> = Vec::new();
    for (row, event) in (0_u32..).zip(events) {
        let steps = funnel.steps_of(&event.event_name, &event.properties);
        if steps != 0 {
            found.push((event, StepEvent { at_ms: event.event_time.millis(), steps, row }));
        }
    }
    found.sort_by_key(|(event, step)| (step.at_ms, event.event_id.as_deref(), step.row));
    let mut people: BTreeMap<&str, Vec<StepEvent>> = BTreeMap::new();
    for (event, step) in found {
        people.entry(&event.profile_id).or_default().push(step);
    }
    people
}

/// The value by which the funnel is broken down, of the properties of the event that took the first step; none without one.
#[must_use]
pub fn group_value(break_down: &str, properties: &Map<String, Value>) -> Option<String> {
    let path: Vec<String> = break_down.split('.').map(str::to_owned).collect();
    match at_path(properties, &path)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
