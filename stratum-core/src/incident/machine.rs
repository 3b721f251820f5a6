//! From one evaluation to the next: what opens an incident, raises it and closes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{Incident, TimelineKind};
use crate::anomaly::{AnomalyMetric, MetricSeries, judge};
use crate::health::HealthSnapshot;
use crate::id::{IncidentId, TenantId, UserId};
use crate::policy::{BLOCK_FLOOR, EXECUTION_FLOOR};
use crate::problem::Problem;
use crate::time::Timestamp;
use crate::vocabulary::{HealthComponent, IncidentKind, IncidentSeverity, Platform};

/// How many bad evaluations in a row open an incident.
pub const OPEN_AFTER: u32 = 2;

/// How many good evaluations in a row close it.
pub const CLOSE_AFTER: u32 = 3;

/// The incidents of one platform and what leads up to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlatformIncidents {
    /// Whose.
    pub tenant_id: TenantId,
    /// Of which platform.
    pub platform: Platform,
    /// Bad evaluations in a row: health below 70, or the API down.
    #[serde(default)]
    pub bad_in_a_row: u32,
    /// Good evaluations in a row.
    #[serde(default)]
    pub good_in_a_row: u32,
    /// The instant of the newest evaluation that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated_at: Option<Timestamp>,
    /// The incidents that are not closed, one of a kind.
    #[serde(default)]
    pub open: BTreeMap<IncidentKind, Incident>,
}

/// What one step changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The state after the step: what to store and to hand in with the next one.
    pub state: PlatformIncidents,
    /// What happened, in order.
    pub events: Vec<IncidentEvent>,
}

/// Something that happened to an incident: the newest entry of its timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IncidentEvent {
    /// What happened.
    pub entry: TimelineKind,
    /// The incident as it is now.
    pub incident: Incident,
}

impl PlatformIncidents {
    /// A platform that was never evaluated.
    #[must_use]
    pub const fn new(tenant_id: TenantId, platform: Platform) -> Self {
        Self {
            tenant_id,
            platform,
            bad_in_a_row: 0,
            good_in_a_row: 0,
            evaluated_at: None,
            open: BTreeMap::new(),
        }
    }

    /// Counts one of the regular health evaluations (every 5 minutes; those made for other reasons are not to be given).
    ///
    /// An evaluation is bad when health is below 70 or the API is down. The second bad one in a row opens an incident: of kind
    /// `PLATFORM` if the API is down, else `SIGNAL_HEALTH`; critical below 40 or with the API down, else high. Any bad one
    /// raises the open incidents of these kinds, none lowers them. The third good one in a row closes them. A snapshot that
    /// is not newer than the last one changes nothing.
    ///
    /// `emq_before` is the mean EMQ of the 7 days before, for an incident that opens now; `new_id` makes its id.
    ///
    /// # Errors
    /// `wrong_tenant` or `wrong_platform` for a snapshot of another.
    pub fn observe(
        &self,
        snapshot: &HealthSnapshot,
        emq_before: Option<f64>,
        mut new_id: impl FnMut(IncidentKind) -> IncidentId,
    ) -> Result<Transition, Problem> {
        self.check_owner(snapshot)?;
        let mut step = Step::from(self);
        let at = snapshot.computed_at;
        if self.evaluated_at.is_some_and(|last| at <= last) {
            return Ok(step.done());
        }
        step.state.evaluated_at = Some(at);
        let down = snapshot.api.is_down();
        let score = snapshot.score.get();
        if score < EXECUTION_FLOOR || down {
            step.state.bad_in_a_row = self.bad_in_a_row.saturating_add(1);
            step.state.good_in_a_row = 0;
            let severity =
                if score < BLOCK_FLOOR || down { IncidentSeverity::Critical } else { IncidentSeverity::High };
            for kind in HEALTH_KINDS {
                step.raise(kind, severity, at);
            }
            let kind = if down { IncidentKind::Platform } else { IncidentKind::SignalHealth };
            if step.state.bad_in_a_row >= OPEN_AFTER && !step.state.open.contains_key(&kind) {
                step.open(new_id(kind), kind, severity, at, emq_before);
            }
        } else {
            step.state.bad_in_a_row = 0;
            step.state.good_in_a_row = self.good_in_a_row.saturating_add(1);
        }
        if let Some(emq) = snapshot.component(HealthComponent::Emq) {
            step.state.open.values_mut().for_each(|incident| incident.see_emq(emq.get()));
        }
        if step.state.good_in_a_row >= CLOSE_AFTER {
            for kind in HEALTH_KINDS {
                step.close(kind, at);
            }
        }
        Ok(step.done())
    }

    /// Counts the metrics of a day: a harmful high or critical anomaly of EMQ opens or raises the incident of kind `EMQ`, one of
    /// event loss that of kind `ANOMALY`. The first day on which the metric is no harmful anomaly closes it. A metric that is
    /// not among `day`, or that cannot be judged, changes nothing.
    #[must_use]
    pub fn observe_day(
        &self,
        day: &[MetricSeries<'_>],
        at: Timestamp,
        emq_before: Option<f64>,
        mut new_id: impl FnMut(IncidentKind) -> IncidentId,
    ) -> Transition {
        let mut step = Step::from(self);
        for series in day.iter().filter(|series| series.zscore().is_some()) {
            let Some(kind) = series.metric.incident_kind() else { continue };
            let found = judge(&[*series]).into_iter().next();
            let harmful = found.filter(|found| found.harmful && found.severity.is_some());
            match harmful.map(|found| found.incident()) {
                None => step.close(kind, at),
                // A medium anomaly opens nothing, but it is not over either.
                Some(None) => {}
                Some(Some((kind, severity))) if step.state.open.contains_key(&kind) => {
                    step.raise(kind, severity, at);
                }
                Some(Some((kind, severity))) => step.open(new_id(kind), kind, severity, at, emq_before),
            }
            if series.metric == AnomalyMetric::EmqScore
                && let Some(incident) = step.state.open.get_mut(&kind)
            {
                incident.see_emq(series.value);
            }
        }
        step.done()
    }

    /// Notes that a person looks at the open incident of a kind.
    ///
    /// # Errors
    /// `not_found` if no incident of this kind is open, `invalid_transition` if it is acknowledged already.
    pub fn acknowledge(
        &self,
        kind: IncidentKind,
        by: UserId,
        at: Timestamp,
        note: Option<String>,
    ) -> Result<Transition, Problem> {
        let mut step = Step::from(self);
        let Some(incident) = step.state.open.get_mut(&kind) else {
            return Err(Problem::new("/kind", "not_found", format!("no incident of kind {kind} is open")));
        };
        incident.acknowledge(by, at, note)?;
        let incident = incident.clone();
        step.events.push(IncidentEvent { entry: TimelineKind::Acknowledged, incident });
        Ok(step.done())
    }

    fn check_owner(&self, snapshot: &HealthSnapshot) -> Result<(), Problem> {
        if snapshot.tenant_id != self.tenant_id {
            return Err(Problem::new("/tenant_id", "wrong_tenant", "this snapshot is of another tenant"));
        }
        if snapshot.platform != self.platform {
            let message = format!("this snapshot is of {}, not of {}", snapshot.platform, self.platform);
            return Err(Problem::new("/platform", "wrong_platform", message));
        }
        Ok(())
    }
}

/// The kinds that follow health itself.
const HEALTH_KINDS: [IncidentKind; 2] = [IncidentKind::SignalHealth, IncidentKind::Platform];

/// A transition in the making.
struct Step {
    state: PlatformIncidents,
    events: Vec<IncidentEvent>,
}

impl From<&PlatformIncidents> for Step {
    fn from(before: &PlatformIncidents) -> Self {
        Self { state: before.clone(), events: Vec::new() }
    }
}

impl Step {
    fn open(
        &mut self,
        id: IncidentId,
        kind: IncidentKind,
        severity: IncidentSeverity,
        at: Timestamp,
        emq_before: Option<f64>,
    ) {
        let owner = (self.state.tenant_id, self.state.platform);
        let incident = Incident::open(id, owner, (kind, severity), at, emq_before);
        self.events.push(IncidentEvent { entry: TimelineKind::IncidentOpened, incident: incident.clone() });
        self.state.open.insert(kind, incident);
    }

    fn raise(&mut self, kind: IncidentKind, severity: IncidentSeverity, at: Timestamp) {
        if let Some(incident) = self.state.open.get_mut(&kind)
            && incident.raise(severity, at)
        {
            self.events.push(IncidentEvent { entry: TimelineKind::Degradation, incident: incident.clone() });
        }
    }

    fn close(&mut self, kind: IncidentKind, at: Timestamp) {
        if let Some(mut incident) = self.state.open.remove(&kind) {
            incident.close(at);
            self.events.push(IncidentEvent { entry: TimelineKind::IncidentClosed, incident });
        }
    }

    fn done(self) -> Transition {
        Transition { state: self.state, events: self.events }
    }
}
