//! Every row and boundary of the rule table, overrides and remedies.

use stratum_core::gate::{
    GateFacts, GateReason, ManualOverride, OpenIncident, OverrideRefusal, ReasonKind, RemedyCode, evaluate,
    remedies,
};
use stratum_core::health::ApiFacts;
use stratum_core::id::UserId;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{
    ActionType, GateDecision, GateProfile, GateSubject, HealthComponent, IncidentKind, IncidentSeverity,
    Platform,
};

use super::{at, decide, facts, now, snapshot, standard};

#[test]
fn the_limits_70_and_40_belong_to_the_milder_side() {
    use GateReason::{HealthBelowThreshold, HealthUnhealthy, Ok};
    assert_eq!(decide(&at(70.0)), (GateDecision::Pass, vec![Ok]));
    assert_eq!(decide(&at(69.9999)), (GateDecision::Hold, vec![HealthBelowThreshold]));
    assert_eq!(decide(&at(40.0)), (GateDecision::Hold, vec![HealthBelowThreshold]));
    assert_eq!(decide(&at(39.9999)), (GateDecision::Block, vec![HealthUnhealthy, HealthBelowThreshold]));
}

#[test]
fn a_pass_names_the_score_and_the_threshold_and_holds_for_five_minutes() {
    let evaluation = evaluate(&standard(), &at(88.0));
    let reason = evaluation.reasons()[0];
    assert_eq!(
        (reason.actual, reason.limit, reason.code.kind()),
        (Some(88.0), Some(70.0), ReasonKind::Permitted)
    );
    assert_eq!(evaluation.valid_until(), Some(now().plus_minutes(5)));
    assert!(evaluation.pass().is_some());
}

#[test]
fn a_pass_ends_with_the_hour_of_its_snapshot() {
    let mut facts = at(88.0);
    facts.snapshots[0].computed_at = now().plus_minutes(-58);
    assert_eq!(evaluate(&standard(), &facts).valid_until(), Some(now().plus_minutes(2)));
}

#[test]
fn a_tenants_healthy_threshold_of_60_does_not_let_65_pass() {
    let policy = TrustPolicy { healthy_threshold: 60.0, ..TrustPolicy::default() }.compile().unwrap();
    let facts = facts(GateSubject::PauseAdset, snapshot(&policy, |_| Some(65.0)));
    assert_eq!(evaluate(&policy, &facts).decision(), GateDecision::Hold);
}

#[test]
fn a_tenants_degraded_threshold_of_10_does_not_let_20_wait() {
    let policy = TrustPolicy { degraded_threshold: 10.0, ..TrustPolicy::default() }.compile().unwrap();
    let facts = facts(GateSubject::PauseAdset, snapshot(&policy, |_| Some(20.0)));
    assert_eq!(evaluate(&policy, &facts).decision(), GateDecision::Block);
}

#[test]
fn an_override_below_the_floor_is_refused_when_the_policy_is_compiled() {
    let mut policy = TrustPolicy::default();
    policy.overrides.insert(ActionType::PauseCampaign, 60.0);
    let problems = policy.compile().unwrap_err();
    assert_eq!(
        problems.iter().map(|problem| problem.code.as_ref()).collect::<Vec<_>>(),
        ["threshold_too_low"]
    );
}

#[test]
fn cautious_asks_80_of_what_raises_and_70_of_what_protects() {
    let policy = TrustPolicy { profile: GateProfile::Cautious, ..TrustPolicy::default() }.compile().unwrap();
    for action in ActionType::ALL {
        let expected = if action.is_raising() { 80.0 } else { 70.0 };
        assert_eq!(policy.threshold((*action).into()), expected, "{action}");
    }
    assert_eq!(policy.threshold(GateSubject::AudienceSync), 70.0);
}

#[test]
fn a_missing_required_component_never_passes_however_high_the_rest() {
    let policy = standard();
    let without = |missing| {
        let facts =
            facts(GateSubject::BudgetIncrease, snapshot(&policy, |name| (name != missing).then_some(100.0)));
        evaluate(&policy, &facts)
    };
    // 75 of 100, but API health has weight 25 and is required.
    let api = without(HealthComponent::ApiHealth);
    assert_eq!((api.decision(), api.score().map(f64::from)), (GateDecision::Hold, Some(75.0)));
    assert_eq!(api.reasons()[0].component, Some(HealthComponent::ApiHealth));
    // 80 of 100 and event loss, with weight 20, is not required.
    let loss = without(HealthComponent::EventLoss);
    assert_eq!((loss.decision(), loss.score().map(f64::from)), (GateDecision::Pass, Some(80.0)));
    // EMQ always is.
    assert_eq!(without(HealthComponent::Emq).decision(), GateDecision::Hold);
}

#[test]
fn sixty_minutes_are_fresh_and_a_millisecond_more_is_not() {
    let aged = |ms: i64| {
        let mut facts = at(100.0);
        facts.snapshots[0].computed_at = now().plus_millis(-ms);
        decide(&facts)
    };
    assert_eq!(aged(3_600_000), (GateDecision::Pass, vec![GateReason::Ok]));
    assert_eq!(aged(3_600_001), (GateDecision::Hold, vec![GateReason::HealthStale]));
    assert_eq!(aged(86_400_000), (GateDecision::Hold, vec![GateReason::HealthStale]));
    let expired = (GateDecision::Block, vec![GateReason::HealthExpired, GateReason::HealthStale]);
    assert_eq!(aged(86_400_001), expired);
    assert_eq!(aged(-300_000), (GateDecision::Pass, vec![GateReason::Ok]));
    assert_eq!(aged(-300_001), (GateDecision::Block, vec![GateReason::HealthExpired]));
}

#[test]
fn data_of_48_hours_are_fresh_and_a_millisecond_more_or_unknown_is_not() {
    let aged = |at: Option<i64>| {
        let mut facts = self::at(100.0);
        facts.snapshots[0].data_as_of = at.map(|ms| now().plus_millis(-ms));
        decide(&facts)
    };
    assert_eq!(aged(Some(172_800_000)).0, GateDecision::Pass);
    assert_eq!(aged(Some(172_800_001)), (GateDecision::Hold, vec![GateReason::DataStale]));
    assert_eq!(aged(None), (GateDecision::Hold, vec![GateReason::DataStale]));
    // An instant that lies ahead is disbelieved, so the age is unknown.
    assert_eq!(aged(Some(-300_001)), (GateDecision::Hold, vec![GateReason::DataStale]));
}

#[test]
fn a_freeze_a_dead_api_and_an_open_critical_incident_stop_perfect_health() {
    let mut frozen = at(100.0);
    frozen.frozen = true;
    assert_eq!(decide(&frozen), (GateDecision::Block, vec![GateReason::Frozen]));

    for api in [
        ApiFacts { requests: 1, failures: 1, credentials_valid: Some(true) },
        ApiFacts { requests: 0, failures: 0, credentials_valid: Some(false) },
    ] {
        let mut down = at(100.0);
        down.snapshots[0].api = api;
        assert_eq!(decide(&down), (GateDecision::Block, vec![GateReason::ApiDown]));
    }

    let incident = |severity, platform| {
        let mut facts = at(100.0);
        facts.incidents = vec![OpenIncident { platform, kind: IncidentKind::Anomaly, severity }];
        decide(&facts)
    };
    let held = (GateDecision::Hold, vec![GateReason::IncidentOpen]);
    assert_eq!(incident(IncidentSeverity::Critical, Platform::Meta), held);
    assert_eq!(incident(IncidentSeverity::High, Platform::Meta).0, GateDecision::Pass);
    assert_eq!(incident(IncidentSeverity::Critical, Platform::Google).0, GateDecision::Pass);
}

#[test]
fn facts_that_do_not_fit_the_question_block() {
    let mut foreign = at(100.0);
    foreign.snapshots[0].tenant_id = "0198c9a0-0000-7000-8000-000000000002".parse().unwrap();
    assert_eq!(decide(&foreign), (GateDecision::Block, vec![GateReason::InvalidInput, GateReason::NoData]));

    let mut of_another_platform = at(100.0);
    of_another_platform.snapshots[0].platform = Platform::Google;
    assert_eq!(decide(&of_another_platform).0, GateDecision::Block);

    let mut twice = at(100.0);
    twice.snapshots.push(twice.snapshots[0].clone());
    assert_eq!(decide(&twice), (GateDecision::Block, vec![GateReason::InvalidInput]));

    let mut nowhere = at(100.0);
    nowhere.platforms.clear();
    nowhere.snapshots.clear();
    assert_eq!(decide(&nowhere), (GateDecision::Block, vec![GateReason::InvalidInput]));

    let mut flattered = at(50.0);
    flattered.snapshots[0].score = 95.0.try_into().unwrap();
    assert_eq!(decide(&flattered), (GateDecision::Block, vec![GateReason::InvalidInput]));
}

#[test]
fn a_move_between_platforms_passes_only_if_every_platform_does() {
    let policy = standard();
    let mut both = facts(GateSubject::BudgetIncrease, snapshot(&policy, |_| Some(100.0)));
    both.platforms.push(Platform::Google);
    assert_eq!(decide(&both), (GateDecision::Block, vec![GateReason::NoData]));

    let mut google = snapshot(&policy, |_| Some(60.0));
    google.platform = Platform::Google;
    both.snapshots.push(google);
    let evaluation = evaluate(&policy, &both);
    // A mean of 80 would pass; a mean is never used.
    assert_eq!(evaluation.decision(), GateDecision::Hold);
    assert_eq!(evaluation.score().map(f64::from), Some(60.0));
    assert_eq!(evaluation.reasons()[0].platform, Some(Platform::Google));
}

#[test]
fn reasons_stand_block_before_hold_and_then_in_the_order_of_the_table() {
    let mut facts = facts(GateSubject::BudgetIncrease, snapshot(&standard(), |_| None));
    facts.frozen = true;
    facts.snapshots[0].data_as_of = None;
    facts.snapshots[0].api.credentials_valid = Some(false);
    let (decision, codes) = decide(&facts);
    assert_eq!(decision, GateDecision::Block);
    assert_eq!(
        codes,
        [
            GateReason::Frozen,
            GateReason::NoData,
            GateReason::ApiDown,
            GateReason::HealthUnhealthy,
            GateReason::DataStale,
            GateReason::ComponentMissing,
            GateReason::ComponentMissing,
            GateReason::HealthBelowThreshold,
        ]
    );
}

#[test]
fn a_hold_may_be_overridden_by_a_person_with_a_reason_of_ten_characters() {
    let user: UserId = "0198c9a0-0000-7000-8000-0000000000aa".parse().unwrap();
    let policy = standard();
    let decide = |facts: &GateFacts, reason| ManualOverride::decide(&policy, facts, user, reason);

    assert!(decide(&at(69.0), "we know why").is_ok());
    assert_eq!(decide(&at(69.0), "  short  ").unwrap_err(), OverrideRefusal::ReasonTooShort);
    assert_eq!(decide(&at(70.0), "we know why").unwrap_err(), OverrideRefusal::NotNeeded);
    // Below 40 only what protects.
    assert_eq!(decide(&at(30.0), "we know why").unwrap_err(), OverrideRefusal::NotProtective);
    let mut pause = at(30.0);
    pause.action_type = GateSubject::PauseCampaign;
    assert!(decide(&pause, "we know why").is_ok());
    // Never under a freeze, missing data, a dead API, an expired snapshot.
    pause.frozen = true;
    assert_eq!(decide(&pause, "we know why").unwrap_err(), OverrideRefusal::BlockedByRule);
}

#[test]
fn a_remedy_names_the_score_of_a_component_that_would_be_enough() {
    let policy = standard();
    // EMQ 50, the rest 75: 35 * 50 + 65 * 75 = 6625, so 66.25; 375 more are needed, 375 / 35 = 10.714285714…
    let facts = facts(
        GateSubject::BudgetIncrease,
        snapshot(&policy, |name| Some(if name == HealthComponent::Emq { 50.0 } else { 75.0 })),
    );
    let list = remedies(&policy, &facts, &evaluate(&policy, &facts));
    let emq = list.iter().find(|remedy| remedy.component == Some(HealthComponent::Emq)).unwrap();
    assert_eq!((emq.code, emq.from, emq.to), (RemedyCode::RaiseComponent, Some(50.0), Some(60.714285715)));
}
