//! What holds for every input, policy and order of calls.

use proptest::prelude::*;
use stratum_core::gate::{
    FLAG_API_DOWN, FLAG_COMPONENT_MISSING, FLAG_CRITICAL_INCIDENT, FLAG_FROZEN, GateColumns, GateFacts,
    GateReason, OpenIncident, RemedyCode, evaluate, evaluate_columns, remedies,
};
use stratum_core::health::ApiFacts;
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::{
    ActionType, GateDecision, GateProfile, GateSubject, HealthComponent, HealthPreset, IncidentKind,
    IncidentSeverity, Platform,
};

use super::{facts, now, snapshot, standard};

fn component_scores() -> impl Strategy<Value = Vec<Option<f64>>> {
    let edge = prop_oneof![Just(0.0), Just(39.9999), Just(40.0), Just(69.9999), Just(70.0), Just(100.0)];
    let any_score = prop_oneof![0.0..=100.0, edge];
    proptest::collection::vec(proptest::option::weighted(0.85, any_score), HealthComponent::ALL.len())
}

fn policies() -> impl Strategy<Value = TrustPolicy> {
    let presets = prop_oneof![Just(HealthPreset::Five), Just(HealthPreset::Four)];
    let profiles = prop_oneof![Just(GateProfile::Standard), Just(GateProfile::Cautious)];
    let overrides = proptest::collection::btree_map(0..ActionType::ALL.len(), 70.0..=100.0, 0..4);
    (presets, profiles, 1.0..99.0, 0.5..50.0, any::<bool>(), overrides).prop_map(
        |(preset, profile, degraded_threshold, gap, cdp_blend, overrides)| TrustPolicy {
            preset,
            profile,
            degraded_threshold,
            healthy_threshold: f64::min(degraded_threshold + gap, 100.0),
            cdp_blend,
            overrides: overrides.into_iter().map(|(index, value)| (ActionType::ALL[index], value)).collect(),
            ..TrustPolicy::default()
        },
    )
}

#[derive(Debug, Clone)]
struct Situation {
    policy: TrustPolicy,
    subject: GateSubject,
    components: Vec<Option<f64>>,
    snapshot_age_ms: i64,
    data_age_ms: Option<i64>,
    frozen: bool,
    credentials_valid: Option<bool>,
    requests: u64,
    failures: u64,
    incident: Option<IncidentSeverity>,
}

impl Situation {
    fn facts(&self, policy: &CompiledTrustPolicy) -> GateFacts {
        let mut snapshot = snapshot(policy, |name| self.components[name.index()]);
        snapshot.computed_at = now().plus_millis(-self.snapshot_age_ms);
        snapshot.data_as_of = self.data_age_ms.map(|ms| now().plus_millis(-ms));
        snapshot.api = ApiFacts {
            requests: self.requests,
            failures: self.failures.min(self.requests),
            credentials_valid: self.credentials_valid,
        };
        let mut facts = facts(self.subject, snapshot);
        facts.frozen = self.frozen;
        facts.incidents = self
            .incident
            .map(|severity| OpenIncident { platform: Platform::Meta, kind: IncidentKind::Platform, severity })
            .into_iter()
            .collect();
        facts
    }
}

fn situations() -> impl Strategy<Value = Situation> {
    let ages = |limit: i64| prop_oneof![-600_000..limit * 2, Just(limit), Just(limit + 1), Just(0)];
    (
        policies(),
        0..GateSubject::ALL.len(),
        component_scores(),
        prop_oneof![ages(3_600_000), ages(86_400_000)],
        proptest::option::weighted(0.9, ages(172_800_000)),
        proptest::bool::weighted(0.1),
        prop_oneof![Just(None), Just(Some(true)), Just(Some(true)), Just(Some(false))],
        0..5_u64,
        0..5_u64,
        proptest::option::weighted(
            0.2,
            prop_oneof![Just(IncidentSeverity::High), Just(IncidentSeverity::Critical)],
        ),
    )
        .prop_map(
            |(
                policy,
                subject,
                components,
                snapshot_age_ms,
                data_age_ms,
                frozen,
                valid,
                requests,
                failures,
                incident,
            )| {
                Situation {
                    policy,
                    subject: GateSubject::ALL[subject],
                    components,
                    snapshot_age_ms,
                    data_age_ms,
                    frozen,
                    credentials_valid: valid,
                    requests,
                    failures,
                    incident,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_pass_implies_every_condition_of_the_one_rule(situation in situations()) {
        let policy = situation.policy.compile().unwrap();
        let facts = situation.facts(&policy);
        let evaluation = evaluate(&policy, &facts);
        if evaluation.decision() == GateDecision::Pass {
            let snapshot = &facts.snapshots[0];
            prop_assert!(snapshot.score.get() >= 70.0);
            prop_assert!(!facts.frozen);
            prop_assert!(policy.required_components().all(|name| snapshot.component(name).is_some()));
            prop_assert!(situation.incident != Some(IncidentSeverity::Critical));
            prop_assert!((-300_000..=3_600_000).contains(&situation.snapshot_age_ms));
            prop_assert!(situation.data_age_ms.is_some_and(|age| age <= 172_800_000));
            prop_assert!(!snapshot.api.is_down());
        }
        prop_assert_eq!(evaluation.pass().is_some(), evaluation.decision() == GateDecision::Pass);
        prop_assert!(!evaluation.reasons().is_empty());
    }

    #[test]
    fn raising_a_component_never_makes_the_decision_stricter(
        situation in situations(), which in 0..HealthComponent::ALL.len(), by in 0.0..100.0,
    ) {
        let policy = situation.policy.compile().unwrap();
        let before = evaluate(&policy, &situation.facts(&policy));
        let mut raised = situation.clone();
        raised.components[which] = Some(f64::min(raised.components[which].unwrap_or(0.0) + by, 100.0));
        let after = evaluate(&policy, &raised.facts(&policy));
        prop_assert!(after.decision() <= before.decision());
    }

    #[test]
    fn losing_a_component_never_makes_the_decision_milder(
        situation in situations(), which in 0..HealthComponent::ALL.len(),
    ) {
        let policy = situation.policy.compile().unwrap();
        let before = evaluate(&policy, &situation.facts(&policy));
        let mut lost = situation.clone();
        lost.components[which] = None;
        let after = evaluate(&policy, &lost.facts(&policy));
        prop_assert!(after.decision() >= before.decision());
    }

    #[test]
    fn the_same_facts_and_policy_give_the_same_bytes(situation in situations()) {
        let policy = situation.policy.compile().unwrap();
        let facts = situation.facts(&policy);
        let text = serde_json::to_string(&facts).unwrap();
        let read_back: GateFacts = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(
            serde_json::to_string(&evaluate(&policy, &facts)).unwrap(),
            serde_json::to_string(&evaluate(&policy, &read_back)).unwrap()
        );
    }

    #[test]
    fn the_order_of_platforms_snapshots_and_incidents_does_not_matter(
        a in component_scores(), b in component_scores(), severity in any::<bool>(),
    ) {
        let policy = standard();
        let mut facts = facts(GateSubject::BidIncrease, snapshot(&policy, |name| a[name.index()]));
        let mut google = snapshot(&policy, |name| b[name.index()]);
        google.platform = Platform::Google;
        facts.platforms.push(Platform::Google);
        facts.snapshots.push(google);
        let severity = if severity { IncidentSeverity::Critical } else { IncidentSeverity::High };
        facts.incidents = Platform::ALL[..2]
            .iter()
            .map(|&platform| OpenIncident { platform, kind: IncidentKind::Emq, severity })
            .collect();
        let one_way = evaluate(&policy, &facts);
        facts.platforms.reverse();
        facts.snapshots.reverse();
        facts.incidents.reverse();
        let other_way = evaluate(&policy, &facts);
        prop_assert_eq!(one_way.decision(), other_way.decision());
        prop_assert_eq!(one_way.reasons(), other_way.reasons());
        prop_assert_eq!(one_way.score(), other_way.score());
    }

    #[test]
    fn columns_decide_as_rows_do(situation in situations()) {
        let policy = situation.policy.compile().unwrap();
        let facts = situation.facts(&policy);
        let row = evaluate(&policy, &facts);
        let snapshot = &facts.snapshots[0];
        let missing = policy.required_components().any(|name| snapshot.component(name).is_none());
        let flags = [
            (facts.frozen, FLAG_FROZEN),
            (snapshot.api.is_down(), FLAG_API_DOWN),
            (situation.incident == Some(IncidentSeverity::Critical), FLAG_CRITICAL_INCIDENT),
            (missing, FLAG_COMPONENT_MISSING),
        ];
        let (mut decisions, mut reasons) = ([0_u8], [0_u16]);
        evaluate_columns(
            &policy,
            &GateColumns {
                action_type: &[situation.subject.index() as u8],
                score: &[snapshot.score.get()],
                coverage_pct: &[snapshot.coverage_pct],
                snapshot_age_minutes: &[situation.snapshot_age_ms as f64 / 60_000.0],
                data_age_hours: &[situation.data_age_ms.map_or(f64::NAN, |ms| ms as f64 / 3_600_000.0)],
                flags: &[flags.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum()],
            },
            &mut decisions,
            &mut reasons,
        )
        .unwrap();
        prop_assert_eq!(GateDecision::ALL[usize::from(decisions[0])], row.decision());
        let codes: u16 = GateReason::ALL.iter().filter(|&&code| row.has(code)).map(|code| 1 << code.index()).sum();
        prop_assert_eq!(reasons[0], codes);
    }

    #[test]
    fn a_component_raised_as_the_remedy_says_is_enough(components in component_scores()) {
        let policy = standard();
        let held = snapshot(&policy, |name| components[name.index()]);
        let facts = facts(GateSubject::BudgetIncrease, held);
        for remedy in remedies(&policy, &facts, &evaluate(&policy, &facts)) {
            let (Some(component), Some(to), RemedyCode::RaiseComponent) = (remedy.component, remedy.to, remedy.code)
            else { continue };
            let raised = self::facts(GateSubject::BudgetIncrease, snapshot(&policy, |name| {
                if name == component { Some(to) } else { components[name.index()] }
            }));
            prop_assert!(!evaluate(&policy, &raised).has(GateReason::HealthBelowThreshold), "{}", remedy.message);
        }
    }
}
