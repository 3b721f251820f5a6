//! The history of profiles: every merge, by whom and why, and its undoing.

use std::fmt;

use serde::Serialize;
use stratum_core::Timestamp;

use super::arena::Number as _;
use super::engine::Identities;
use super::history::Done;
use super::key::Label;
use super::vocabulary::{LinkType, MergeReason};

/// What was done to profiles.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum IdentityChange {
    /// Two profiles became one.
    Merge {
        /// Its name, for undoing it.
        seq: String,
        /// The event, or the act, that did it.
        event: String,
        /// The canonical identifier of the profile that stays, as it was before.
        into: Label,
        /// The canonical identifier of the profile that went.
        from: Label,
        /// The identifier that brought the two together.
        via: Label,
        /// Why.
        reason: MergeReason,
        /// What spoke for it.
        evidence: LinkType,
        /// Whether an operator did it, whatever spoke against it.
        forced: bool,
        /// When.
        at: Timestamp,
        /// How many identifiers moved with it.
        identifiers_moved: usize,
        /// How many events moved with it.
        events_moved: usize,
        /// Who did it by hand.
        actor: Option<String>,
        /// Why, in the words of whoever did it by hand.
        note: Option<String>,
        /// Whether it was undone since.
        undone: bool,
    },
    /// A merge was undone.
    Unmerge {
        /// The act that did it.
        event: String,
        /// The merge.
        merge: String,
        /// The canonical identifier of the profile that is there again.
        restored: Label,
        /// The canonical identifier of the profile that it left.
        from: Label,
        /// When.
        at: Timestamp,
        /// Who did it.
        actor: Option<String>,
        /// Why, in the words of whoever did it.
        note: Option<String>,
    },
}

impl fmt::Debug for IdentityChange {
    /// What and when, without the words of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, merge, at) = match self {
            Self::Merge { seq, at, .. } => ("Merge", seq, at),
            Self::Unmerge { merge, at, .. } => ("Unmerge", merge, at),
        };
        f.debug_struct(what).field("merge", merge).field("at", at).finish_non_exhaustive()
    }
}

impl Identities {
    /// The merges and their undoing, in order.
    #[must_use]
    pub fn changes(&self) -> Vec<IdentityChange> {
        self.history.done.iter().map(|done| self.change(done)).collect()
    }

    fn change(&self, done: &Done) -> IdentityChange {
        match *done {
            Done::Merged(number) => {
                let merge = self.history.merges.get(number);
                let (actor, note) = self.history.words(merge.event);
                IdentityChange::Merge {
                    seq: format!("m{}", number.position().saturating_add(1)),
                    event: self.event_name(merge.event),
                    into: self.label(merge.into),
                    from: self.label(merge.from),
                    via: self.label(merge.via),
                    reason: merge.reason,
                    evidence: merge.evidence,
                    forced: merge.evidence == LinkType::Manual,
                    at: merge.at,
                    identifiers_moved: merge.identifiers_moved,
                    events_moved: merge.events_moved,
                    actor: actor.map(str::to_owned),
                    note: note.map(str::to_owned),
                    undone: merge.undone,
                }
            }
            Done::Unmerged { event, merge, restored, from, at } => {
                let (actor, note) = self.history.words(event);
                IdentityChange::Unmerge {
                    event: self.event_name(event),
                    merge: format!("m{}", merge.position().saturating_add(1)),
                    restored: self.label(restored),
                    from: self.label(from),
                    at,
                    actor: actor.map(str::to_owned),
                    note: note.map(str::to_owned),
                }
            }
        }
    }
}
