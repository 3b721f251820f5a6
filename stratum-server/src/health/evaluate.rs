//! One evaluation of one platform: load, decide (library), store, watch, publish.

use serde_json::json;
use stratum_core::enumeration;
use stratum_core::health::{self, HealthSnapshot};
use stratum_core::vocabulary::Platform;

use super::{facts, incidents, store};
use crate::actions;
use crate::db::TenantTx;
use crate::http::ApiError;
use crate::realtime::Channel;

enumeration! {
    /// What asked for an evaluation.
    pub enum Trigger "trigger" {
        /// The five-minute cadence; the incident rules count these alone.
        Schedule = "SCHEDULE",
        /// Accepted signals or metrics, or a changed connection.
        Signals = "SIGNALS",
        /// A person.
        Request = "REQUEST",
    }
}

/// Evaluates the health of a platform and stores the snapshot.
///
/// # Errors
/// The database's; stored measurements that make no sense are an internal error, and leave no snapshot.
pub async fn evaluate_platform(
    tx: &mut TenantTx,
    platform: Platform,
    trigger: Trigger,
) -> Result<HealthSnapshot, ApiError> {
    let policy = store::policy(tx).await?;
    let facts = facts::load(tx, platform).await?;
    let before = store::newest(tx, &[platform], tx.now()).await?.pop();
    let snapshot = health::evaluate(&policy, &facts).map_err(ApiError::internal)?;
    store::insert(tx, &snapshot, &facts, trigger).await?;
    if trigger == Trigger::Schedule {
        incidents::observe(tx, &snapshot).await?;
    }
    // What waits for this platform's health is looked at again with the new snapshot.
    actions::wake(tx, Some(platform)).await?;
    metrics::gauge!("stratum_signal_health", "tenant" => snapshot.tenant_id.to_string(), "platform" => platform.as_str())
        .set(snapshot.score.get());
    let shown = |snapshot: &HealthSnapshot| (snapshot.score.shown(), snapshot.status);
    if before.as_ref().map(shown) != Some(shown(&snapshot)) {
        tx.publish(
            Channel::Health,
            "signal_health_update",
            json!({
                "platform": platform,
                "score": snapshot.score.shown(),
                "status": snapshot.status,
                "previous_score": before.map(|before| before.score.shown()),
                "data_as_of": snapshot.data_as_of,
                "snapshot_id": snapshot.snapshot_id,
            }),
        )?;
    }
    Ok(snapshot)
}
