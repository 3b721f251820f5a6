//! Identity: which identifiers are one person, decided one event at a time under a policy that is data.
//!
//! The strongest identifier of an event decides whose event it is; each of the others joins if every check of the policy
//! passes, and stays where it is otherwise, with the reason. A merge can be undone. The default policy is `strict`: a wrong
//! merge shows one person's data to another, a missed one only costs reach.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::identity::{Identities, IdentityPolicy, RefusalReason};
//!
//! let mut identities = Identities::new(IdentityPolicy::default().compile().unwrap());
//! for (id, name, identifiers) in [
//!     ("e1", "PageView", json!([{"type": "anonymous_id", "value": "browser-1"}])),
//!     ("e2", "Login", json!([{"type": "email", "value": "jane@shop.test"}, {"type": "anonymous_id", "value": "browser-1"}])),
//!     ("e3", "Login", json!([{"type": "email", "value": "joe@shop.test"}, {"type": "anonymous_id", "value": "browser-1"}])),
//! ] {
//!     let event = json!({
//!         "event_id": id, "event_time": "2026-03-01T12:00:00Z", "event_name": name, "identifiers": identifiers,
//!     });
//!     identities.take(&serde_json::from_value(event).unwrap());
//! }
//! let report = identities.report();
//! // Jane's browser is Jane; that Joe used it, too, does not make him Jane.
//! assert_eq!(report.profiles.len(), 2);
//! assert_eq!(report.refused[0].reason, RefusalReason::StrongerConflict);
//! ```
//!
//! Evidence is what one event names, what the events of one visit name, or what an operator says. That of a visit is weak: it
//! joins only under a policy whose threshold admits it, and is otherwise kept as a conflict to look at.
//!
//! [`bulk`] takes columns of links and finds the clusters.

mod act;
mod arena;
pub mod bulk;
mod changes;
mod checks;
mod compare;
mod compiled;
mod consent;
mod decide;
mod engine;
mod event;
mod graph;
mod history;
mod key;
mod links;
mod names;
mod policy;
mod report;
mod request;
mod sighting;
pub mod store;
mod visit;
mod vocabulary;
mod world;

pub use act::Act;
pub use changes::IdentityChange;
pub use compare::{IdentityComparison, IdentityFigures, ProfileDifference};
pub use compiled::CompiledIdentityPolicy;
pub use consent::ConsentChoice;
pub use engine::{Identities, Observation, Outcome};
pub use event::{
    DroppedIdentifier, IdentityEvent, IdentityEventKind, MAX_PURPOSE_LENGTH, MAX_PURPOSES, SentIdentifier,
    clean,
};
pub use graph::{
    GRAPH_DEPTH, GraphNode, IdentityExplanation, IdentityGraph, LinkEvidence, MAX_GRAPH_DEPTH,
    MAX_GRAPH_NODES,
};
pub use key::{IdentifierKey, Label};
pub use policy::{IdentityCheck, IdentityPolicy, IdentityPreset, SharedLimit, StormLimit};
pub use report::{ConflictView, IdentityRefusal, IdentityReport, ProfileView};
pub use request::{
    IdentityCheckRequest, IdentityCheckResponse, IdentityCompareRequest, IdentityExplainRequest,
    IdentityGraphRequest, IdentityResolveRequest, NamedIdentifier, check, compare, explain, graph, resolve,
};
pub use vocabulary::{DropReason, LinkType, MergeReason, RefusalReason};
