//! The gate against its rule table (specification, section 2): every row, every boundary, and the invariants that no
//! policy and no input may break.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "tests may panic: that is how they fail"
)]

mod invariants;
mod rules;

use stratum_core::Timestamp;
use stratum_core::gate::{GateFacts, GateReason, evaluate};
use stratum_core::health::{ApiFacts, ComponentReading, ComponentScores, HealthSnapshot, score};
use stratum_core::id::TenantId;
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::{GateDecision, GateSubject, HealthComponent, Platform};

fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn standard() -> CompiledTrustPolicy {
    TrustPolicy::default().compile().unwrap()
}

/// A snapshot of one minute ago whose components all have the scores given.
fn snapshot(policy: &CompiledTrustPolicy, of: impl Fn(HealthComponent) -> Option<f64>) -> HealthSnapshot {
    let mut components = ComponentScores::default();
    for (component, _) in policy.components() {
        components.set(component, of(component));
    }
    let health = score(policy, &components);
    HealthSnapshot {
        snapshot_id: None,
        tenant_id: tenant(),
        platform: Platform::Meta,
        preset: policy.policy().preset,
        score: health.score,
        status: health.status,
        coverage_pct: health.coverage_pct,
        components: policy
            .components()
            .map(|(name, weight)| {
                let score = components.get(name);
                let contribution = score.map_or(0.0, |score| weight * score.get() / 100.0);
                ComponentReading { name, score, weight, contribution, required: policy.is_required(name) }
            })
            .collect(),
        issues: Vec::new(),
        api: ApiFacts { requests: 100, failures: 0, credentials_valid: Some(true) },
        computed_at: now().plus_minutes(-1),
        data_as_of: Some(now().plus_hours(-1)),
    }
}

fn facts(subject: GateSubject, snapshot: HealthSnapshot) -> GateFacts {
    let mut facts = GateFacts::new(tenant(), subject, vec![Platform::Meta], now());
    facts.snapshots = vec![snapshot];
    facts
}

fn at(score: f64) -> GateFacts {
    facts(GateSubject::BudgetIncrease, snapshot(&standard(), |_| Some(score)))
}

fn decide(facts: &GateFacts) -> (GateDecision, Vec<GateReason>) {
    let evaluation = evaluate(&standard(), facts);
    (evaluation.decision(), evaluation.reasons().iter().map(|reason| reason.code).collect())
}
