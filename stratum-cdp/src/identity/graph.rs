//! Who is linked to whom, and why two identifiers are one person.

use std::collections::{HashMap, HashSet, VecDeque};

use serde::Serialize;
use stratum_core::Timestamp;

use super::engine::Identities;
use super::key::{IdentifierKey, Label};
use super::links::Link;
use super::names::IdNo;
use super::report::ConflictView;
use super::vocabulary::LinkType;

/// The most steps from the identifier that a graph starts at.
pub const MAX_GRAPH_DEPTH: u32 = 5;
/// The steps that a graph goes if nothing else is asked for.
pub const GRAPH_DEPTH: u32 = 3;
/// The most identifiers in a graph.
pub const MAX_GRAPH_NODES: usize = 1000;

/// Two identifiers and what speaks for their being one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkEvidence {
    /// The one.
    pub from: Label,
    /// The other.
    pub to: Label,
    /// The strongest evidence seen.
    pub evidence: LinkType,
    /// How much it says, 0 to 1.
    pub confidence: f64,
    /// When the two were named together first, in event time.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
    /// How often.
    pub times: u32,
    /// The first five events that named both.
    pub events: Vec<String>,
}

/// An identifier in a graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GraphNode {
    /// The identifier.
    pub identifier: Label,
    /// How many steps it is from where the graph starts.
    pub depth: u32,
}

/// The identifiers around one, and the evidence between them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityGraph {
    /// The identifiers, the nearest first; the first is where the graph starts.
    pub nodes: Vec<GraphNode>,
    /// What links them.
    pub edges: Vec<LinkEvidence>,
    /// Whether there are more identifiers than are shown.
    pub truncated: bool,
}

/// Why two identifiers are one person, or are not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityExplanation {
    /// Whether both belong to one profile.
    pub same_profile: bool,
    /// The canonical identifier of the first one's profile; null if nobody holds it.
    pub profile_a: Option<Label>,
    /// The same of the second.
    pub profile_b: Option<Label>,
    /// The shortest chain of evidence from the one to the other. Empty if they are not one profile.
    pub chain: Vec<LinkEvidence>,
    /// The confidence of the weakest step; null without a chain.
    pub confidence: Option<f64>,
    /// What keeps the two profiles apart, as far as an event tried to join them.
    pub conflicts: Vec<ConflictView>,
}

impl Identities {
    /// The identifiers around one in its profile, at most `depth` steps away (0 counts as 1, more than 5 as 5).
    #[must_use]
    pub fn graph(&self, around: &IdentifierKey, depth: u32) -> Option<IdentityGraph> {
        let start = self.find(around).filter(|&id| self.world.owner(id).is_some())?;
        let depth = depth.clamp(1, MAX_GRAPH_DEPTH);
        let mut reached = vec![(start, 0)];
        let mut seen = HashSet::from([start]);
        let mut truncated = false;
        let mut next = 0;
        while let Some(&(id, at)) = reached.get(next) {
            next = next.saturating_add(1);
            for (other, _) in self.neighbours(id) {
                if seen.contains(&other) {
                    continue;
                }
                if at >= depth || reached.len() >= MAX_GRAPH_NODES {
                    truncated = true;
                    break;
                }
                seen.insert(other);
                reached.push((other, at.saturating_add(1)));
            }
        }
        // In the order of the nodes, each edge at the end that was reached first.
        let place: HashMap<IdNo, usize> =
            reached.iter().enumerate().map(|(position, &(id, _))| (id, position)).collect();
        let edges = reached.iter().flat_map(|&(id, _)| {
            let later =
                self.neighbours(id).into_iter().filter(|(other, _)| place.get(other) > place.get(&id));
            later.map(|(_, link)| self.evidence(link, id)).collect::<Vec<_>>()
        });
        Some(IdentityGraph {
            edges: edges.collect(),
            nodes: reached
                .iter()
                .map(|&(id, depth)| GraphNode { identifier: self.label(id), depth })
                .collect(),
            truncated,
        })
    }

    /// Why two identifiers are one person: the shortest chain of evidence between them; or what keeps them apart.
    #[must_use]
    pub fn explain(&self, a: &IdentifierKey, b: &IdentifierKey) -> IdentityExplanation {
        let (a, b) = (self.find(a), self.find(b));
        let owner = |id: Option<IdNo>| id.and_then(|id| self.world.owner(id));
        let (owner_a, owner_b) = (owner(a), owner(b));
        let same_profile = owner_a.is_some() && owner_a == owner_b;
        let chain = match (a, b) {
            (Some(a), Some(b)) if same_profile => self.chain(a, b),
            _ => Vec::new(),
        };
        let conflicts = match (owner_a, owner_b) {
            (Some(one), Some(other)) if one != other => self.conflicts_of(|a, b| {
                (a, b) == (Some(one), Some(other)) || (a, b) == (Some(other), Some(one))
            }),
            _ => Vec::new(),
        };
        let label = |owner: Option<_>| owner.map(|owner| self.label(self.world.profiles.get(owner).label));
        IdentityExplanation {
            same_profile,
            profile_a: label(owner_a),
            profile_b: label(owner_b),
            confidence: chain.iter().map(|step| step.confidence).reduce(f64::min),
            chain,
            conflicts,
        }
    }

    /// What links an identifier to others of its profile: the most evident first, then by name.
    fn neighbours(&self, id: IdNo) -> Vec<(IdNo, &Link)> {
        let owner = self.world.owner(id);
        let mut found: Vec<(IdNo, &Link)> = self
            .links
            .of(id)
            .map(|link| (link.other(id), link))
            .filter(|&(other, link)| link.joined && self.world.owner(other) == owner)
            .collect();
        found.sort_by(|&(a, by_a), &(b, by_b)| {
            by_b.evidence
                .confidence()
                .total_cmp(&by_a.evidence.confidence())
                .then_with(|| self.world.names.order(a, b))
        });
        found
    }

    fn chain(&self, from: IdNo, to: IdNo) -> Vec<LinkEvidence> {
        let mut reached_by: HashMap<IdNo, (IdNo, &Link)> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(id) = queue.pop_front() {
            if id == to {
                break;
            }
            for (other, link) in self.neighbours(id) {
                if other != from && !reached_by.contains_key(&other) {
                    reached_by.insert(other, (id, link));
                    queue.push_back(other);
                }
            }
        }
        let mut chain = Vec::new();
        let mut at = to;
        while let Some(&(before, link)) = reached_by.get(&at) {
            chain.push(self.evidence(link, before));
            at = before;
        }
        chain.reverse();
        chain
    }

    fn evidence(&self, link: &Link, from: IdNo) -> LinkEvidence {
        LinkEvidence {
            from: self.label(from),
            to: self.label(link.other(from)),
            evidence: link.evidence,
            confidence: link.evidence.confidence(),
            first_at: link.first,
            last_at: link.last,
            times: link.times,
            events: link.events().map(|event| self.event_name(event)).collect(),
        }
    }
}
