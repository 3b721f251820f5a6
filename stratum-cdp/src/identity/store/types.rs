//! What is read from a store, and what is written to it.

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use crate::identity::consent::ConsentChoice;
use crate::identity::key::IdentifierKey;
use crate::identity::vocabulary::{LinkType, MergeReason, RefusalReason};

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
    /// The undoing.
    pub mark: u32,
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
    /// The profiles that hold an identifier of the event, each with all of its identifiers.
    pub profiles: Vec<StoredProfile>,
    /// Identifiers of the event that nobody holds, of which something is known all the same.
    pub unowned: Vec<StoredIdentifier>,
}

/// Two profiles that become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedProfiles {
    /// The profile that stays, and takes over everything.
    pub survivor: ProfileId,
    /// The profile that goes; its id answers with the survivor from now on.
    pub absorbed: ProfileId,
    /// The canonical identifier of the one that stays, before.
    pub into: IdentifierKey,
    /// Of the one that goes.
    pub from: IdentifierKey,
    /// The identifier that brought the two together.
    pub via: IdentifierKey,
    /// Why.
    pub reason: MergeReason,
}

/// An identifier that was not joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedIdentifier {
    /// Which.
    pub key: IdentifierKey,
    /// Why.
    pub reason: RefusalReason,
    /// The canonical identifier of the profile that it stays with.
    pub against: Option<IdentifierKey>,
}

/// What one event changes, to be made in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChanges {
    /// Whose event it is.
    pub profile: ProfileId,
    /// Whether that profile is a new one.
    pub created: bool,
    /// The time of the event: the profile's and the accepted identifiers' first time is at most this.
    pub at: Timestamp,
    /// What speaks for the identifiers being one person.
    pub evidence: LinkType,
    /// The profiles that become one, in order.
    pub merges: Vec<MergedProfiles>,
    /// Identifiers that nobody held and that the profile holds from now on.
    pub given: Vec<IdentifierKey>,
    /// The identifiers that speak for the event, the given ones too. Between any two of them is a link.
    pub accepted: Vec<IdentifierKey>,
    /// The identifiers that were not joined: each is a conflict with the first accepted one.
    pub refused: Vec<RefusedIdentifier>,
    /// Identifiers that turned out to be used by too many; what they were seen with is forgotten.
    pub shared: Vec<IdentifierKey>,
    /// With whom identifiers were seen, the whole list of each.
    pub sightings: Vec<(IdentifierKey, Vec<StoredSighting>)>,
    /// What was decided, the whole list of the profile.
    pub consent: Vec<StoredConsent>,
    /// The profile's canonical identifier from now on.
    pub canonical: IdentifierKey,
}
