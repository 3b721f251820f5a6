//! The rule models against exact fractions.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::attribution::{RuleModel, RuleSettings};

use super::{Tally, list};

/// What the vectors call the models that they know.
const MODELS: [(&str, RuleModel); 5] = [
    ("last", RuleModel::LastTouch),
    ("first", RuleModel::FirstTouch),
    ("linear", RuleModel::Linear),
    ("position", RuleModel::PositionBased),
    ("time_decay", RuleModel::TimeDecay),
];

#[derive(Deserialize)]
struct Case {
    name: String,
    input: Input,
    expect: Expected,
    tolerance: Tolerance,
}

#[derive(Deserialize)]
struct Input {
    half_life_days: f64,
    paths: Vec<Path>,
}

#[derive(Deserialize)]
struct Path {
    value: f64,
    touches: Vec<Touch>,
}

#[derive(Deserialize)]
struct Touch {
    channel: String,
    ts: i64,
}

#[derive(Deserialize)]
struct Expected {
    credit: BTreeMap<String, BTreeMap<String, f64>>,
    total_value: f64,
    #[serde(default)]
    touch_weights: Option<Vec<BTreeMap<String, Vec<f64>>>>,
}

#[derive(Deserialize)]
struct Tolerance {
    rel: f64,
    abs: f64,
}

impl Tolerance {
    fn wrong(&self, what: &str, found: f64, expected: f64) -> Option<String> {
        let close = (found - expected).abs() <= self.abs + self.rel * expected.abs();
        (!close).then(|| format!("{what} is {found}, expected {expected}"))
    }
}

pub(super) fn rules(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<Case>(content, "cases")? {
        tally.count(&case.name, wrong_with(&case));
    }
    Ok(())
}

fn wrong_with(case: &Case) -> Option<String> {
    let settings = RuleSettings { half_life_days: case.input.half_life_days };
    let rules = match settings.compile() {
        Ok(rules) => rules,
        Err(problems) => return Some(problems.to_string()),
    };
    for (name, model) in MODELS {
        let mut credit: BTreeMap<&str, f64> = BTreeMap::new();
        for (position, path) in case.input.paths.iter().enumerate() {
            let times: Vec<i64> = path.touches.iter().map(|touch| touch.ts.saturating_mul(1000)).collect();
            let weights: Vec<f64> = rules.shares(model, &times, None).weights().collect();
            let expected =
                case.expect.touch_weights.as_ref().and_then(|paths| paths.get(position)?.get(name));
            if let Some(wrong) =
                expected.and_then(|expected| wrong_weights(&case.tolerance, &weights, expected))
            {
                return Some(format!("{name}, path {position}: {wrong}"));
            }
            for (touch, weight) in path.touches.iter().zip(weights) {
                *credit.entry(&touch.channel).or_default() += weight * path.value;
            }
        }
        let Some(expected) = case.expect.credit.get(name) else {
            return Some(format!("{name} is not there"));
        };
        let channels = expected.keys().map(String::as_str).chain(credit.keys().copied());
        for channel in channels {
            let found = credit.get(channel).copied().unwrap_or_default();
            let wanted = expected.get(channel).copied().unwrap_or_default();
            if let Some(wrong) = case.tolerance.wrong(&format!("{name} of {channel}"), found, wanted) {
                return Some(wrong);
            }
        }
        let total = credit.values().sum();
        if let Some(wrong) =
            case.tolerance.wrong(&format!("the sum of {name}"), total, case.expect.total_value)
        {
            return Some(wrong);
        }
    }
    None
}

fn wrong_weights(tolerance: &Tolerance, found: &[f64], expected: &[f64]) -> Option<String> {
    if found.len() != expected.len() {
        return Some(format!("{} weights, expected {}", found.len(), expected.len()));
    }
    found.iter().zip(expected).find_map(|(&found, &expected)| tolerance.wrong("a weight", found, expected))
}
