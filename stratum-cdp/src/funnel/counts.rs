//! What people's attempts add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, count};

use super::attempt::Attempt;
use super::definition::{CompiledFunnel, StepOrder};

/// The attempts of some of the people: a partial state that merges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelCounts {
    all: Tally,
    /// By the value of the property that breaks the result down.
    #[serde(with = "pairs")]
    groups: BTreeMap<Option<String>, Tally>,
}

/// A group without a value is no key of a JSON object, so groups are written as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Tally;

    type Groups = BTreeMap<Option<String>, Tally>;

    pub(super) fn serialize<S: Serializer>(groups: &Groups, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(groups)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Groups, D::Error> {
        Ok(Vec::<(Option<String>, Tally)>::deserialize(from)?.into_iter().collect())
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Tally {
    /// How many took at least one step, two steps, …
    reached: Vec<u64>,
    /// For each step after the first, the milliseconds that it took after the one before, of each person.
    gaps_ms: Vec<Vec<i64>>,
    /// The milliseconds from the first step to the last, of each person who converted.
    whole_ms: Vec<i64>,
}

/// Equal if they have counted the same, in whatever order the people came.
impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |durations: &[i64]| {
            let mut durations = durations.to_vec();
            durations.sort_unstable();
            durations
        };
        let gaps = |tally: &Self| tally.gaps_ms.iter().map(|gaps| sorted(gaps)).collect::<Vec<_>>();
        self.reached == other.reached
            && sorted(&self.whole_ms) == sorted(&other.whole_ms)
            && gaps(self) == gaps(other)
    }
}

impl Eq for Tally {}

impl Tally {
    fn add(&mut self, steps: usize, attempt: &Attempt) {
        self.reached.resize(steps, 0);
        self.gaps_ms.resize_with(steps.saturating_sub(1), Vec::new);
        for people in self.reached.iter_mut().take(attempt.reached) {
            *people = people.saturating_add(1);
        }
        let times = attempt.times_ms();
        for (gaps, (earlier, later)) in self.gaps_ms.iter_mut().zip(times.iter().zip(times.iter().skip(1))) {
            gaps.push(later.saturating_sub(*earlier));
        }
        if let (Some(first), Some(last), true) = (times.first(), times.last(), attempt.reached == steps) {
            self.whole_ms.push(last.saturating_sub(*first));
        }
    }

    fn merge(&mut self, other: Self) {
        if self.reached.len() < other.reached.len() {
            self.reached.resize(other.reached.len(), 0);
            self.gaps_ms.resize_with(other.gaps_ms.len(), Vec::new);
        }
        for (people, more) in self.reached.iter_mut().zip(other.reached) {
            *people = people.saturating_add(more);
        }
        for (gaps, more) in self.gaps_ms.iter_mut().zip(other.gaps_ms) {
            gaps.extend(more);
        }
        self.whole_ms.extend(other.whole_ms);
    }

    fn entered(&self) -> u64 {
        self.reached.first().copied().unwrap_or(0)
    }

    fn converted(&self, steps: usize) -> u64 {
        self.reached.get(steps.saturating_sub(1)).copied().unwrap_or(0)
    }
}

/// How people moved through a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FunnelReport {
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
    /// The same for each value of the property that breaks the funnel down; most people first, then by value.
    pub groups: Vec<FunnelGroup>,
}

/// One step, or "at least so many steps" of an unordered funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StepMetric {
    /// The position of the step, from 1.
    pub step: usize,
    /// What people call it; `null` for an unordered funnel.
    pub name: Option<String>,
    /// The name of its event; `null` for an unordered funnel.
    pub event_name: Option<String>,
    /// How many people came as far as this.
    pub count: u64,
    /// `count` of those who entered, 0 to 1; not defined if nobody did.
    pub conversion_rate: Option<f64>,
    /// Who took the step before and not this one, of those who took the step before, 0 to 1; 0 for the first step.
    pub drop_off_rate: Option<f64>,
    /// How many took the step before and not this one.
    pub drop_off_count: u64,
    /// Half of the people took at most so many seconds from the step before.
    pub median_seconds_from_previous: Option<f64>,
}

/// The funnel of the people who began with one value of the property that breaks it down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FunnelGroup {
    /// The value, as JSON text where it is not a text; `null` where the event has none.
    pub value: Option<String>,
    /// How many people took the first step.
    pub entered: u64,
    /// How many of them took all steps.
    pub converted: u64,
    /// `converted` of `entered`, 0 to 1.
    pub conversion_rate: Option<f64>,
    /// How many came as far as each step.
    pub counts: Vec<u64>,
}

impl FunnelCounts {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a person; `group` is the value that breaks the funnel down, if anything does.
    pub fn add(&mut self, funnel: &CompiledFunnel<'_>, attempt: &Attempt, group: Option<Option<&str>>) {
        self.all.add(funnel.len(), attempt);
        if let Some(value) = group {
            self.groups.entry(value.map(str::to_owned)).or_default().add(funnel.len(), attempt);
        }
    }

    /// Adds the people of another part; nobody may be in both.
    pub fn merge(&mut self, other: Self) {
        self.all.merge(other.all);
        for (value, tally) in other.groups {
            self.groups.entry(value).or_default().merge(tally);
        }
    }

    /// What the people add up to.
    #[must_use]
    pub fn finish(self, funnel: &CompiledFunnel<'_>) -> FunnelReport {
        let steps = funnel.len();
        let (entered, converted) = (self.all.entered(), self.all.converted(steps));
        let mut groups: Vec<FunnelGroup> =
            self.groups.into_iter().map(|(value, tally)| group(value, tally, steps)).collect();
        groups.sort_by(|a, b| b.entered.cmp(&a.entered).then_with(|| a.value.cmp(&b.value)));
        let mut gaps = self.all.gaps_ms.into_iter();
        let mut previous = entered;
        let metrics = funnel.funnel().steps.iter().enumerate().map(|(position, step)| {
            let people = self.all.reached.get(position).copied().unwrap_or(0);
            let lost = previous.saturating_sub(people);
            let median = if position == 0 { None } else { gaps.next().and_then(median_seconds) };
            let named = funnel.funnel().order == StepOrder::Ordered;
            let metric = StepMetric {
                step: position.saturating_add(1),
                name: named.then(|| step.name().to_owned()),
                event_name: named.then(|| step.event_name.clone()),
                count: people,
                conversion_rate: ratio(people, entered),
                drop_off_rate: ratio(lost, previous),
                drop_off_count: lost,
                median_seconds_from_previous: median,
            };
            previous = people;
            metric
        });
        FunnelReport {
            steps: metrics.collect(),
            entered,
            converted,
            conversion_rate: ratio(converted, entered),
            median_seconds_to_convert: median_seconds(self.all.whole_ms),
            groups,
        }
    }
}

fn group(value: Option<String>, tally: Tally, steps: usize) -> FunnelGroup {
    let (entered, converted) = (tally.entered(), tally.converted(steps));
    FunnelGroup {
        value,
        entered,
        converted,
        conversion_rate: ratio(converted, entered),
        counts: tally.reached,
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

/// The middle value, or the mean of the two in the middle.
fn median_seconds(mut durations_ms: Vec<i64>) -> Option<f64> {
    let people = durations_ms.len();
    if people == 0 {
        return None;
    }
    let (below, &mut high, _) = durations_ms.select_nth_unstable(people / 2);
    let low = if people % 2 == 1 { high } else { below.iter().copied().max().unwrap_or(high) };
    Some(amount(low.saturating_add(high)) / 2_000.0)
}
