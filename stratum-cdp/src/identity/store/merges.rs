//! The history of merges as a store keeps it.

use std::fmt;

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use crate::identity::act::Act;
use crate::identity::key::IdentifierKey;
use crate::identity::vocabulary::{LinkType, MergeReason};

/// The number of a merge in its tenant. The store gives it; a later merge has a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MergeNumber(pub u64);

/// An event or an act that changed something: which and when, and of an act who did it and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The id of the event or act.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who did it by hand.
    pub actor: Option<String>,
    /// Why, in the words of whoever did it.
    pub note: Option<String>,
}

impl From<&Act<'_>> for Trigger {
    fn from(act: &Act<'_>) -> Self {
        Self {
            id: act.id.to_owned(),
            at: act.at,
            actor: act.actor.map(str::to_owned),
            note: act.note.map(str::to_owned),
        }
    }
}

impl fmt::Debug for Trigger {
    /// When, without the words of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A merge that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRecord {
    /// Its number.
    pub number: MergeNumber,
    /// The profile that stayed.
    pub survivor: ProfileId,
    /// The profile that went.
    pub absorbed: ProfileId,
    /// The canonical identifier of the one that stayed, before.
    pub into: IdentifierKey,
    /// Of the one that went.
    pub from: IdentifierKey,
    /// The identifier that brought the two together.
    pub via: IdentifierKey,
    /// Why.
    pub reason: MergeReason,
    /// What spoke for it.
    pub evidence: LinkType,
    /// The event or act that made it.
    pub made: Trigger,
    /// How many identifiers moved.
    pub identifiers_moved: usize,
    /// How many events moved.
    pub events_moved: usize,
    /// The act that undid it.
    pub undone: Option<Trigger>,
}

/// Which part of the history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeQuery {
    /// Only merges in which this profile, or one for which it answers now, stayed or went.
    pub profile: Option<ProfileId>,
    /// Only merges of a smaller number: where the page before this one ended.
    pub before: Option<MergeNumber>,
    /// At most so many.
    pub limit: usize,
}
