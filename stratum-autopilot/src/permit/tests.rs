//! A permit exists for a claimed, approved action on fresh evidence about exactly that action, and for nothing else.

use stratum_core::Timestamp;
use stratum_core::gate::{GateFacts, GatePass, ManualOverride, evaluate};
use stratum_core::health::{ApiFacts, ComponentReading, ComponentScores, HealthSnapshot, score};
use stratum_core::id::TenantId;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{ActionType, EntityType, GateSubject, Platform};

use super::*;
use crate::action::{Action, Approval, Approver, LEASE_MS, NewAction};
use crate::enforcement::testing::{self, budget_action, daily, good_facts, new_action, now, settings, user};
use crate::enforcement::{ClaimVerdict, Clearance, EnforcementFacts, at_claim};

/// A snapshot of one minute ago of which every component has the same score.
fn gate_facts(subject: GateSubject, all: f64) -> GateFacts {
    let policy = TrustPolicy::default().compile().unwrap();
    let mut components = ComponentScores::default();
    policy.components().for_each(|(component, _)| components.set(component, Some(all)));
    let health = score(&policy, &components);
    let mut facts = GateFacts::new(testing::tenant(), subject, vec![Platform::Meta], now());
    facts.entity_type = Some(EntityType::Campaign);
    facts.entity_id = Some("238512".to_owned());
    facts.snapshots = vec![HealthSnapshot {
        snapshot_id: None,
        tenant_id: testing::tenant(),
        platform: Platform::Meta,
        preset: policy.policy().preset,
        score: health.score,
        status: health.status,
        coverage_pct: health.coverage_pct,
        components: policy
            .components()
            .map(|(name, weight)| ComponentReading {
                name,
                score: components.get(name),
                weight,
                contribution: weight * all / 100.0,
                required: policy.is_required(name),
            })
            .collect(),
        issues: Vec::new(),
        api: ApiFacts { requests: 100, failures: 0, credentials_valid: Some(true) },
        computed_at: now().plus_minutes(-1),
        data_as_of: Some(now().plus_hours(-1)),
    }];
    facts
}

fn pass_for(facts: &GateFacts) -> GatePass {
    let policy = TrustPolicy::default().compile().unwrap();
    evaluate(&policy, facts).pass().cloned().unwrap()
}

fn pass() -> GatePass {
    pass_for(&gate_facts(GateSubject::BudgetIncrease, 90.0))
}

fn clearance(action: &Action, facts: &EnforcementFacts) -> Clearance {
    match at_claim(&settings().compile().unwrap(), action, facts, None).verdict {
        ClaimVerdict::Apply(clearance) => clearance,
        other => panic!("{other:?}"),
    }
}

fn approved(mut action: Action, override_reason: Option<&str>) -> Action {
    let by = if override_reason.is_some() { Approver::User(user(1)) } else { Approver::System };
    let approval = Approval { by, at: now(), override_reason: override_reason.map(str::to_owned) };
    action.approve(approval, now()).unwrap();
    action
}

fn claimed() -> Action {
    let mut action = approved(budget_action(10_000, 12_000), None);
    action.claim(now()).unwrap();
    action
}

fn issue(action: &Action, pass: &GatePass, at: Timestamp) -> Result<Permit, PermitRefusal> {
    Permit::issue(action, PermitBasis::Gate(pass), clearance(action, &good_facts()), at)
}

#[test]
fn a_permit_carries_the_action_and_ends_with_the_first_thing_it_rests_on() {
    let action = claimed();
    let permit = issue(&action, &pass(), now()).unwrap();
    assert_eq!(permit.action_id(), action.id());
    assert_eq!(permit.idempotency_key(), action.id().to_string());
    assert_eq!(permit.tenant_id(), action.tenant_id());
    assert_eq!(permit.action_type(), ActionType::BudgetIncrease);
    assert_eq!(permit.platform(), Platform::Meta);
    assert_eq!((permit.entity_type(), permit.entity_id()), (EntityType::Campaign, "238512"));
    assert_eq!(permit.change(), &daily(10_000, 12_000));
    assert_eq!((permit.ground(), permit.attempt(), permit.issued_at()), (PermitGround::Gate, 1, now()));
    // The lease and the clearance last two minutes, the pass five.
    assert_eq!(permit.expires_at(), now().plus_millis(LEASE_MS));
    assert!(!permit.is_expired(now()) && permit.is_expired(now().plus_millis(LEASE_MS)));
}

#[test]
fn evidence_that_ends_sooner_ends_the_permit_sooner() {
    let mut facts = gate_facts(GateSubject::BudgetIncrease, 90.0);
    facts.snapshots[0].computed_at = now().plus_minutes(-59); // the pass lives for the last minute of its hour
    let pass = pass_for(&facts);
    let permit = issue(&claimed(), &pass, now()).unwrap();
    assert_eq!(permit.expires_at(), pass.valid_until());
    assert!(permit.expires_at() < now().plus_millis(LEASE_MS));
    assert_eq!(issue(&claimed(), &pass, pass.valid_until()).unwrap_err(), PermitRefusal::EvidenceExpired);
}

#[test]
fn only_a_claimed_action_gets_one_and_only_while_the_claim_lasts() {
    let action = budget_action(10_000, 12_000);
    assert_eq!(issue(&action, &pass(), now()).unwrap_err(), PermitRefusal::NotClaimed);
    let action = approved(action, None);
    assert_eq!(issue(&action, &pass(), now()).unwrap_err(), PermitRefusal::NotClaimed);
    let late = now().plus_millis(LEASE_MS);
    assert_eq!(issue(&claimed(), &pass(), late).unwrap_err(), PermitRefusal::LeaseLapsed);
    assert!(issue(&claimed(), &pass(), late.plus_millis(-1)).is_ok());
}

#[test]
fn evidence_about_anything_else_is_refused() {
    let action = claimed();
    let good = gate_facts(GateSubject::BudgetIncrease, 90.0);
    let other_tenant: TenantId = "0198c9a0-0000-7000-8000-000000000002".parse().unwrap();
    let mut elsewhere = good.clone();
    elsewhere.platforms = vec![Platform::Google];
    elsewhere.snapshots[0].platform = Platform::Google;
    let mut of_other_tenant = good.clone();
    of_other_tenant.tenant_id = other_tenant;
    of_other_tenant.snapshots[0].tenant_id = other_tenant;
    for facts in [
        gate_facts(GateSubject::BudgetDecrease, 90.0),
        GateFacts { entity_id: Some("238513".to_owned()), ..good.clone() },
        GateFacts { entity_type: Some(EntityType::Adset), ..good.clone() },
        GateFacts { entity_id: None, ..good },
        elsewhere,
        of_other_tenant,
    ] {
        assert_eq!(issue(&action, &pass_for(&facts), now()).unwrap_err(), PermitRefusal::EvidenceMismatch);
    }
}

#[test]
fn a_clearance_of_another_change_or_of_earlier_is_refused() {
    let action = claimed();
    let other = clearance(&budget_action(10_000, 11_000), &good_facts());
    let refused = Permit::issue(&action, PermitBasis::Gate(&pass()), other, now());
    assert_eq!(refused.unwrap_err(), PermitRefusal::ClearanceMismatch);

    let earlier = EnforcementFacts { now: now().plus_millis(-LEASE_MS), ..good_facts() };
    let old = clearance(&action, &earlier);
    let refused = Permit::issue(&action, PermitBasis::Gate(&pass()), old, now());
    assert_eq!(refused.unwrap_err(), PermitRefusal::ClearanceExpired);
}

fn given_by(person: u8, score: f64) -> ManualOverride {
    let policy = TrustPolicy::default().compile().unwrap();
    let facts = gate_facts(GateSubject::BudgetIncrease, score);
    ManualOverride::decide(&policy, &facts, user(person), "the client insists, on the phone").unwrap()
}

fn issue_override(action: &Action, person: u8) -> Result<Permit, PermitRefusal> {
    let given = given_by(person, 60.0);
    Permit::issue(action, PermitBasis::Override(&given), clearance(action, &good_facts()), now())
}

#[test]
fn an_override_needs_the_approval_of_the_same_person_that_says_so() {
    let claimed_with = |override_reason| {
        let mut action = approved(budget_action(10_000, 12_000), override_reason);
        action.claim(now()).unwrap();
        action
    };
    let overridden = claimed_with(Some("the client insists, on the phone"));
    assert_eq!(issue_override(&overridden, 1).unwrap().ground(), PermitGround::Override);
    assert_eq!(issue_override(&overridden, 2).unwrap_err(), PermitRefusal::OverrideNotApproved);
    assert_eq!(issue_override(&claimed_with(None), 1).unwrap_err(), PermitRefusal::OverrideNotApproved);
}

#[test]
fn a_claim_without_an_approval_gets_no_permit() {
    // No transition leads there; a record that was tampered with could.
    let mut stored = serde_json::to_value(claimed()).unwrap();
    stored["approval"] = serde_json::Value::Null;
    let action: Action = serde_json::from_value(stored).unwrap();
    assert_eq!(issue(&action, &pass(), now()).unwrap_err(), PermitRefusal::NotApproved);
}

#[test]
fn each_half_of_a_move_between_platforms_needs_its_own_evidence() {
    let mut facts = gate_facts(GateSubject::BudgetIncrease, 90.0);
    let mut google = facts.snapshots[0].clone();
    google.platform = Platform::Google;
    facts.platforms.push(Platform::Google);
    facts.snapshots.push(google);
    assert!(issue(&claimed(), &pass_for(&facts), now()).is_ok());
    let other_half = NewAction {
        platform: Platform::Google,
        ..new_action(ActionType::BudgetDecrease, daily(12_000, 10_000))
    };
    let mut other_half = approved(Action::queue(other_half, now()).unwrap(), None);
    other_half.claim(now()).unwrap();
    assert_eq!(issue(&other_half, &pass_for(&facts), now()).unwrap_err(), PermitRefusal::EvidenceMismatch);
}

/// Compiles only while neither type implements any of these traits: an implementation would make the path ambiguous.
#[test]
fn permits_and_clearances_are_never_copied_defaulted_or_read_from_anywhere() {
    trait AmbiguousIf<Marker> {
        fn implemented() {}
    }
    struct Clones;
    struct Defaults;
    struct Reads;
    impl<T: ?Sized> AmbiguousIf<()> for T {}
    impl<T: Clone> AmbiguousIf<Clones> for T {}
    impl<T: Default> AmbiguousIf<Defaults> for T {}
    impl<T: serde::de::DeserializeOwned> AmbiguousIf<Reads> for T {}
    <Permit as AmbiguousIf<_>>::implemented();
    <Clearance as AmbiguousIf<_>>::implemented();
}
