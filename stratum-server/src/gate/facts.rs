//! What the gate looks at, read in the transaction that will act on its answer.

use stratum_autopilot::kill_switch::KillSwitches;
use stratum_core::gate::GateFacts;
use stratum_core::vocabulary::{EntityType, GateSubject, Platform};

use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::health;
use crate::http::ApiError;

/// Loads the newest snapshots, the open incidents and the kill switches for a change on these platforms.
///
/// # Errors
/// The database's.
pub async fn load(
    tx: &mut TenantTx,
    subject: GateSubject,
    platforms: &[Platform],
    entity: Option<(EntityType, &str)>,
) -> Result<GateFacts, ApiError> {
    let switches = Autopilot::load(tx).await?.switches;
    load_with(tx, subject, platforms, entity, &switches).await
}

/// As [`load`], with the kill switches that the transaction has read or locked already.
///
/// An audience sync is not stopped by a kill switch (domain 18, row 58): it is no autopilot action.
///
/// # Errors
/// The database's.
pub async fn load_with(
    tx: &mut TenantTx,
    subject: GateSubject,
    platforms: &[Platform],
    entity: Option<(EntityType, &str)>,
    switches: &KillSwitches,
) -> Result<GateFacts, ApiError> {
    let now = tx.now();
    let mut facts = GateFacts::new(tx.scope().tenant, subject, platforms.to_vec(), now);
    facts.entity_type = entity.map(|(kind, _)| kind);
    facts.entity_id = entity.map(|(_, id)| id.to_owned());
    (facts.snapshots, facts.incidents) = health::store::newest_with_incidents(tx, platforms, now).await?;
    facts.frozen = subject != GateSubject::AudienceSync
        && platforms.iter().any(|&platform| switches.engaged_for(platform));
    Ok(facts)
}
