//! The health of the past ninety days: the library's evaluation at every sixth hour, with the incidents that followed.

use stratum_core::Timestamp;
use stratum_core::health::{
    ApiCalls, EmqReading, EventTotals, HealthFacts, Measurements, RecordTotals, StabilityFacts, evaluate,
};
use stratum_core::id::SnapshotId;
use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::vocabulary::Platform;
use uuid::Uuid;

use super::noise::whole;
use super::story::{DAYS, Story};
use crate::db::TenantTx;
use crate::health::{Trigger, store, watch_incidents};
use crate::http::ApiError;

/// Hours from one snapshot to the next.
const EVERY_HOURS: i64 = 6;
/// Calls of a platform's API in an hour.
pub(super) const REQUESTS_AN_HOUR: f64 = 120.0;
/// Events that a platform should send in an hour.
pub(super) const EVENTS_AN_HOUR: f64 = 180.0;

/// Evaluates and stores the past of every platform.
///
/// # Errors
/// The database's.
pub(super) async fn write(
    tx: &mut TenantTx,
    story: &Story,
    policy: &CompiledTrustPolicy,
) -> Result<(), ApiError> {
    for &platform in Platform::ALL {
        let mut hours = DAYS.saturating_mul(-24);
        while hours < 0 {
            let at = story.anchor.plus_hours(hours);
            let mut facts = HealthFacts::new(tx.scope().tenant, platform, at)
                .with_measurements(story.measurements(platform, at)?);
            facts.snapshot_id = Some(SnapshotId::from_uuid(Uuid::now_v7()));
            let snapshot = evaluate(policy, &facts).map_err(ApiError::internal)?;
            store::insert(tx, &snapshot, &facts, Trigger::Schedule).await?;
            watch_incidents(tx, &snapshot).await?;
            hours = hours.saturating_add(EVERY_HOURS);
        }
    }
    Ok(())
}

impl Story {
    /// What would have been measured of a platform at an instant.
    ///
    /// # Errors
    /// An internal one when a generated figure is too large to store; none is.
    pub(super) fn measurements(&self, platform: Platform, at: Timestamp) -> Result<Measurements, ApiError> {
        let now = self.condition(platform, at);
        let position = at.millis().div_euclid(stratum_core::time::HOUR_MS);
        let part = |of: f64, pct: f64, what: &str| whole(of * pct / 100.0, what, position).min(of);
        let events = EVENTS_AN_HOUR * 24.0;
        let mut measured = Measurements::default();
        measured.emq = vec![EmqReading::rating(now.emq_rating, at.plus_minutes(-20))];
        measured.api = Some(ApiCalls {
            requests: REQUESTS_AN_HOUR,
            failures: part(REQUESTS_AN_HOUR, now.api_failure_pct, "failures"),
            credentials_valid: Some(true),
        });
        measured.event_loss = Some(EventTotals {
            expected: Some(events),
            received: events - part(events, now.event_loss_pct, "lost"),
        });
        measured.platform_stability =
            Some(StabilityFacts { sync_ok: 24.0, sync_failed: 0.0, ..StabilityFacts::default() });
        measured.data_quality = Some(RecordTotals {
            total: events,
            valid: events - part(events, 0.6, "invalid"),
            complete: events - part(events, 1.5, "incomplete"),
            duplicate: part(events, 0.4, "duplicate"),
        });
        measured.platform_data_at = Some(at.plus_minutes(-35));
        let yesterday = at.utc_date().pred_opt().unwrap_or_default();
        measured.daily = Some(self.daily(platform, yesterday)?);
        Ok(measured)
    }
}
