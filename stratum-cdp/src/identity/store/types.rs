//! What is read from a store.

use std::fmt;

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use super::merges::{MergeNumber, MergeRecord};
use crate::identity::consent::ConsentChoice;
use crate::identity::key::IdentifierKey;

/// How often a tenant's identities were changed. Only compared for equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct IdentityRevision(pub u64);

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityStoreError {
    /// What was loaded has changed since.
    #[error("the profiles have changed since they were read")]
    Conflict,
    /// The store cannot be reached.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
}

/// The events of a person that an identifier occurred in: a stretch without gaps of more than two windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSighting {
    /// The strongest identifier of those events.
    pub anchor: IdentifierKey,
    /// The profile that holds it now, if that holds an external id, an e-mail address or a phone number; not stored, but
    /// looked up when loading.
    pub person: Option<ProfileId>,
    /// The first of them.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
}

/// On which side of an undone merge an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartedMark {
    /// The merge that was undone.
    pub merge: MergeNumber,
    /// Whether it left with the restored profile.
    pub restored: bool,
}

/// An identifier as a store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIdentifier {
    /// Which.
    pub key: IdentifierKey,
    /// The earliest time of the events that it speaks for.
    pub first_seen: Option<Timestamp>,
    /// Whether it was used by too many to say who it is.
    pub shared: bool,
    /// With whom it was seen; of devices and anonymous ids only.
    pub sightings: Vec<StoredSighting>,
    /// The marks that undoing left.
    pub parted: Vec<PartedMark>,
}

/// A decision about a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConsent {
    /// The purpose.
    pub purpose: String,
    /// What was decided.
    pub choice: ConsentChoice,
    /// When.
    pub at: Timestamp,
}

/// A profile as a store knows it, as far as identity is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProfile {
    /// Which.
    pub id: ProfileId,
    /// What it holds.
    pub identifiers: Vec<StoredIdentifier>,
    /// The earliest time of its events.
    pub first_seen: Option<Timestamp>,
    /// The event times of its merges, and of those of the profiles that it absorbed.
    pub merge_times: Vec<Timestamp>,
    /// What was decided.
    pub consent: Vec<StoredConsent>,
}

/// Everything that deciding one event needs, read at one revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// When it was read.
    pub revision: IdentityRevision,
    /// The profiles that hold an identifier of the event or of its visit, each with all of its identifiers.
    pub profiles: Vec<StoredProfile>,
    /// Identifiers of the event that nobody holds, of which something is known all the same.
    pub unowned: Vec<StoredIdentifier>,
    /// The strongest identifiers of the other events of the visit, in the order in which they came.
    pub visit: Vec<IdentifierKey>,
}

/// What a reader asks for: what surrounds these identifiers, and this visit.
#[derive(Debug, Clone, Copy)]
pub struct Touched<'a> {
    /// The identifiers of the event or act.
    pub identifiers: &'a [IdentifierKey],
    /// The id of the event's visit.
    pub visit: Option<&'a str>,
}

/// An event as a store knows it, as far as identity is concerned.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// Whose it is.
    pub profile: ProfileId,
    /// The identifiers that speak for it.
    pub accepted: Vec<IdentifierKey>,
    /// Whether the absorbed profile brought it into the merge that is asked about.
    pub moved: bool,
}

impl fmt::Debug for StoredEvent {
    /// When, not whose.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEvent")
            .field("at", &self.at)
            .field("moved", &self.moved)
            .finish_non_exhaustive()
    }
}

/// Everything that undoing a merge needs, read at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedMerge {
    /// When it was read.
    pub revision: IdentityRevision,
    /// The merge.
    pub record: MergeRecord,
    /// What the absorbed profile held just before it.
    pub absorbed_identifiers: Vec<IdentifierKey>,
    /// What the surviving one held.
    pub survivor_identifiers: Vec<IdentifierKey>,
    /// The profiles that hold any of these now, each with all of its identifiers.
    pub profiles: Vec<StoredProfile>,
    /// The events of these profiles.
    pub events: Vec<StoredEvent>,
    /// Of the profiles for which the absorbed one answered just before, those that one profile answers for now together with
    /// the absorbed one, and that do not answer for themselves: they follow it.
    pub aliases: Vec<ProfileId>,
}
