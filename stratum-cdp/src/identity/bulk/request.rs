//! `identity.stitch`: links in, the cluster of each identifier out.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use crate::identifier::MAX_IDENTIFIER_BYTES;

use super::held::{HoldReason, StitchPolicy};
use super::named::NamedLinks;

/// An identifier as text: the longest type, a colon and the longest value.
const MAX_TEXT_BYTES: usize = MAX_IDENTIFIER_BYTES.saturating_add("anonymous_id:".len());

/// Links between identifiers, to be made clusters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StitchRequest {
    /// The links, in any order.
    pub links: Vec<IdentifierLink>,
    /// What a cluster may hold; the limits of `strict` where it is left out.
    #[serde(default)]
    pub policy: StitchPolicy,
}

/// Two identifiers that were seen together. Each is a text `type:value` with the value in its normal form.
#[derive(Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentifierLink {
    /// One identifier.
    pub left: String,
    /// The other.
    pub right: String,
    /// How sure the link is, 0 to 1.
    #[serde(default = "certain")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub confidence: f64,
}

fn certain() -> f64 {
    1.0
}

impl std::fmt::Debug for IdentifierLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentifierLink").field("confidence", &self.confidence).finish_non_exhaustive()
    }
}

/// The clusters.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StitchResponse {
    /// Every identifier once, in the order in which the links name them.
    pub identifiers: Vec<StitchedIdentifier>,
    /// How many clusters there are, those of one identifier among them.
    pub clusters: u32,
    /// The clusters that the policy held back, sorted by label: their identifiers stay apart.
    pub held: Vec<HeldCluster>,
    /// How many links were left out for their confidence.
    pub weak_links: u32,
}

impl std::fmt::Debug for StitchResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StitchResponse")
            .field("identifiers", &self.identifiers.len())
            .field("clusters", &self.clusters)
            .field("held", &self.held.len())
            .field("weak_links", &self.weak_links)
            .finish()
    }
}

/// An identifier and its cluster.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StitchedIdentifier {
    /// The identifier.
    pub identifier: String,
    /// The label of its cluster: the best identifier in it.
    pub cluster: String,
}

impl std::fmt::Debug for StitchedIdentifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StitchedIdentifier(…)")
    }
}

/// A cluster that may not be one person.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldCluster {
    /// The label that it would have had.
    pub cluster: String,
    /// How many identifiers it has.
    pub identifiers: u32,
    /// Every reason to hold it.
    pub reasons: Vec<HoldReason>,
}

impl std::fmt::Debug for HeldCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeldCluster")
            .field("identifiers", &self.identifiers)
            .field("reasons", &self.reasons)
            .finish_non_exhaustive()
    }
}

/// Makes clusters of links.
///
/// # Errors
/// Every problem at once: a text that is empty or too long, a confidence that is not within 0 and 1.
pub fn stitch(request: &StitchRequest) -> Result<StitchResponse, Problems> {
    let mut found = ProblemCollector::new();
    found.take("/policy", request.policy.check());
    let mut links = NamedLinks::new();
    let mut weak_links = 0_u32;
    for (position, link) in request.links.iter().enumerate() {
        let place = |field: &str| format!("/links/{position}/{field}");
        let mut usable = true;
        for (field, text) in [("left", &link.left), ("right", &link.right)] {
            if let Some(problem) = wrong_text(text) {
                usable = false;
                found.push(problem.under(&place(field)));
            }
        }
        if !(0.0..=1.0).contains(&link.confidence) {
            usable = false;
            found.push(out_of_range(&place("confidence")));
        }
        if !usable {
            continue;
        }
        let added = if link.confidence < request.policy.min_confidence {
            weak_links = weak_links.saturating_add(1);
            links.add_identifier(&link.left).and(links.add_identifier(&link.right)).map(|_| ())
        } else {
            links.add(&link.left, &link.right)
        };
        found.take("/links", added.map_err(|fault| Problem::new("", "too_many", fault.to_string())));
    }
    found.into_result(())?;
    let clusters = links.finish(&request.policy);
    let identifiers = clusters
        .iter()
        .map(|(identifier, cluster)| StitchedIdentifier {
            identifier: identifier.to_owned(),
            cluster: cluster.to_owned(),
        })
        .collect();
    let held = clusters
        .held()
        .into_iter()
        .map(|(label, held)| HeldCluster {
            cluster: label.to_owned(),
            identifiers: held.identifiers,
            reasons: held.reasons.clone(),
        })
        .collect();
    Ok(StitchResponse { identifiers, clusters: clusters.count(), held, weak_links })
}

fn wrong_text(text: &str) -> Option<Problem> {
    if text.is_empty() {
        return Some(
            Problem::new("", "empty", "an identifier is empty")
                .help("write type:value, or leave the link out"),
        );
    }
    (text.len() > MAX_TEXT_BYTES).then(|| {
        Problem::new(
            "",
            "too_long",
            format!("an identifier is at most {MAX_TEXT_BYTES} bytes, not {}", text.len()),
        )
    })
}

fn out_of_range(place: &str) -> Problem {
    Problem::new(place, "out_of_range", "a confidence is 0 to 1")
}
