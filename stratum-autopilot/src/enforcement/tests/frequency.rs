use stratum_core::vocabulary::{ActionType, Platform};

use super::*;

fn seen(impressions: u64, reach: u64) -> EnforcementFacts {
    EnforcementFacts {
        exposure: Exposure { impressions: Some(impressions), reach: Some(reach), frequency: None },
        ..good_facts()
    }
}

#[test]
fn exactly_three_impressions_per_person_are_allowed_and_one_impression_more_is_not() {
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &seen(30_000, 10_000)), Vec::<&str>::new());
    let refused = check(&settings().compile().unwrap(), &raise(10_000, 11_000), &seen(30_001, 10_000));
    assert_eq!(names(&refused), ["AD_FREQUENCY"]);
    assert_eq!((refused.violations[0].limit, refused.violations[0].actual), (Some(3.0), Some(3.000_1)));
}

#[test]
fn unknown_reach_violates_everywhere_but_on_google_which_tells_none() {
    for &platform in Platform::ALL {
        let raise = CheckSubject { platform: Some(platform), ..raise(10_000, 11_000) };
        for exposure in [
            Exposure::default(),
            Exposure { impressions: Some(5), reach: None, frequency: None },
            Exposure { impressions: Some(5), reach: Some(0), frequency: None },
            Exposure { impressions: None, reach: Some(5), frequency: None },
            Exposure { impressions: None, reach: None, frequency: Some(f64::INFINITY) },
        ] {
            let facts = EnforcementFacts { exposure, ..good_facts() };
            let expected: &[&str] = if platform == Platform::Google { &[] } else { &["FREQUENCY_UNKNOWN"] };
            assert_eq!(found(&settings(), &raise, &facts), expected, "{platform} {exposure:?}");
        }
    }
    let somewhere = CheckSubject { platform: None, ..raise(10_000, 11_000) };
    let facts = EnforcementFacts { exposure: Exposure::default(), ..good_facts() };
    assert_eq!(found(&settings(), &somewhere, &facts), ["FREQUENCY_UNKNOWN"]);
}

#[test]
fn a_tenants_own_rule_violates_on_google_too_where_nothing_is_known() {
    let mut settings = settings();
    settings.rules = vec![EnforcementRule::new("seldom", ViolationType::FrequencyCapExceeded, 2.5)];
    let raise = CheckSubject { platform: Some(Platform::Google), ..raise(10_000, 11_000) };
    assert_eq!(found(&settings, &raise, &good_facts()), Vec::<&str>::new()); // exactly 2.5, as somebody stated
    let unknown = EnforcementFacts { exposure: Exposure::default(), ..good_facts() };
    assert_eq!(found(&settings, &raise, &unknown), ["FREQUENCY_UNKNOWN"]);
    assert_eq!(found(&settings, &raise, &seen(25_001, 10_000)), ["AD_FREQUENCY"]);
}

#[test]
fn a_stated_frequency_is_used_instead_of_the_counts() {
    let stated = |frequency| EnforcementFacts {
        exposure: Exposure { frequency: Some(frequency), ..good_facts().exposure },
        ..good_facts()
    };
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &stated(3.0)), Vec::<&str>::new());
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &stated(3.000_000_001)), ["AD_FREQUENCY"]);
}

#[test]
fn protective_changes_are_never_held_by_the_frequency() {
    for action_type in ActionType::ALL.iter().copied().filter(|action| action.is_protective()) {
        let kinds = found(&settings(), &subject(action_type, change_of(action_type)), &seen(99, 1));
        assert_eq!(kinds, Vec::<&str>::new(), "{action_type}");
    }
}
