use stratum_core::vocabulary::{ActionType, EntityType};

use super::*;

fn returned(spend_cents: i64, revenue_cents: i64) -> EnforcementFacts {
    EnforcementFacts {
        campaign: CampaignFigures {
            spend_cents: Some(spend_cents),
            revenue_cents: Some(revenue_cents),
            roas: None,
        },
        ..good_facts()
    }
}

#[test]
fn a_return_of_exactly_the_threshold_is_allowed_and_one_cent_less_is_not() {
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &returned(70_001, 140_002)), Vec::<&str>::new());
    let refused = check(&settings().compile().unwrap(), &raise(10_000, 11_000), &returned(70_001, 140_001));
    assert_eq!(names(&refused), ["ROAS_BELOW_THRESHOLD"]);
    assert_eq!(refused.violations[0].limit, Some(2.0));
    assert_eq!(refused.violations[0].actual, Some(1.999_985_714));
}

#[test]
fn the_comparison_is_exact_where_a_double_is_not() {
    // 9007199254740990 / 4503599627370495.5 would be 2; the fraction is a hair below 2.
    let spend = 4_503_599_627_370_495;
    assert_eq!(
        found(&settings(), &raise(10_000, 11_000), &returned(spend, 2 * spend - 1)),
        ["ROAS_BELOW_THRESHOLD"]
    );
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &returned(spend, 2 * spend)), Vec::<&str>::new());
}

#[test]
fn a_return_that_is_not_defined_violates() {
    for campaign in [
        CampaignFigures::default(),
        CampaignFigures { spend_cents: Some(0), revenue_cents: Some(100), roas: None },
        CampaignFigures { spend_cents: Some(100), revenue_cents: None, roas: None },
        CampaignFigures { spend_cents: None, revenue_cents: Some(100), roas: None },
        CampaignFigures { spend_cents: Some(0), revenue_cents: Some(0), roas: Some(f64::NAN) },
    ] {
        let facts = EnforcementFacts { campaign, ..good_facts() };
        assert_eq!(found(&settings(), &raise(10_000, 11_000), &facts), ["ROAS_UNKNOWN"], "{campaign:?}");
    }
}

#[test]
fn only_what_raises_is_asked_for_a_return() {
    let poor = returned(100_000, 1);
    for &action_type in ActionType::ALL {
        let kinds = found(&settings(), &subject(action_type, change_of(action_type)), &poor);
        if action_type.is_raising() {
            assert_eq!(kinds, ["ROAS_BELOW_THRESHOLD", "CAMPAIGN_PAUSE_REQUIRED"], "{action_type}");
        } else {
            assert_eq!(kinds, Vec::<&str>::new(), "{action_type}");
        }
    }
}

#[test]
fn a_stated_return_is_used_instead_of_the_amounts() {
    let stated = |roas| EnforcementFacts {
        campaign: CampaignFigures { roas: Some(roas), ..good_facts().campaign },
        ..good_facts()
    };
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &stated(2.0)), Vec::<&str>::new());
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &stated(1.999_999_999)), ["ROAS_BELOW_THRESHOLD"]);
}

#[test]
fn a_pause_is_required_below_half_the_threshold_from_the_least_spend_on() {
    let both = ["ROAS_BELOW_THRESHOLD", "CAMPAIGN_PAUSE_REQUIRED"];
    let raise = raise(10_000, 11_000);
    assert_eq!(found(&settings(), &raise, &returned(5_000, 4_999)), both);
    assert_eq!(found(&settings(), &raise, &returned(5_000, 5_000)), ["ROAS_BELOW_THRESHOLD"]); // exactly 1.0
    assert_eq!(found(&settings(), &raise, &returned(4_999, 0)), ["ROAS_BELOW_THRESHOLD"]); // too little spent
}

#[test]
fn one_pause_of_the_campaign_is_proposed_unless_one_is_open() {
    let compiled = settings().compile().unwrap();
    let poor = returned(5_000, 4_999);
    let proposed = |subject: &CheckSubject, facts| check(&compiled, subject, facts).propose_pause_of;
    assert_eq!(proposed(&raise(10_000, 11_000), &poor).as_deref(), Some("238512"));
    let open = EnforcementFacts { pause_proposal_open: true, ..poor.clone() };
    assert_eq!(proposed(&raise(10_000, 11_000), &open), None);
    assert_eq!(names(&check(&compiled, &raise(10_000, 11_000), &open)).len(), 2); // it is refused all the same

    let ad_set = CheckSubject { entity_type: EntityType::Adset, ..raise(10_000, 11_000) };
    assert_eq!(proposed(&ad_set, &poor), None); // which campaign is not known
    let known = EnforcementFacts { campaign_id: Some("99".to_owned()), ..poor };
    assert_eq!(proposed(&ad_set, &known).as_deref(), Some("99"));
}

#[test]
fn a_pause_is_never_proposed_on_what_is_unknown_or_fine() {
    let compiled = settings().compile().unwrap();
    for facts in [good_facts(), EnforcementFacts { campaign: CampaignFigures::default(), ..good_facts() }] {
        assert_eq!(check(&compiled, &raise(10_000, 11_000), &facts).propose_pause_of, None);
    }
}

#[test]
fn own_rules_violate_where_their_figure_is_missing() {
    let mut settings = settings();
    settings.rules = vec![
        EnforcementRule::new("return-3", ViolationType::RoasBelowThreshold, 3.0),
        EnforcementRule::new("pause-2", ViolationType::CampaignPauseRequired, 2.0),
    ];
    let raise = raise(10_000, 11_000);
    assert_eq!(found(&settings, &raise, &good_facts()), Vec::<&str>::new()); // exactly 3.0
    assert_eq!(found(&settings, &raise, &returned(70_000, 209_999)), ["ROAS_BELOW_THRESHOLD"]);

    let unknown = EnforcementFacts { campaign: CampaignFigures::default(), ..good_facts() };
    let answer = check(&settings.compile().unwrap(), &raise, &unknown);
    let rules: Vec<_> = answer.violations.iter().map(|violation| violation.rule_id.as_deref()).collect();
    assert_eq!(rules, [None, Some("return-3"), Some("pause-2")]);
    assert_eq!(names(&answer), ["ROAS_UNKNOWN"; 3]);

    // The return is stated, what was spent is not: the own pause rule cannot tell and refuses.
    let stated = EnforcementFacts {
        campaign: CampaignFigures { roas: Some(1.9), ..CampaignFigures::default() },
        ..good_facts()
    };
    assert_eq!(
        found(&settings, &raise, &stated),
        ["ROAS_BELOW_THRESHOLD", "ROAS_BELOW_THRESHOLD", "SPEND_UNKNOWN"]
    );
}
