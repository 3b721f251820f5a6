//! Segments that ask for one another: none may ask for itself in the end.

use std::collections::{BTreeMap, BTreeSet};

use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::compile::Segment;
use super::field::Field;

/// The segments that a segment asks for, by id; those of all others that exist.
pub type SegmentLinks = BTreeMap<String, Vec<String>>;

impl Segment {
    /// Checks that the segments that this one asks for exist, and that none of them asks for it, directly or by way of
    /// others. `id` is the id of this segment, if it has one already.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use serde_json::json;
    /// use stratum_cdp::segment::Segment;
    ///
    /// let rules = json!({"logic": "and", "conditions": [{"field": "segment.b", "operator": "equals", "value": true}]});
    /// let others = BTreeMap::from([("b".to_owned(), vec!["a".to_owned()])]);
    /// let problems = Segment::from_json(&rules).unwrap().check_links(Some("a"), &others).unwrap_err();
    /// assert_eq!(problems.iter().next().unwrap().code, "cycle");
    /// ```
    ///
    /// # Errors
    /// `unknown_segment` and `cycle`, at the field of the condition.
    pub fn check_links(&self, id: Option<&str>, others: &SegmentLinks) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for condition in &self.conditions {
            let Field::Segment(asked) = &condition.field else { continue };
            let place = format!("{}/field", condition.path);
            if id == Some(asked.as_str()) {
                found.push(
                    Problem::new(place, "cycle", "the segment asks for its own members").help("remove it"),
                );
            } else if !others.contains_key(asked) {
                found.push(Problem::new(place, "unknown_segment", "there is no segment of this id"));
            } else if let Some(chain) = id.and_then(|id| chain_to(id, asked, others)) {
                found.push(
                    Problem::new(
                        place,
                        "cycle",
                        format!("that segment asks for this one: {}", chain.join(" → ")),
                    )
                    .help("remove one link of the chain"),
                );
            }
        }
        found.into_result(())
    }
}

/// The shortest chain of segments from one to another, each asking for the next.
fn chain_to<'a>(target: &'a str, from: &'a str, links: &'a SegmentLinks) -> Option<Vec<&'a str>> {
    let mut seen = BTreeSet::from([from]);
    let mut chains = vec![vec![from]];
    while !chains.is_empty() {
        let mut longer = Vec::new();
        for chain in chains {
            let next = chain.last().and_then(|last| links.get(*last)).into_iter().flatten();
            for id in next.map(String::as_str) {
                if id == target {
                    return Some(chain.iter().copied().chain([id]).collect());
                }
                if seen.insert(id) {
                    longer.push(chain.iter().copied().chain([id]).collect());
                }
            }
        }
        chains = longer;
    }
    None
}
