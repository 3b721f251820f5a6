//! What would change the answer: the component that must rise and how far, the data that must arrive, who can help.

use serde::{Deserialize, Serialize};

use super::{GateEvaluation, GateFacts, GateReason, Reason};
use crate::enumeration;
use crate::health::{ComponentReading, HealthSnapshot};
use crate::order;
use crate::policy::CompiledTrustPolicy;
use crate::score::Score;
use crate::vocabulary::{HealthComponent, Platform};

/// A component below this score is worth a look.
const LOW_COMPONENT: f64 = 70.0;

enumeration! {
    /// What to do so that the change may run.
    pub enum RemedyCode "remedy" {
        /// Health must reach the threshold.
        RaiseHealth = "RAISE_HEALTH",
        /// Raising this component alone to this score would be enough.
        RaiseComponent = "RAISE_COMPONENT",
        /// This component scores below 70 and could not lift health alone: look at its cause.
        ReviewComponent = "REVIEW_COMPONENT",
        /// Connect the source of this component, or wait for its data.
        MeasureComponent = "MEASURE_COMPONENT",
        /// Connect a source, or wait for data.
        ConnectSource = "CONNECT_SOURCE",
        /// Check that the synchronisation runs.
        CheckSync = "CHECK_SYNC",
        /// Connect the platform again.
        Reconnect = "RECONNECT",
        /// Remove the cause of the open incident.
        CloseIncident = "CLOSE_INCIDENT",
        /// Ask an administrator to release the kill switch.
        AskAdmin = "ASK_ADMIN",
        /// Send the snapshots of just the platforms concerned, one each.
        FixRequest = "FIX_REQUEST",
    }
}

/// One thing that would help, with the numbers that say how far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Remedy {
    /// What to do.
    pub code: RemedyCode,
    /// On which platform.
    pub platform: Option<Platform>,
    /// To which component.
    pub component: Option<HealthComponent>,
    /// The score now; null if it is missing.
    pub from: Option<f64>,
    /// The score that would be enough.
    pub to: Option<f64>,
    /// The remedy as a sentence.
    pub message: String,
}

impl Remedy {
    const fn new(code: RemedyCode, platform: Option<Platform>, message: String) -> Self {
        Self { code, platform, component: None, from: None, to: None, message }
    }
}

/// What would change a refusal; empty for a pass. In the order of the reasons, without repetition.
#[must_use]
pub fn remedies(policy: &CompiledTrustPolicy, facts: &GateFacts, evaluation: &GateEvaluation) -> Vec<Remedy> {
    let mut list: Vec<Remedy> = Vec::new();
    for reason in evaluation.reasons() {
        let found = match reason.code {
            GateReason::HealthUnhealthy | GateReason::HealthBelowThreshold => facts
                .snapshots
                .iter()
                .find(|snapshot| Some(snapshot.platform) == reason.platform)
                .map(|snapshot| raise(policy, snapshot, evaluation.threshold()))
                .unwrap_or_default(),
            _ => of_reason(reason).into_iter().collect(),
        };
        for remedy in found {
            if !list.contains(&remedy) {
                list.push(remedy);
            }
        }
    }
    list
}

/// The remedy of a reason that is not about a low score.
fn of_reason(reason: &Reason) -> Option<Remedy> {
    let at = reason.platform.map_or_else(String::new, |platform| format!(" of {platform}"));
    let (code, message) = match reason.code {
        GateReason::Ok | GateReason::HealthUnhealthy | GateReason::HealthBelowThreshold => return None,
        GateReason::InvalidInput => (
            RemedyCode::FixRequest,
            "send one consistent snapshot of this tenant for each platform concerned".to_owned(),
        ),
        GateReason::Frozen => {
            (RemedyCode::AskAdmin, "ask an administrator to release the kill switch".to_owned())
        }
        GateReason::NoData => {
            (RemedyCode::ConnectSource, format!("connect a source{at}, or wait for its first data"))
        }
        GateReason::ApiDown => (RemedyCode::Reconnect, format!("renew the connection{at}")),
        GateReason::HealthExpired | GateReason::HealthStale | GateReason::DataStale => {
            (RemedyCode::CheckSync, format!("check that the sync{at} runs"))
        }
        GateReason::IncidentOpen => {
            (RemedyCode::CloseIncident, format!("remove the cause of the open critical incident{at}"))
        }
        GateReason::ComponentMissing => {
            let component = reason.component.map_or("EMQ", HealthComponent::as_str);
            (
                RemedyCode::MeasureComponent,
                format!("connect the source of {component}{at}, or wait for its data"),
            )
        }
    };
    Some(Remedy { component: reason.component, ..Remedy::new(code, reason.platform, message) })
}

/// What would bring a snapshot's score to the threshold: the component with the largest weight · (100 − score) first.
fn raise(policy: &CompiledTrustPolicy, snapshot: &HealthSnapshot, threshold: f64) -> Vec<Remedy> {
    let platform = snapshot.platform;
    let score = snapshot.score.get();
    let mut gaps: Vec<(f64, &ComponentReading)> = snapshot
        .components
        .iter()
        .filter(|reading| reading.weight > 0.0 && policy.weight(reading.name).is_some())
        .map(|reading| (reading.weight * (100.0 - value(reading)), reading))
        .collect();
    order::few(&mut gaps, |(gap_a, a), (gap_b, b)| gap_b.total_cmp(gap_a).then(a.name.cmp(&b.name)));

    // In hundredths of weight, from the components: the score itself has lost its tenth decimal.
    let lacking = threshold * 100.0
        - snapshot.components.iter().map(|reading| reading.weight * value(reading)).sum::<f64>();
    let whole = Remedy {
        from: Some(score),
        to: Some(threshold),
        ..Remedy::new(
            RemedyCode::RaiseHealth,
            Some(platform),
            format!("health of {platform} from {score} to {threshold} would pass"),
        )
    };
    std::iter::once(whole)
        .chain(gaps.into_iter().filter_map(|(_, reading)| raise_component(platform, reading, lacking)))
        .collect()
}

fn raise_component(platform: Platform, reading: &ComponentReading, lacking: f64) -> Option<Remedy> {
    let name = reading.name;
    let from = reading.score.map(Score::get);
    let needed = up_to_ninth_decimal(value(reading) + lacking / reading.weight);
    if needed <= 100.0 {
        let shown = from.map_or_else(|| "nothing".to_owned(), |from| from.to_string());
        let message = format!("{name} of {platform} from {shown} to {needed} would pass");
        Some(Remedy {
            component: Some(name),
            from,
            to: Some(needed),
            ..Remedy::new(RemedyCode::RaiseComponent, Some(platform), message)
        })
    } else if value(reading) < LOW_COMPONENT {
        let message = format!("{name} of {platform}: {}", review(name));
        Some(Remedy {
            component: Some(name),
            from,
            ..Remedy::new(RemedyCode::ReviewComponent, Some(platform), message)
        })
    } else {
        None
    }
}

fn value(reading: &ComponentReading) -> f64 {
    reading.score.map_or(0.0, Score::get)
}

/// Rounded up, so that the health reached is never below the threshold by the last decimal.
fn up_to_ninth_decimal(score: f64) -> f64 {
    // The thousandth taken off absorbs float noise: 74.000000000000001 stays 74.
    (score * 1e9 - 1e-3).ceil() / 1e9
}

const fn review(component: HealthComponent) -> &'static str {
    match component {
        HealthComponent::Emq | HealthComponent::CdpEmq => {
            "review the server-side events and their identifiers"
        }
        HealthComponent::ApiHealth => "look at the platform's API errors and credentials",
        HealthComponent::EventLoss => "find where events are lost between site and platform",
        HealthComponent::PlatformStability => "look at failed syncs and open incidents",
        HealthComponent::DataQuality => "look at invalid, incomplete and duplicate records",
        HealthComponent::Freshness => "check that the sync runs",
        HealthComponent::Variance => "compare the attribution settings with the reference",
        HealthComponent::Anomaly => "inspect the metric that left its range",
    }
}
