//! Whatever stands in the rules and in a profile: problems that have a place, or a decision on which rows and reasons
//! agree, and a statement whose text holds nothing that the rules brought.
//!
//! The first line of the input is the rules, the second a profile, both JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::segment::{ProfileFacts, Segment};

fuzz_target!(|text: &str| {
    let (rules, profile) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(rules) = serde_json::from_str(rules) else { return };
    let segment = match Segment::from_json(&rules) {
        Ok(segment) => segment,
        Err(problems) => {
            for problem in problems.iter() {
                assert!(problem.path.is_empty() || problem.path.starts_with('/'), "{problem:?}");
            }
            return;
        }
    };
    assert!((1..=100).contains(&segment.condition_count()) && (1..=5).contains(&segment.levels()));
    let segment = segment.at("2026-03-31T12:00:00Z".parse().expect("an instant"));
    let sql = segment.to_sql();
    assert!(!sql.parameters.iter().any(|parameter| parameter.contains('\0')));
    assert!(sql.text.is_ascii(), "{}", sql.text);

    let Ok(profile) = serde_json::from_str::<ProfileFacts>(profile) else { return };
    let membership = segment.evaluate(&profile);
    let reasons = segment.explain(&membership, &profile);
    assert!(!reasons.is_empty());
    assert!(reasons.iter().all(|reason| rules.pointer(&reason.path).is_some()));
    assert!(segment.differences(&membership, &membership, &profile).is_empty());
});
