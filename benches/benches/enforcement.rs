//! What a check of the tenant's limits costs on one core: `cargo bench -p stratum-benches --bench enforcement`.
//!
//! | group | what is measured |
//! |---|---|
//! | `enforcement/check` | one change against every built-in limit: allowed, with three violations, with ten own rules |
//! | `enforcement/at_claim` | the same from an action, with the clearance that a permit needs |
//! | `enforcement/compile` | settings to what checks, with their digest |
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stratum_autopilot::action::{Action, BudgetKind, Change, NewAction, Origin};
use stratum_autopilot::enforcement::{
    CampaignFigures, CheckSubject, EnforcementFacts, EnforcementRule, EnforcementSettings, EntityBudget,
    Exposure, ViolationType, at_claim, check,
};
use stratum_core::Currency;
use stratum_core::vocabulary::{ActionType, EntityType, Platform};

fn settings() -> EnforcementSettings {
    EnforcementSettings { daily_spend_limit_cents: Some(100_000), ..EnforcementSettings::default() }
}

/// Ten own rules, two of each type.
fn with_rules() -> EnforcementSettings {
    let rules = ViolationType::ALL
        .iter()
        .flat_map(|&rule_type| {
            let threshold = match rule_type {
                ViolationType::BudgetExceeded | ViolationType::DailySpendLimit => 2_000_000.0,
                ViolationType::RoasBelowThreshold | ViolationType::CampaignPauseRequired => 0.5,
                ViolationType::FrequencyCapExceeded => 9.0,
            };
            ["a", "b"].map(|name| {
                let id = format!("{}-{name}", rule_type.as_str().to_ascii_lowercase());
                EnforcementRule::new(id, rule_type, threshold)
            })
        })
        .collect();
    EnforcementSettings { rules, ..settings() }
}

fn action(after_cents: i64) -> Action {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let new = NewAction {
        id: "0198c9a0-0000-7000-8000-00000000000a".parse().unwrap(),
        tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
        action_type: ActionType::BudgetIncrease,
        platform: Platform::Meta,
        entity_type: EntityType::Campaign,
        entity_id: "238512".to_owned(),
        entity_name: None,
        change: Change::Budget {
            kind: BudgetKind::Daily,
            before_cents: 10_000,
            after_cents,
            currency: Currency::USD,
        },
        origin: Origin::Rule,
        created_by: None,
        reason: None,
        pair_id: None,
        reverts: None,
        ttl_hours: 24,
    };
    Action::queue(new, now).unwrap()
}

fn facts() -> EnforcementFacts {
    let mut facts = EnforcementFacts::new(
        "2026-03-01T12:00:00Z".parse().unwrap(),
        "2026-03-02T00:00:00Z".parse().unwrap(),
        Currency::USD,
    );
    facts.budget = Some(EntityBudget::daily(10_000));
    facts.campaign = CampaignFigures { spend_cents: Some(70_000), revenue_cents: Some(210_000), roas: None };
    facts.spend_today_cents = Some(4_000);
    facts.other_daily_budgets_cents = Some(50_000);
    facts.exposure = Exposure { impressions: Some(25_000), reach: Some(10_000), frequency: None };
    facts
}

fn enforcement(c: &mut Criterion) {
    let (plain, ruled) = (settings().compile().unwrap(), with_rules().compile().unwrap());
    let (good, facts) = (action(12_000), facts());
    let subject = CheckSubject::from(&good);
    let mut bad_facts = facts.clone();
    bad_facts.campaign.revenue_cents = Some(100_000);
    bad_facts.changes_today = 10;
    let too_much = CheckSubject::from(&action(12_001));

    let mut group = c.benchmark_group("enforcement");
    group.throughput(Throughput::Elements(1));
    group.bench_function("check/allowed", |b| {
        b.iter(|| check(black_box(&plain), black_box(&subject), black_box(&facts)));
    });
    group.bench_function("check/three_violations", |b| {
        b.iter(|| check(black_box(&plain), black_box(&too_much), black_box(&bad_facts)));
    });
    group.bench_function("check/ten_own_rules", |b| {
        b.iter(|| check(black_box(&ruled), black_box(&subject), black_box(&facts)));
    });
    group.bench_function("at_claim/cleared", |b| {
        b.iter(|| at_claim(black_box(&plain), black_box(&good), black_box(&facts), None));
    });
    let written = with_rules();
    group.bench_function("compile/ten_own_rules", |b| {
        b.iter(|| black_box(&written).compile().unwrap());
    });
    group.finish();
}

criterion_group!(benches, enforcement);
criterion_main!(benches);
