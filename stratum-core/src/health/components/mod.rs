//! The formula of each component: a small pure function from what was measured to 0–100, or nothing where the
//! specification says that the component is missing.
//!
//! The anchors tie the bands together: an error rate of 2, 5 and 10 % scores 90, 70 and 40, and so does a loss of 5, 10
//! and 20 %. Each curve is continuous and monotone. Values between the anchors are interpolated on the line.
//!
//! ```
//! use stratum_core::health::components;
//! use stratum_core::health::EventTotals;
//! let events = EventTotals { expected: Some(1000.0), received: 950.0 };
//! assert_eq!(components::event_loss(&events), Some(90.0));
//! ```

mod anomaly;
mod api_health;
mod data_quality;
mod emq;
mod event_loss;
mod freshness;
mod limits;
mod platform_stability;
#[cfg(test)]
mod tests;
mod variance;

pub use anomaly::{anomaly, anomaly_score};
pub use api_health::api_health;
pub use data_quality::data_quality;
pub use emq::emq;
pub use event_loss::event_loss;
pub use freshness::{FUTURE_TOLERANCE_MINUTES, freshness};
pub use platform_stability::platform_stability;
pub use variance::{variance, variance_pct};

pub(super) use freshness::believable;

use super::{ApiFacts, ComponentScores, Measurements};
use crate::problem::ProblemCollector;
use crate::time::Timestamp;
use crate::vocabulary::HealthComponent;

/// The scores of all components that the measurements allow, as of `now`.
///
/// Measurements that [`Measurements::check`] refuses give scores without a meaning, but still 0 to 100.
#[must_use]
pub fn measure(measured: &Measurements, now: Timestamp) -> ComponentScores {
    let mut scores = ComponentScores::default();
    let daily = measured.daily.as_ref();
    for (component, score) in [
        (HealthComponent::Emq, emq(&measured.emq, now)),
        (HealthComponent::ApiHealth, measured.api.as_ref().and_then(api_health)),
        (HealthComponent::EventLoss, measured.event_loss.as_ref().and_then(event_loss)),
        (
            HealthComponent::PlatformStability,
            measured.platform_stability.as_ref().and_then(platform_stability),
        ),
        (HealthComponent::DataQuality, measured.data_quality.as_ref().and_then(data_quality)),
        (HealthComponent::Freshness, measured.platform_data_at.and_then(|newest| freshness(newest, now))),
        (HealthComponent::Variance, daily.and_then(variance)),
        (HealthComponent::Anomaly, daily.and_then(anomaly)),
        (HealthComponent::CdpEmq, measured.cdp_emq),
    ] {
        scores.set(component, score);
    }
    scores
}

/// Notes everything that is impossible about the measurements.
pub(super) fn check(measured: &Measurements, found: &mut ProblemCollector) {
    emq::check(&measured.emq, found);
    if let Some(api) = &measured.api {
        api_health::check(api, found);
    }
    if let Some(events) = &measured.event_loss {
        event_loss::check(events, found);
    }
    if let Some(stability) = &measured.platform_stability {
        platform_stability::check(stability, found);
    }
    if let Some(records) = &measured.data_quality {
        data_quality::check(records, found);
    }
    if let Some(daily) = &measured.daily {
        variance::check(daily, found);
    }
    if let Some(score) = measured.cdp_emq {
        limits::within("/cdp_emq", score, 100.0, found);
    }
}

/// What the gate wants to know of the API, whatever the preset.
pub(super) fn api_facts(measured: &Measurements) -> ApiFacts {
    measured.api.as_ref().map(api_health::facts).unwrap_or_default()
}
