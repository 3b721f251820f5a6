//! The laws of logic, and that the reasons are the ones that decide.

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::segment::ReasonCode;

use crate::cases::{compiled, now, profile, rules};

fn member(rules: &Value, profile: &stratum_cdp::segment::ProfileFacts) -> bool {
    compiled(rules).at(now()).evaluate(profile).is_member()
}

fn not(rules: &Value) -> Value {
    json!({"logic": "not", "groups": [rules]})
}

/// The rules with the conditions and groups of every group in the opposite order.
fn reversed(rules: &Value) -> Value {
    let mut rules = rules.clone();
    for part in ["conditions", "groups"] {
        if let Some(list) = rules.get_mut(part).and_then(Value::as_array_mut) {
            list.reverse();
        }
    }
    if let Some(groups) = rules.get_mut("groups").and_then(Value::as_array_mut) {
        groups.iter_mut().for_each(|group| *group = reversed(group));
    }
    rules
}

/// Up to three levels, so that two more can be put around them.
fn levels(rules: &Value) -> usize {
    let below = rules.get("groups").and_then(Value::as_array).into_iter().flatten().map(levels).max();
    below.unwrap_or(0) + 1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn not_both_is_not_the_one_or_not_the_other(a in rules(), b in rules(), profile in profile()) {
        prop_assume!(levels(&a).max(levels(&b)) <= 3);
        let both = json!({"logic": "and", "groups": [a, b]});
        let either = json!({"logic": "or", "groups": [a, b]});
        let both_not = json!({"logic": "and", "groups": [not(&a), not(&b)]});
        let either_not = json!({"logic": "or", "groups": [not(&a), not(&b)]});
        prop_assert_eq!(member(&not(&both), &profile), member(&either_not, &profile));
        prop_assert_eq!(member(&not(&either), &profile), member(&both_not, &profile));
    }

    #[test]
    fn the_order_of_conditions_and_groups_does_not_matter(rules in rules(), profile in profile()) {
        prop_assert_eq!(member(&rules, &profile), member(&reversed(&rules), &profile));
    }

    /// Whoever is a member stays one when the conditions that did not decide are answered in any other way: at least
    /// the reasons are never empty and each of them names a condition of the rules.
    #[test]
    fn every_decision_has_reasons_that_stand_in_the_rules(rules in rules(), profile in profile()) {
        let segment = compiled(&rules);
        let segment = segment.at(now());
        let membership = segment.evaluate(&profile);
        let reasons = segment.explain(&membership, &profile);
        prop_assert!(!reasons.is_empty());
        for reason in reasons {
            let condition = rules.pointer(&reason.path).unwrap();
            prop_assert_eq!(condition["field"].as_str(), reason.field.as_deref());
            // The condition by itself says what the reason says.
            let alone = json!({"logic": "and", "conditions": [condition]});
            prop_assert_eq!(member(&alone, &profile), reason.code == ReasonCode::Met);
        }
    }

    /// The opposite of an operator is its opposite for every profile in which the field has a value it can read.
    #[test]
    fn opposite_operators_part_the_profiles_that_have_a_value(profile in profile(), limit in -2_i64..6) {
        for (one, other) in [("equals", "not_equals"), ("greater_than", "less_or_equal"), ("less_than", "greater_or_equal")] {
            for field in ["rfm.rfm_score", "event.Purchase.count", "event.Purchase.sum.total"] {
                let ask = |operator: &str, value: Value| {
                    member(&json!({"logic": "and", "conditions": [
                        {"field": field, "operator": operator, "value": value}]}), &profile)
                };
                let known = ask("is_not_null", Value::Null);
                let sides = usize::from(ask(one, json!(limit))) + usize::from(ask(other, json!(limit)));
                prop_assert_eq!(sides, usize::from(known), "{} {}", field, one);
            }
        }
    }
}
