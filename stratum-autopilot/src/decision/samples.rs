//! A change to decide on, for the tests of this room and of the backtest.

use stratum_core::gate::GateFacts;
use stratum_core::health::{ApiFacts, ComponentReading, HealthSnapshot};
use stratum_core::policy::{FIVE, TrustPolicy};
use stratum_core::vocabulary::{ActionType, EntityType, GateSubject, HealthPreset, HealthStatus, Platform};
use stratum_core::{Currency, Score, Timestamp};

use super::{DecisionFacts, DecisionPolicy, DecisionRecord, DecisionRequest};
use crate::action::{BudgetKind, Change};
use crate::enforcement::{
    CampaignFigures, CheckSubject, EnforcementFacts, EnforcementMode, EnforcementSettings, EntityBudget,
    Exposure,
};

const NOW: &str = "2026-03-01T12:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A snapshot of ten minutes ago in which every component has the same score, so that health is that score.
pub(crate) fn snapshot(score: f64) -> HealthSnapshot {
    let value = Score::new(score).unwrap();
    HealthSnapshot {
        snapshot_id: None,
        tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
        platform: Platform::Meta,
        preset: HealthPreset::Five,
        score: value,
        status: HealthStatus::Healthy,
        coverage_pct: 100.0,
        components: FIVE
            .iter()
            .map(|&(name, weight)| ComponentReading {
                name,
                score: Some(value),
                weight,
                contribution: weight * score / 100.0,
                required: weight >= 25.0,
            })
            .collect(),
        issues: Vec::new(),
        api: ApiFacts { requests: 100, failures: 0, credentials_valid: Some(true) },
        computed_at: now().plus_minutes(-10),
        data_as_of: Some(now().plus_hours(-2)),
    }
}

pub(crate) fn gate_facts(score: f64, subject: GateSubject) -> GateFacts {
    let snapshot = snapshot(score);
    let mut facts = GateFacts::new(snapshot.tenant_id, subject, vec![Platform::Meta], now());
    facts.entity_type = Some(EntityType::Campaign);
    facts.entity_id = Some("238512".to_owned());
    facts.snapshots = vec![snapshot];
    facts
}

/// Raising a daily budget of 100.00 for a campaign that returns 3.0 and is seen 2.5 times per person.
pub(crate) fn raise_to(after_cents: i64, health: f64) -> DecisionFacts {
    let change = CheckSubject {
        action_type: ActionType::BudgetIncrease,
        platform: Some(Platform::Meta),
        entity_type: EntityType::Campaign,
        entity_id: "238512".to_owned(),
        change: Change::Budget {
            kind: BudgetKind::Daily,
            before_cents: 10_000,
            after_cents,
            currency: Currency::USD,
        },
    };
    let mut known = EnforcementFacts::new(now(), now().plus_hours(12), Currency::USD);
    known.budget = Some(EntityBudget::daily(10_000));
    known.campaign = CampaignFigures { spend_cents: Some(70_000), revenue_cents: Some(210_000), roas: None };
    known.exposure = Exposure { impressions: Some(25_000), reach: Some(10_000), frequency: None };
    DecisionFacts::new(gate_facts(health, GateSubject::BudgetIncrease), change, known)
}

pub(crate) fn known(facts: &mut DecisionFacts) -> &mut EnforcementFacts {
    &mut facts.limits.as_mut().unwrap().known
}

pub(crate) fn policy(mode: EnforcementMode) -> DecisionPolicy {
    let enforcement = EnforcementSettings { default_mode: mode, ..EnforcementSettings::default() };
    DecisionPolicy::new(TrustPolicy::default(), enforcement)
}

/// A recorded decision about that change.
pub(crate) fn record(after_cents: i64, health: f64) -> DecisionRecord {
    let request = DecisionRequest::new(raise_to(after_cents, health), policy(EnforcementMode::SoftBlock));
    DecisionRecord::of(&request).unwrap().1
}
