//! Reading what another version stored: fields that this one does not know are left out.
//!
//! Structures name their fields to the deserializer, so the filter needs no list of its own. The one enumeration with
//! fields, [`crate::action::Change`], does not: what it holds is the change itself, and a change that is not understood
//! whole is not decided on.

#[cfg(any(target_arch = "wasm32", test))]
mod by_text;
#[cfg(any(not(target_arch = "wasm32"), test))]
mod by_value;

#[cfg(target_arch = "wasm32")]
pub(super) use by_text::read;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use by_value::read;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{by_text, by_value};
    use crate::decision::DecisionFacts;

    #[test]
    fn both_ways_read_and_refuse_the_same() {
        let text = include_str!("../../../tests/vectors/operations/decision_replay.json");
        let file: Value = serde_json::from_str(text).unwrap();
        let stored: Vec<Value> = file["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| case["request"]["record"]["facts"].clone())
            .collect();
        let mut known = Vec::new();
        for facts in stored.iter().filter(|facts| facts["limits"]["change"].is_object()) {
            let change = |name: &str, value: Value| {
                let mut changed = facts.clone();
                changed["limits"]["change"][name] = value;
                changed
            };
            let mut newer = facts.clone();
            newer["a/~\"ü"] = json!({"gate": [1, {"known": null}]});
            newer["gate"]["weather"] = json!("fair");
            newer["limits"]["known"]["gate"] = json!(true);
            known.extend([
                facts.clone(),
                newer,
                change("action_type", json!(7)),
                change("weather", json!("fair")),
            ]);
            let mut tagged = facts.clone();
            tagged["limits"]["change"]["change"]["change"] = json!(1);
            known.push(tagged);
        }
        assert!(known.len() > 20);
        let mut answers = [0, 0];
        for facts in &known {
            let read = by_value::read::<DecisionFacts>(facts);
            assert_eq!(by_text::read::<DecisionFacts>(facts), read, "{facts}");
            answers[usize::from(read.is_ok())] += 1;
        }
        assert!(answers.iter().all(|&count| count > 5), "{answers:?}");
    }
}
