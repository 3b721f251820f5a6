use stratum_core::time::MINUTE_MS;
use stratum_core::vocabulary::GateDecision;

use super::*;
use crate::action::Action;

fn token() -> ConfirmationToken {
    ConfirmationToken::from_random([9; 32])
}

fn action() -> Action {
    budget_action(10_000, 12_001)
}

fn soft_check(facts: &EnforcementFacts) -> EnforcementCheck {
    check_of(&settings(), &action(), facts)
}

fn issued() -> (EnforcementCheck, Confirmation) {
    let check = soft_check(&good_facts());
    let confirmation = Confirmation::issue(&token(), &action(), &check, now()).unwrap();
    (check, confirmation)
}

#[test]
fn only_the_digest_of_a_token_is_kept() {
    let (_, confirmation) = issued();
    let stored = serde_json::to_string(&confirmation).unwrap();
    assert!(!stored.contains(&token().reveal()));
    assert!(stored.contains(&token().digest().to_string()));
    assert_eq!(format!("{:?}", token()), "ConfirmationToken(..)");
    // SHA-256 of 32 bytes of value 9, by `python3 -c "import hashlib; print(hashlib.sha256(bytes([9])*32).hexdigest())"`.
    assert_eq!(
        token().digest().to_string(),
        "8c0cc17a04942cc4f8e0fe0b302606d3108860c126428ba2ceeb5f9ed41c2b05"
    );
    assert_eq!(token().reveal().parse::<ConfirmationToken>().unwrap(), token());
    assert!("09".parse::<ConfirmationToken>().is_err());
}

#[test]
fn a_hard_block_never_gives_a_token_and_an_allowed_change_needs_none() {
    let issue = |mode, action: &Action| {
        let check = check_of(&with_mode(mode), action, &good_facts());
        Confirmation::issue(&token(), action, &check, now()).map(|_| ())
    };
    assert_eq!(issue(EnforcementMode::HardBlock, &action()), Err(ConfirmationRefusal::EnforcementBlocked));
    assert_eq!(issue(EnforcementMode::Advisory, &action()), Err(ConfirmationRefusal::NothingToConfirm));
    let fine = budget_action(10_000, 12_000);
    assert_eq!(issue(EnforcementMode::SoftBlock, &fine), Err(ConfirmationRefusal::NothingToConfirm));
}

#[test]
fn a_token_is_presented_once_within_the_hour() {
    let (check, mut confirmation) = issued();
    let late = now().plus_millis(60 * MINUTE_MS);
    assert_eq!(
        confirmation.confirm(&token(), &action(), &attempt(&check, late)),
        Err(ConfirmationRefusal::ConfirmationExpired)
    );
    let in_time = now().plus_millis(60 * MINUTE_MS - 1);
    let confirmed = confirmation.confirm(&token(), &action(), &attempt(&check, in_time)).unwrap();
    assert_eq!(confirmed.valid_until, in_time.plus_minutes(15));
    assert_eq!(confirmed.user_id, user(1));
    assert_eq!(
        confirmation.confirm(&token(), &action(), &attempt(&check, in_time)),
        Err(ConfirmationRefusal::TokenUsed)
    );
}

#[test]
fn a_token_is_bound_to_its_action_and_payload() {
    let (check, mut confirmation) = issued();
    let wrong_token = ConfirmationToken::from_random([8; 32]);
    for (token, action) in [(&wrong_token, action()), (&token(), budget_action(10_000, 12_002))] {
        assert_eq!(
            confirmation.confirm(token, &action, &attempt(&check, now())),
            Err(ConfirmationRefusal::TokenNotFound)
        );
    }
    let mut other = new_action(stratum_core::vocabulary::ActionType::BudgetIncrease, daily(10_000, 12_001));
    other.tenant_id = "0198c9a0-0000-7000-8000-000000000002".parse().unwrap();
    let other = Action::queue(other, now()).unwrap();
    assert_eq!(
        confirmation.confirm(&token(), &other, &attempt(&check, now())),
        Err(ConfirmationRefusal::TokenNotFound)
    );
}

#[test]
fn confirming_looks_at_everything_again() {
    let (check, confirmation) = issued();
    let hard = check_of(&with_mode(EnforcementMode::HardBlock), &action(), &good_facts());
    let more = soft_check(&EnforcementFacts { changes_today: 10, ..good_facts() });
    let good = attempt(&check, now());
    for (attempt, refusal) in [
        (ConfirmationAttempt { frozen: true, ..good }, ConfirmationRefusal::KillSwitchActive),
        (ConfirmationAttempt { check: &hard, ..good }, ConfirmationRefusal::EnforcementBlocked),
        (ConfirmationAttempt { gate: GateDecision::Hold, ..good }, ConfirmationRefusal::GateNotPassed),
        (ConfirmationAttempt { gate: GateDecision::Block, ..good }, ConfirmationRefusal::GateNotPassed),
        (ConfirmationAttempt { check: &more, ..good }, ConfirmationRefusal::NewViolation),
        (ConfirmationAttempt { reason: "too short", ..good }, ConfirmationRefusal::ReasonLength),
    ] {
        let mut fresh = confirmation.clone();
        assert_eq!(fresh.confirm(&token(), &action(), &attempt), Err(refusal));
        assert_eq!(fresh, confirmation); // a refusal changes nothing
    }
}

#[test]
fn a_violation_that_is_gone_is_no_new_one() {
    let both = soft_check(&EnforcementFacts { changes_today: 10, ..good_facts() });
    let mut confirmation = Confirmation::issue(&token(), &action(), &both, now()).unwrap();
    let one = soft_check(&good_facts());
    confirmation.confirm(&token(), &action(), &attempt(&one, now())).unwrap();
}

#[test]
fn a_stricter_limit_is_a_new_violation_and_a_moved_figure_is_not() {
    let (_, mut confirmation) = issued();
    let stricter = EnforcementSettings { max_daily_budget_increase_pct: 10.0, ..settings() };
    let stricter = check_of(&stricter, &action(), &good_facts());
    assert_eq!(
        confirmation.confirm(&token(), &action(), &attempt(&stricter, now())),
        Err(ConfirmationRefusal::NewViolation)
    );
    let moved = soft_check(&EnforcementFacts { first_budget_today_cents: Some(9_999), ..good_facts() });
    assert_ne!(moved.violations[0].actual, Some(20.01));
    confirmation.confirm(&token(), &action(), &attempt(&moved, now())).unwrap();
}

#[test]
fn an_approval_uses_a_confirmation_once_within_fifteen_minutes() {
    let (check, mut confirmation) = issued();
    assert_eq!(confirmation.attach(&action(), &check, now()), Err(ConfirmationRefusal::NotConfirmed));
    confirmation.confirm(&token(), &action(), &attempt(&check, now())).unwrap();
    let violation = &check.violations[0];
    assert!(!confirmation.covers(&action(), violation)); // not until an approval uses it
    let end = now().plus_minutes(15);
    assert_eq!(confirmation.attach(&action(), &check, end), Err(ConfirmationRefusal::ConfirmationExpired));
    confirmation.attach(&action(), &check, end.plus_millis(-1)).unwrap();
    assert_eq!(confirmation.attach(&action(), &check, now()), Err(ConfirmationRefusal::TokenUsed));
    assert!(confirmation.covers(&action(), violation));
    assert!(!confirmation.covers(&budget_action(10_000, 12_002), violation));
}

#[test]
fn an_approval_does_not_use_a_confirmation_of_something_else() {
    let (check, mut confirmation) = issued();
    confirmation.confirm(&token(), &action(), &attempt(&check, now())).unwrap();
    let hard = check_of(&with_mode(EnforcementMode::HardBlock), &action(), &good_facts());
    let more = soft_check(&EnforcementFacts { changes_today: 10, ..good_facts() });
    let other = budget_action(10_000, 12_002);
    assert_eq!(confirmation.attach(&action(), &hard, now()), Err(ConfirmationRefusal::EnforcementBlocked));
    assert_eq!(confirmation.attach(&action(), &more, now()), Err(ConfirmationRefusal::NewViolation));
    assert_eq!(confirmation.attach(&other, &check, now()), Err(ConfirmationRefusal::TokenNotFound));
}

#[test]
fn the_violations_are_sorted_so_that_equal_lists_have_equal_digests() {
    let facts = EnforcementFacts { changes_today: 10, campaign: CampaignFigures::default(), ..good_facts() };
    let check = soft_check(&facts);
    let mut shuffled = check.clone();
    shuffled.violations.reverse();
    let digest = |check| Confirmation::issue(&token(), &action(), check, now()).unwrap().violations_digest();
    assert_eq!(digest(&check), digest(&shuffled));
    let (_, fewer) = issued();
    assert_ne!(digest(&check), fewer.violations_digest());
}

#[test]
fn a_stored_confirmation_reads_back_whole() {
    let (check, _) = issued();
    let confirmation = confirmed_and_attached(&action(), &check);
    let stored = serde_json::to_string(&confirmation).unwrap();
    assert_eq!(serde_json::from_str::<Confirmation>(&stored).unwrap(), confirmation);
}
