//! Questions about a whole history: who is one person, why, and what another policy would make of it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::compare::{self, IdentityComparison};
use super::compiled::CompiledIdentityPolicy;
use super::engine::Identities;
use super::event::{IdentityEvent, SentIdentifier, clean};
use super::graph::{GRAPH_DEPTH, IdentityExplanation, IdentityGraph};
use super::key::IdentifierKey;
use super::policy::IdentityPolicy;
use super::report::IdentityReport;

/// Who is one person?
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityResolveRequest {
    /// The policy; `strict` if left out.
    #[serde(default)]
    pub policy: IdentityPolicy,
    /// The events and the acts of operators, in the order of their arrival. One whose id stood before changes nothing.
    pub events: Vec<IdentityEvent>,
}

/// Why are these two one person, or why not?
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityExplainRequest {
    /// The policy; `strict` if left out.
    #[serde(default)]
    pub policy: IdentityPolicy,
    /// The history, as for `identity.resolve`.
    pub events: Vec<IdentityEvent>,
    /// The one.
    pub a: NamedIdentifier,
    /// The other.
    pub b: NamedIdentifier,
}

/// What is known around an identifier?
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityGraphRequest {
    /// The policy; `strict` if left out.
    #[serde(default)]
    pub policy: IdentityPolicy,
    /// The history, as for `identity.resolve`.
    pub events: Vec<IdentityEvent>,
    /// Where to start.
    pub around: NamedIdentifier,
    /// How many steps to go.
    #[serde(default = "graph_depth")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 5)))]
    pub depth: u32,
}

const fn graph_depth() -> u32 {
    GRAPH_DEPTH
}

/// What would another policy have made of the same history?
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityCompareRequest {
    /// The policy in force; `strict` if left out.
    #[serde(default)]
    pub current: IdentityPolicy,
    /// The policy to try.
    pub proposed: IdentityPolicy,
    /// The history, as for `identity.resolve`.
    pub events: Vec<IdentityEvent>,
}

/// Is this policy valid?
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityCheckRequest {
    /// The policy.
    pub policy: IdentityPolicy,
}

/// A valid policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityCheckResponse {
    /// The policy with every setting, those of the preset too.
    pub policy: IdentityPolicy,
}

/// An identifier that a question is about.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedIdentifier {
    /// `email`, `phone`, `external_id`, `device_id` or `anonymous_id`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value, in any form.
    pub value: String,
    /// The system that gave an external id, if not the tenant's own.
    #[serde(default)]
    pub source_system: Option<String>,
}

impl fmt::Debug for NamedIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NamedIdentifier(…)")
    }
}

impl NamedIdentifier {
    fn key(&self, policy: &CompiledIdentityPolicy) -> Result<IdentifierKey, Problem> {
        let sent = SentIdentifier { kind: self.kind.clone(), value: Some(self.value.clone()) };
        match clean(&sent, policy) {
            Ok(found) => Ok(IdentifierKey::new(found.kind(), self.source_system.as_deref(), found.value())),
            Err(reason) => {
                Err(Problem::new("", "invalid_identifier", format!("this is no identifier: {reason}"))
                    .help("name an identifier that the policy accepts, as an event would send it"))
            }
        }
    }
}

/// Takes a whole history under a policy. An event whose id stood before changes nothing.
///
/// # Errors
/// Every problem of the policy (below `/policy`) and of the events (below `/events`).
fn history(policy: &IdentityPolicy, events: &[IdentityEvent]) -> Result<Identities, Problems> {
    let mut found = ProblemCollector::new();
    let compiled = found.take("/policy", policy.compile());
    check_events(events, &mut found);
    match (compiled, found.into_problems()) {
        (Some(compiled), None) => Ok(replay(compiled, events)),
        (_, problems) => Err(problems.unwrap_or_else(impossible)),
    }
}

/// For the case that cannot be: a part that was refused without a problem.
fn impossible() -> Problems {
    Problem::new("", "invalid_value", "the request was refused").into()
}

fn check_events(events: &[IdentityEvent], found: &mut ProblemCollector) {
    for (position, event) in events.iter().enumerate() {
        if let Err(problems) = event.check() {
            found.extend_under(&format!("/events/{position}"), problems);
        }
    }
}

fn replay(policy: CompiledIdentityPolicy, events: &[IdentityEvent]) -> Identities {
    let mut identities = Identities::new(policy);
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for event in events {
        if taken.insert(&event.event_id) {
            identities.take(event);
        }
    }
    identities
}

/// `identity.resolve`: the profiles that a history makes, and everything that was merged, refused and dropped.
///
/// # Errors
/// Every problem of the policy and the events.
pub fn resolve(request: &IdentityResolveRequest) -> Result<IdentityReport, Problems> {
    Ok(history(&request.policy, &request.events)?.report())
}

/// `identity.explain`: the shortest chain of evidence between two identifiers, or what keeps them apart.
///
/// # Errors
/// Every problem of the policy and the events; `invalid_identifier`.
pub fn explain(request: &IdentityExplainRequest) -> Result<IdentityExplanation, Problems> {
    let identities = history(&request.policy, &request.events)?;
    let mut found = ProblemCollector::new();
    let a = found.take("/a", request.a.key(identities.policy()));
    let b = found.take("/b", request.b.key(identities.policy()));
    match (a, b, found.into_problems()) {
        (Some(a), Some(b), None) => Ok(identities.explain(&a, &b)),
        (_, _, problems) => Err(problems.unwrap_or_else(impossible)),
    }
}

/// `identity.graph`: the identifiers around one, and the evidence between them.
///
/// # Errors
/// Every problem of the policy and the events; `invalid_identifier`, `unknown_identifier`, `out_of_range`.
pub fn graph(request: &IdentityGraphRequest) -> Result<IdentityGraph, Problems> {
    let identities = history(&request.policy, &request.events)?;
    let mut found = ProblemCollector::new();
    if !(1..=super::graph::MAX_GRAPH_DEPTH).contains(&request.depth) {
        found.push(Problem::new("/depth", "out_of_range", "a graph goes 1 to 5 steps"));
    }
    let around = found.take("/around", request.around.key(identities.policy()));
    found.into_result(())?;
    around.and_then(|key| identities.graph(&key, request.depth)).ok_or_else(|| {
        Problem::new("/around", "unknown_identifier", "no profile of this history holds this identifier")
            .into()
    })
}

/// `identity.compare`: what a policy would make of a history, beside what the policy in force does.
///
/// # Errors
/// Every problem of both policies and the events.
pub fn compare(request: &IdentityCompareRequest) -> Result<IdentityComparison, Problems> {
    let mut found = ProblemCollector::new();
    let current = found.take("/current", request.current.compile());
    let proposed = found.take("/proposed", request.proposed.compile());
    check_events(&request.events, &mut found);
    match (current, proposed, found.into_problems()) {
        (Some(current), Some(proposed), None) => {
            let (current, proposed, not_applicable) = compare::replay(current, proposed, &request.events);
            Ok(compare::compare(&current, &proposed, not_applicable))
        }
        (_, _, problems) => Err(problems.unwrap_or_else(impossible)),
    }
}

/// `identity.check`: the policy with every setting, or everything that is wrong with it.
///
/// # Errors
/// Every problem of the policy.
pub fn check(request: &IdentityCheckRequest) -> Result<IdentityCheckResponse, Problems> {
    let compiled = request.policy.compile().map_err(|problems| problems.under("/policy"))?;
    Ok(IdentityCheckResponse { policy: compiled.policy().clone() })
}
