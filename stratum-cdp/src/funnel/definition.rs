//! What a funnel is, and when it is one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::{DAY_MS, HOUR_MS};

use crate::segment::{CompiledFilter, PropertyFilter};

/// The most steps of a funnel; the fewest are two.
pub const MAX_STEPS: usize = 20;

enumeration! {
    /// Whether the steps have to be taken in their order.
    pub enum StepOrder "step order" {
        /// Each step after the one before it.
        Ordered = "ordered",
        /// In any order: step `i` of the result counts who took at least `i` of the steps. An event takes one step; one that
        /// can meet several takes whichever lets most steps be taken, so the order of the list does not matter.
        Unordered = "unordered",
    }
}

impl Default for StepOrder {
    /// What a funnel is that does not say.
    fn default() -> Self {
        Self::Ordered
    }
}

/// A funnel as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Funnel {
    /// 2 to 20 steps.
    #[cfg_attr(feature = "schema", schemars(length(min = 2, max = 20)))]
    pub steps: Vec<FunnelStep>,
    /// Whether the steps have to be taken in their order.
    #[serde(default)]
    pub order: StepOrder,
    /// Days from the first step within which the others count, 1 to 365.
    #[serde(default = "default_window")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 365)))]
    pub conversion_window_days: u32,
    /// Hours that a step may take after the one before it, 1 to 720; no limit if left out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 720)))]
    pub step_timeout_hours: Option<u32>,
    /// A property of the event that met the first step, a path of keys joined by dots, by which the result is broken down.
    #[serde(default)]
    pub break_down: Option<String>,
}

const fn default_window() -> u32 {
    30
}

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FunnelStep {
    /// What people call the step; the event's name if left out.
    #[serde(default)]
    pub step_name: Option<String>,
    /// The name of the event that takes the step, compared exactly.
    pub event_name: String,
    /// What the properties of that event must be; all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<PropertyFilter>,
}

impl FunnelStep {
    /// A step that every event of this name takes.
    #[must_use]
    pub fn new(event_name: impl Into<String>) -> Self {
        Self { step_name: None, event_name: event_name.into(), conditions: Vec::new() }
    }

    /// What people call the step.
    #[must_use]
    pub fn name(&self) -> &str {
        self.step_name.as_deref().unwrap_or(&self.event_name)
    }
}

impl Funnel {
    /// An ordered funnel with a window of 30 days.
    #[must_use]
    pub const fn new(steps: Vec<FunnelStep>) -> Self {
        Self {
            steps,
            order: StepOrder::Ordered,
            conversion_window_days: default_window(),
            step_timeout_hours: None,
            break_down: None,
        }
    }

    /// Checks the funnel.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `too_short`, `too_long`, and those of the conditions.
    pub fn compile(&self) -> Result<CompiledFunnel<'_>, Problems> {
        let mut found = ProblemCollector::new();
        if !(2..=MAX_STEPS).contains(&self.steps.len()) {
            found.push(
                Problem::new(
                    "/steps",
                    "out_of_range",
                    format!("a funnel has 2 to {MAX_STEPS} steps, not {}", self.steps.len()),
                )
                .help("a single event is counted by a segment"),
            );
        }
        if !(1..=365).contains(&self.conversion_window_days) {
            found.push(Problem::new(
                "/conversion_window_days",
                "out_of_range",
                "the conversion window is 1 to 365 days",
            ));
        }
        if self.step_timeout_hours.is_some_and(|hours| !(1..=720).contains(&hours)) {
            found.push(
                Problem::new("/step_timeout_hours", "out_of_range", "the step timeout is 1 to 720 hours")
                    .help("leave it out for no limit"),
            );
        }
        let mut filters = Vec::with_capacity(self.steps.len());
        for (position, step) in self.steps.iter().enumerate() {
            filters.push(step.compile(&format!("/steps/{position}"), &mut found));
        }
        found.into_result(CompiledFunnel {
            funnel: self,
            filters,
            window_ms: i64::from(self.conversion_window_days).saturating_mul(DAY_MS),
            timeout_ms: self
                .step_timeout_hours
                .map_or(i64::MAX, |hours| i64::from(hours).saturating_mul(HOUR_MS)),
        })
    }
}

/// The bit of the step at a position below [`MAX_STEPS`].
pub(super) fn bit(position: usize) -> u32 {
    u32::try_from(position).ok().and_then(|position| 1_u32.checked_shl(position)).unwrap_or(0)
}

impl FunnelStep {
    fn compile(&self, place: &str, found: &mut ProblemCollector) -> Vec<CompiledFilter> {
        let texts = [("event_name", Some(&self.event_name)), ("step_name", self.step_name.as_ref())];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            let path = format!("{place}/{field}");
            if text.trim().is_empty() {
                found.push(Problem::new(path, "too_short", "a name is 1 to 255 characters long"));
            } else if text.chars().count() > 255 {
                found.push(Problem::new(path, "too_long", "a name is 1 to 255 characters long"));
            }
        }
        let mut filters = Vec::with_capacity(self.conditions.len());
        for (position, condition) in self.conditions.iter().enumerate() {
            let place = format!("{place}/conditions/{position}");
            filters.extend(found.take(&place, condition.compile()));
        }
        filters
    }
}

/// A funnel that was found valid.
#[derive(Debug, Clone)]
pub struct CompiledFunnel<'a> {
    pub(super) funnel: &'a Funnel,
    filters: Vec<Vec<CompiledFilter>>,
    pub(super) window_ms: i64,
    pub(super) timeout_ms: i64,
}

impl CompiledFunnel<'_> {
    /// The funnel itself.
    #[must_use]
    pub const fn funnel(&self) -> &Funnel {
        self.funnel
    }

    /// The steps that an event can meet: bit `i` for the step at position `i`.
    #[must_use]
    pub fn steps_of(&self, event_name: &str, properties: &Map<String, Value>) -> u32 {
        let steps = self.funnel.steps.iter().zip(&self.filters).enumerate();
        let met = steps.filter(|(_, (step, filters))| {
            step.event_name == event_name && filters.iter().all(|filter| filter.holds(properties))
        });
        met.fold(0, |bits, (position, _)| bits | bit(position))
    }

    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.funnel.steps.len()
    }

    /// Never: a funnel has at least two steps.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.funnel.steps.is_empty()
    }
}
