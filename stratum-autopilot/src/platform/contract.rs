//! What every implementation of [`AdPlatform`] must do. Run it against your own, on a campaign that delivers and that
//! nobody else touches; it pauses the campaign and leaves it paused.

use stratum_core::gate::GateFacts;
use stratum_core::health::{ApiFacts, ComponentReading, HealthSnapshot};
use stratum_core::id::ActionId;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{ActionType, HealthComponent, HealthPreset, HealthStatus};
use stratum_core::{Currency, Score, Timestamp};

use super::{AdPlatform, CallOutcome, EntityRef, PlatformErrorCode};
use crate::action::{Action, Approval, Approver, Change, EntityStatus, NewAction, Origin};
use crate::enforcement::{EnforcementFacts, EnforcementSettings};
use crate::engine::{ClaimFacts, ClaimStep, claim};
use crate::permit::Permit;

/// What was broken.
pub type Broken = String;

fn ensure(holds: bool, rule: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn works<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> Result<T, Broken> {
    result.map_err(|error| format!("{what}: {error}"))
}

/// The contract of [`AdPlatform`].
///
/// # Errors
/// The first rule that does not hold.
pub async fn ad_platform<P: AdPlatform>(
    platform: &P,
    campaign: &EntityRef,
    now: Timestamp,
) -> Result<(), Broken> {
    let shown = works(platform.read(campaign, now).await, "reading the campaign")?;
    ensure(shown.status == EntityStatus::Active, "the contract begins with a campaign that delivers")?;
    let unknown = EntityRef { entity_id: "no-such-campaign".to_owned(), ..campaign.clone() };
    ensure(
        matches!(platform.read(&unknown, now).await, Err(error) if error.code == PlatformErrorCode::NotFound),
        "an entity that the platform does not have is NOT_FOUND",
    )?;

    let mut action = pause(campaign, 1, now)?;
    let key = action.id();
    let early = works(platform.outcome_of(campaign, key, now).await, "asking for an outcome")?;
    ensure(!matches!(early, CallOutcome::Applied(_)), "a call that was never made was not applied")?;

    let permit = permit_for(&mut action, now)?;
    let too_late = permit.expires_at();
    let late = platform.apply(permit, too_late).await;
    ensure(
        late.is_err_and(|error| error.code.certainly_not_executed()),
        "a permit that has expired changes nothing, and the answer says so",
    )?;
    let shown = works(platform.read(campaign, now).await, "reading the campaign")?;
    ensure(shown.status == EntityStatus::Active, "a call that was refused leaves the value as it was")?;

    let permit = permit_for(&mut action, now)?;
    let receipt = works(platform.apply(permit, now).await, "a permitted change")?;
    ensure(receipt.idempotency_key == key, "a receipt carries the key of its call")?;
    let shown = works(platform.read(campaign, now).await, "reading the campaign")?;
    ensure(shown.status == EntityStatus::Paused, "a change that has a receipt was made")?;

    let outcome = works(platform.outcome_of(campaign, key, now).await, "asking for an outcome")?;
    ensure(outcome != CallOutcome::NotSeen, "a change that was made is never NOT_SEEN")?;
    if outcome == CallOutcome::Applied(receipt.clone()) {
        let permit = permit_for(&mut action, now)?;
        let again = works(platform.apply(permit, now).await, "the same key again")?;
        ensure(again == receipt, "a platform that knows its keys gives the first receipt again")?;
    }

    let mut other = pause(campaign, 2, now)?;
    let permit = permit_for(&mut other, now)?;
    ensure(
        matches!(platform.apply(permit, now).await, Err(error) if error.code == PlatformErrorCode::StateChanged),
        "a change that starts from a value not shown any more is STATE_CHANGED",
    )
}

fn pause(campaign: &EntityRef, number: u8, now: Timestamp) -> Result<Action, Broken> {
    let new = NewAction {
        id: ActionId::v7(now, [number; 10]),
        tenant_id: campaign.tenant_id,
        action_type: ActionType::PauseCampaign,
        platform: campaign.platform,
        entity_type: campaign.entity_type,
        entity_id: campaign.entity_id.clone(),
        entity_name: None,
        change: Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused },
        origin: Origin::Recommendation,
        created_by: None,
        reason: None,
        pair_id: None,
        reverts: None,
        ttl_hours: 24,
    };
    let mut action = works(Action::queue(new, now), "an action on the campaign")?;
    let approval = Approval { by: Approver::System, at: now, override_reason: None };
    works(action.approve(approval, now), "its approval")?;
    Ok(action)
}

/// A permit the way every permit is made: by a claim, on perfect health. The action is put back, for the next attempt.
fn permit_for(action: &mut Action, now: Timestamp) -> Result<Permit, Broken> {
    let trust = works(TrustPolicy::default().compile(), "the default policy")?;
    let enforcement = works(EnforcementSettings::default().compile(), "the default limits")?;
    let gate = GateFacts {
        entity_type: Some(action.entity_type()),
        entity_id: Some(action.entity_id().to_owned()),
        snapshots: vec![perfect_health(action, now)?],
        ..GateFacts::new(action.tenant_id(), action.action_type().into(), vec![action.platform()], now)
    };
    let limits = EnforcementFacts::new(now, now.plus_hours(12), Currency::USD);
    let facts = ClaimFacts {
        trust: &trust,
        enforcement: &enforcement,
        gate: &gate,
        limits: &limits,
        confirmation: None,
    };
    let ClaimStep::Execute { action: mut claimed, permit } = works(claim(action, &facts), "a claim")?.step
    else {
        return Err("an action that everything allows is executed".to_owned());
    };
    works(claimed.release(permit.attempt(), now), "a release")?;
    *action = *claimed;
    Ok(*permit)
}

fn perfect_health(action: &Action, now: Timestamp) -> Result<HealthSnapshot, Broken> {
    let score = works(Score::new(100.0), "a score")?;
    let weights = [
        (HealthComponent::Emq, 35.0),
        (HealthComponent::ApiHealth, 25.0),
        (HealthComponent::EventLoss, 20.0),
        (HealthComponent::PlatformStability, 10.0),
        (HealthComponent::DataQuality, 10.0),
    ];
    Ok(HealthSnapshot {
        snapshot_id: None,
        tenant_id: action.tenant_id(),
        platform: action.platform(),
        preset: HealthPreset::Five,
        score,
        status: HealthStatus::Healthy,
        coverage_pct: 100.0,
        components: weights
            .into_iter()
            .map(|(name, weight)| ComponentReading {
                name,
                score: Some(score),
                weight,
                contribution: weight,
                required: weight >= 25.0,
            })
            .collect(),
        issues: Vec::new(),
        api: ApiFacts::default(),
        computed_at: now,
        data_as_of: Some(now),
    })
}
