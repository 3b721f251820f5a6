//! Consent as domain.md 10.9 and rules.md 8 state it.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use stratum_core::Timestamp;

use super::*;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour * 3_600_000).unwrap()
}

fn decided(decisions: &[(ConsentType, bool, i64)]) -> Consents {
    let mut consents = Consents::default();
    for &(consent_type, granted, hour) in decisions {
        consents.record(&ConsentDecision::new(consent_type, granted, at(hour)));
    }
    consents
}

fn granted(consents: &Consents, purpose: ConsentType) -> bool {
    consents.effective(purpose, LegalBasis::default()).granted
}

#[test]
fn a_grant_for_everything_does_not_outvote_a_later_refusal_of_ads_and_a_tie_denies() {
    use ConsentType::{Ads, All, Email};
    assert!(!granted(&decided(&[(All, true, 1), (Ads, false, 2)]), Ads));
    assert!(granted(&decided(&[(All, true, 1), (Ads, false, 2)]), Email));
    assert!(granted(&decided(&[(Ads, false, 2), (All, true, 3)]), Ads));
    assert!(!granted(&decided(&[(Ads, false, 2), (All, true, 2)]), Ads));
    assert!(!granted(&decided(&[(Ads, true, 2), (All, false, 2)]), Ads));
    assert!(!granted(&decided(&[(Ads, true, 2), (Ads, false, 2)]), Ads));
}

#[test]
fn nobody_who_did_not_decide_is_sent_anything_and_measuring_follows_the_legal_basis() {
    let undecided = Consents::default();
    for purpose in [ConsentType::Ads, ConsentType::Email, ConsentType::Sms] {
        assert!(!granted(&undecided, purpose));
    }
    assert!(granted(&undecided, ConsentType::Analytics));
    assert!(!undecided.effective(ConsentType::Analytics, LegalBasis::Consent).granted);
    assert_eq!(
        undecided.release::<Email, _>((), LegalBasis::default()).unwrap_err(),
        ConsentRefusal::Undecided(ConsentType::Email)
    );
    let denied = decided(&[(ConsentType::Analytics, false, 1)]);
    assert_eq!(
        denied.release::<Analytics, _>((), LegalBasis::default()).unwrap_err(),
        ConsentRefusal::Denied(ConsentType::Analytics)
    );
}

#[test]
fn a_denial_survives_a_merge_and_a_later_grant_lifts_it() {
    let mut person = decided(&[(ConsentType::Ads, false, 1)]);
    person.merge(&decided(&[(ConsentType::Ads, true, 5)]));
    assert_eq!(person.state(ConsentType::Ads), Some(ConsentState { granted: false, recorded_at: at(1) }));
    person.record(&ConsentDecision::new(ConsentType::Ads, true, at(2)));
    assert!(granted(&person, ConsentType::Ads));
}

#[test]
fn a_refusal_of_everything_on_one_side_is_not_outvoted_by_a_grant_on_the_other() {
    let mut person = decided(&[(ConsentType::Ads, true, 10)]);
    person.merge(&decided(&[(ConsentType::All, false, 5)]));
    assert!(!granted(&person, ConsentType::Ads));
    let mut turned = decided(&[(ConsentType::All, true, 10)]);
    turned.merge(&decided(&[(ConsentType::Ads, false, 5)]));
    assert!(!granted(&turned, ConsentType::Ads));
    assert!(granted(&turned, ConsentType::Email));
}

#[test]
fn a_refusal_of_everything_holds_after_a_merge_with_its_time() {
    for granted_too in [false, true] {
        let mut person = decided(&[(ConsentType::All, false, 5)]);
        let other = if granted_too { (ConsentType::All, true, 9) } else { (ConsentType::Ads, true, 9) };
        person.merge(&decided(&[other]));
        let denied = Some(ConsentState { granted: false, recorded_at: at(5) });
        assert_eq!(person.state(ConsentType::All), denied);
        person.record(&ConsentDecision::new(ConsentType::Ads, true, at(4)));
        assert!(!granted(&person, ConsentType::Ads));
        person.record(&ConsentDecision::new(ConsentType::Ads, true, at(6)));
        assert!(granted(&person, ConsentType::Ads));
    }
}

#[test]
fn an_opt_out_of_sale_removes_the_person_from_audiences_at_once() {
    let before = decided(&[(ConsentType::All, true, 1)]);
    let mut now = before.clone();
    now.record(&ConsentDecision::ccpa_opt_out(at(2)));
    let changes = now.changes_since(&before, LegalBasis::default());
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].effects, [ConsentEffect::RemoveFromAudiences, ConsentEffect::StopConversions]);
}

#[test]
fn no_debug_text_shows_a_proof_or_a_released_value() {
    let mut decision = ConsentDecision::new(ConsentType::Ads, true, at(1));
    decision.proof = Some("signed by jane@shop.example".to_owned());
    let released = decided(&[(ConsentType::Ads, true, 1)]).release::<Ads, _>("jane", LegalBasis::default());
    assert!(!format!("{decision:?} {released:?}").contains("jane"));
}

fn decisions() -> impl Strategy<Value = Vec<(ConsentType, bool, i64)>> {
    vec((0..ConsentType::ALL.len(), any::<bool>(), 0_i64..6), 0..10).prop_map(|drawn| {
        drawn.into_iter().map(|(kind, granted, hour)| (ConsentType::ALL[kind], granted, hour)).collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_decisions_does_not_matter(mut drawn in decisions()) {
        let consents = decided(&drawn);
        drawn.reverse();
        prop_assert_eq!(&decided(&drawn), &consents);
        drawn.sort_by_key(|decision| (decision.1, decision.2));
        prop_assert_eq!(&decided(&drawn), &consents);
    }

    #[test]
    fn a_merge_never_grants_what_one_of_the_two_denied_by_itself(one in decisions(), other in decisions()) {
        let (one, other) = (decided(&one), decided(&other));
        let (mut merged, mut turned) = (one.clone(), other.clone());
        merged.merge(&other);
        turned.merge(&one);
        for purpose in ConsentType::PURPOSES {
            let said = |side: &Consents| {
                let effective = side.effective(purpose, LegalBasis::default());
                effective.decided_by.map(|_| effective.granted)
            };
            let both = [said(&one), said(&other)];
            let expected = if both.contains(&Some(false)) { Some(false) } else { both.into_iter().flatten().next() };
            prop_assert_eq!(said(&merged), expected);
            prop_assert_eq!(said(&turned), expected);
        }
    }
}

#[test]
fn every_text_of_a_decision_has_a_bound() {
    let bounded: [(&str, usize); 4] =
        [("source", 100), ("consent_version", 50), ("consent_text", 10_000), ("proof", 500)];
    for (field, most) in bounded {
        let request = |length: usize| -> ConsentRequest {
            let mut decision = serde_json::json!({
                "consent_type": "ads", "granted": true, "recorded_at": "2026-03-01T00:00:00Z",
            });
            decision.as_object_mut().unwrap().insert(field.to_owned(), "é".repeat(length).into());
            serde_json::from_value(serde_json::json!({"decisions": [decision]})).unwrap()
        };
        assert!(evaluate(&request(most)).is_ok());
        let problems = evaluate(&request(most + 1)).unwrap_err();
        let found: Vec<_> = problems.iter().map(|one| (one.path.as_str(), one.code.as_ref())).collect();
        assert_eq!(found, [(format!("/decisions/0/{field}").as_str(), "too_long")]);
    }
}
