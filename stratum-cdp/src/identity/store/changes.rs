//! What is written to a store: what an event, a merge by hand or an undoing changes.

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use super::merges::{MergeNumber, Trigger};
use super::types::{StoredConsent, StoredSighting};
use crate::identity::key::IdentifierKey;
use crate::identity::vocabulary::{LinkType, MergeReason, RefusalReason};

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
    /// What speaks for it.
    pub evidence: LinkType,
    /// What the one that goes holds: undoing needs it.
    pub absorbed_identifiers: Vec<IdentifierKey>,
    /// What the one that stays holds.
    pub survivor_identifiers: Vec<IdentifierKey>,
}

/// An identifier that was not joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedIdentifier {
    /// Which.
    pub key: IdentifierKey,
    /// Why.
    pub reason: RefusalReason,
    /// What spoke for it: the event, or only its visit.
    pub evidence: LinkType,
    /// The canonical identifier of the profile that it stays with.
    pub against: Option<IdentifierKey>,
}

/// What one event changes, to be made in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChanges {
    /// The id of the event. It and the accepted identifiers are kept with the profile: undoing a merge needs them.
    pub event_id: String,
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
    /// The visit that the event is part of, with the strongest identifiers of all its events so far: the whole list. Between
    /// the first accepted identifier and each of the others that was not refused is a link, `same_session`.
    pub visit: Option<(String, Vec<IdentifierKey>)>,
    /// What was decided, the whole list of the profile.
    pub consent: Vec<StoredConsent>,
    /// The profile's canonical identifier from now on.
    pub canonical: IdentifierKey,
}

/// What a merge by hand changes, to be made in this order. An act is nobody's event, and no first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandMerge {
    /// The act.
    pub made: Trigger,
    /// The identifiers that the operator named. Between the first and each of the others is a link, `manual`.
    pub named: Vec<IdentifierKey>,
    /// The profiles that become one, in order; none if they were one before.
    pub merges: Vec<MergedProfiles>,
    /// The undone merges whose marks are taken away, from whatever identifier has them.
    pub lifted: Vec<MergeNumber>,
    /// The profile that they all are from now on.
    pub profile: ProfileId,
    /// What was decided, the whole list of that profile.
    pub consent: Vec<StoredConsent>,
    /// Its canonical identifier from now on.
    pub canonical: IdentifierKey,
}

/// What undoing a merge changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneMerge {
    /// The merge, undone from now on. Each identifier of the two profiles gets a mark of it, which says on which side it is.
    pub merge: MergeNumber,
    /// The act.
    pub made: Trigger,
    /// The profile that is there again. It has no merge times: those stay where they are.
    pub restored: ProfileId,
    /// The profile that it leaves.
    pub from: ProfileId,
    /// The identifiers that leave with it.
    pub identifiers: Vec<IdentifierKey>,
    /// The ids of the events that leave with it.
    pub events: Vec<String>,
    /// The absorbed profiles for which it answers again.
    pub aliases: Vec<ProfileId>,
    /// The first time of the restored profile, and of the one that it left.
    pub first_seen: [Option<Timestamp>; 2],
    /// The canonical identifiers of the two.
    pub canonical: [IdentifierKey; 2],
    /// What was decided: both have the whole list.
    pub consent: Vec<StoredConsent>,
}
