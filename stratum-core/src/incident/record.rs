//! What is kept of an incident.

use serde::{Deserialize, Serialize};

use crate::enumeration;
use crate::id::{IncidentId, TenantId, UserId};
use crate::math::{count, round9};
use crate::problem::Problem;
use crate::time::Timestamp;
use crate::vocabulary::{IncidentKind, IncidentSeverity, Platform};

enumeration! {
    /// Where an incident stands.
    pub enum IncidentStatus "incident status" {
        /// Nobody has said that they look at it.
        Open = "OPEN",
        /// Somebody looks at it.
        Acknowledged = "ACKNOWLEDGED",
        /// It is over.
        Closed = "CLOSED",
    }
}

enumeration! {
    /// What happened in an incident.
    pub enum TimelineKind "timeline entry" {
        /// It began.
        IncidentOpened = "incident_opened",
        /// Its severity was raised.
        Degradation = "degradation",
        /// Somebody said that they look at it.
        Acknowledged = "acknowledged",
        /// It ended.
        IncidentClosed = "incident_closed",
    }
}

/// One thing that happened in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineEntry {
    /// What.
    pub entry: TimelineKind,
    /// The severity from then on.
    pub severity: IncidentSeverity,
    /// When.
    pub at: Timestamp,
    /// What a person wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An incident of one platform. Its severity only ever rises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Incident {
    /// Which incident.
    pub incident_id: IncidentId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Of which platform.
    pub platform: Platform,
    /// What it is about.
    pub kind: IncidentKind,
    /// How bad it has been at its worst.
    pub severity: IncidentSeverity,
    /// Where it stands.
    pub status: IncidentStatus,
    /// When it began.
    pub opened_at: Timestamp,
    /// Who looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<UserId>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// What happened, in order.
    pub timeline: Vec<TimelineEntry>,
    /// The mean EMQ of the 7 days before it began, 0 to 100; `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emq_before: Option<f64>,
    /// The sum of the EMQ scores seen while it was open.
    #[serde(default)]
    pub emq_sum: f64,
    /// How many EMQ scores were seen while it was open.
    #[serde(default)]
    pub emq_count: u64,
}

impl Incident {
    pub(super) fn open(
        incident_id: IncidentId,
        (tenant_id, platform): (TenantId, Platform),
        (kind, severity): (IncidentKind, IncidentSeverity),
        at: Timestamp,
        emq_before: Option<f64>,
    ) -> Self {
        let mut incident = Self {
            incident_id,
            tenant_id,
            platform,
            kind,
            severity,
            status: IncidentStatus::Open,
            opened_at: at,
            acknowledged_by: None,
            closed_at: None,
            timeline: Vec::new(),
            emq_before: emq_before.filter(|score| score.is_finite()),
            emq_sum: 0.0,
            emq_count: 0,
        };
        incident.note(TimelineKind::IncidentOpened, at, None);
        incident
    }

    /// Raises the severity; says whether it was lower.
    pub(super) fn raise(&mut self, severity: IncidentSeverity, at: Timestamp) -> bool {
        let raised = severity > self.severity;
        if raised {
            self.severity = severity;
            self.note(TimelineKind::Degradation, at, None);
        }
        raised
    }

    pub(super) fn acknowledge(
        &mut self,
        by: UserId,
        at: Timestamp,
        note: Option<String>,
    ) -> Result<(), Problem> {
        if self.status != IncidentStatus::Open {
            let message = format!("{} -> {}", self.status, IncidentStatus::Acknowledged);
            return Err(Problem::new("/status", "invalid_transition", message)
                .help("only an open incident can be acknowledged"));
        }
        self.status = IncidentStatus::Acknowledged;
        self.acknowledged_by = Some(by);
        self.note(TimelineKind::Acknowledged, at, note);
        Ok(())
    }

    pub(super) fn close(&mut self, at: Timestamp) {
        self.status = IncidentStatus::Closed;
        self.closed_at = Some(at);
        self.note(TimelineKind::IncidentClosed, at, None);
    }

    pub(super) fn see_emq(&mut self, score: f64) {
        self.emq_sum += score;
        self.emq_count = self.emq_count.saturating_add(1);
    }

    fn note(&mut self, entry: TimelineKind, at: Timestamp, note: Option<String>) {
        self.timeline.push(TimelineEntry { entry, severity: self.severity, at, note });
    }

    /// Hours from the opening to the end; `None` while it is open.
    #[must_use]
    pub fn recovery_hours(&self) -> Option<f64> {
        self.closed_at.map(|closed| round9(closed.hours_since(self.opened_at)))
    }

    /// Points of EMQ, −100 to 100: the mean while open less the mean of the 7 days before; `None` if either is unknown.
    #[must_use]
    pub fn emq_impact(&self) -> Option<f64> {
        let before = self.emq_before?;
        (self.emq_count > 0).then(|| round9(self.emq_sum / count(self.emq_count) - before))
    }
}
