//! Signal health: how far the signals of a platform can be trusted right now, 0 to 100.
//!
//! The score is Σ weight · component / 100. A missing component counts 0 and its weight is not spread over the others,
//! so that losing a measurement never raises health.
//!
//! ```
//! use stratum_core::health::{ComponentScores, score};
//! use stratum_core::policy::TrustPolicy;
//! use stratum_core::vocabulary::{HealthComponent, HealthStatus};
//!
//! let policy = TrustPolicy::default().compile().unwrap();
//! let mut components = ComponentScores::default();
//! for (component, value) in [
//!     (HealthComponent::Emq, 80.0),
//!     (HealthComponent::ApiHealth, 90.0),
//!     (HealthComponent::EventLoss, 90.0),
//!     (HealthComponent::PlatformStability, 100.0),
//!     (HealthComponent::DataQuality, 100.0),
//! ] {
//!     components.set(component, Some(value));
//! }
//! let health = score(&policy, &components);
//! assert_eq!(health.score.get(), 88.5);
//! assert_eq!(health.status, HealthStatus::Healthy);
//!
//! components.set(HealthComponent::Emq, None);
//! let health = score(&policy, &components);
//! assert_eq!((health.score.get(), health.coverage_pct), (60.5, 65.0));
//! ```

mod columns;
pub mod components;
mod evaluate;
mod history;
mod measurements;
mod scoring;
mod snapshot;
mod tenant;
#[cfg(test)]
mod tests;

pub use columns::{HealthColumns, score_columns};
pub use evaluate::{HealthFacts, LOW_COMPONENT, MAX_DATA_AGE_HOURS, evaluate};
pub use history::{Granularity, HealthPoint, downsample};
pub use measurements::{
    ApiCalls, DailyMetrics, DailyRow, EmqReading, EventTotals, Measurements, OpenIncident, RecordTotals,
    StabilityFacts,
};
pub use scoring::{ComponentScores, HealthScore, score};
pub use snapshot::{ApiFacts, ComponentReading, HealthIssue, HealthIssueCode, HealthSnapshot};
pub use tenant::{ConnectedPlatform, PlatformIssue, TenantHealth, tenant_health};
