//! The right to be forgotten: what is deleted where.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stratum_core::Timestamp;
use stratum_core::id::ProfileId;
use stratum_core::problem::{Problem, Problems};

use super::subject::{DataStore, Subject, SyncedAudience, due_at};

/// Hours within which an erasure is to be done.
const TARGET_HOURS: i64 = 24;

/// A request to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ErasureRequest {
    /// Who asks.
    pub subject: Subject,
    /// When.
    pub requested_at: Timestamp,
}

impl ErasureRequest {
    /// A request.
    #[must_use]
    pub const fn new(subject: Subject, requested_at: Timestamp) -> Self {
        Self { subject, requested_at }
    }
}

/// What has to happen for a person to be forgotten, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErasurePlan {
    /// The SHA-256 of the person's profile ids: a request that is sent again finds the first. A merge in between gives another.
    pub idempotency_key: String,
    /// Every profile of the person.
    pub profile_ids: Vec<ProfileId>,
    /// Done first, while identifiers are still known: their keyed hashes go on the suppression list.
    pub suppress_identifiers: bool,
    /// Queued before anything is deleted: the person leaves each audience. No gate and no limit holds this up.
    pub platform_removals: Vec<SyncedAudience>,
    /// What is deleted.
    pub deletions: Vec<Deletion>,
    /// What stays, and why that is no personal data.
    pub kept: Vec<Kept>,
    /// Until when it is to be done.
    pub target_at: Timestamp,
    /// Until when it has to be done.
    pub due_at: Timestamp,
}

/// What is deleted from one store: all rows of the person's profiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Deletion {
    /// The store.
    pub store: DataStore,
    /// What of it, in words.
    pub what: String,
}

/// What stays in one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Kept {
    /// The store.
    pub store: DataStore,
    /// Why that is no personal data, or has to stay.
    pub why: String,
}

/// Says what has to happen for a person to be forgotten.
///
/// # Errors
/// `legal_hold`: the data must be kept for now.
pub fn plan_erasure(request: &ErasureRequest) -> Result<ErasurePlan, Problems> {
    let subject = &request.subject;
    // Why stands in the request: it is free text, and errors are logged.
    if subject.legal_hold.is_some() {
        let refused = Problem::new(
            "/subject/legal_hold",
            "legal_hold",
            "the data is under a legal hold and must be kept",
        );
        return Err(refused.help("ask again when the hold is lifted").into());
    }
    let profile_ids = subject.profile_ids();
    let (mut deletions, mut kept) = (Vec::new(), Vec::new());
    for &store in DataStore::ALL {
        match fate(store) {
            Fate::Deleted(what) => deletions.push(Deletion { store, what: what.to_owned() }),
            Fate::Kept(why) => kept.push(Kept { store, why: why.to_owned() }),
        }
    }
    Ok(ErasurePlan {
        idempotency_key: subject_key(&profile_ids),
        profile_ids,
        suppress_identifiers: true,
        platform_removals: subject.audiences(),
        deletions,
        kept,
        target_at: request.requested_at.plus_hours(TARGET_HOURS),
        due_at: due_at(request.requested_at),
    })
}

enum Fate {
    Deleted(&'static str),
    Kept(&'static str),
}

/// What erasure means for a store; a store that is added must be decided about here.
const fn fate(store: DataStore) -> Fate {
    match store {
        DataStore::Profile => Fate::Deleted(
            "attributes, counters, lifecycle, RFM and predictions; the row stays as an empty redirect",
        ),
        DataStore::Identifiers => Fate::Deleted("sealed values and the keys by which they are found"),
        DataStore::IdentityLinks => Fate::Deleted("links, their evidence, conflicts"),
        DataStore::MergeHistory => Fate::Deleted("merges and the snapshots that an undo needs"),
        DataStore::Events => Fate::Deleted("events with properties, context and traits"),
        DataStore::Traits => Fate::Deleted("computed traits"),
        DataStore::SegmentMemberships => Fate::Deleted("memberships, past ones too"),
        DataStore::Consents => Fate::Deleted("decisions with text and proof"),
        DataStore::ConversionQueue => Fate::Deleted("conversions that wait, and dead letters"),
        DataStore::CachedExports => Fate::Deleted("files of earlier exports"),
        DataStore::Aggregates => Fate::Kept("sums over many people, without ids"),
        DataStore::Audit => Fate::Kept("the chain names the request by a hash and holds no personal data"),
        DataStore::SuppressionList => {
            Fate::Kept("keyed hashes, so that an older import does not bring the person back")
        }
    }
}

/// The SHA-256 of the person's profile ids: names a request without naming the person.
fn subject_key(profile_ids: &[ProfileId]) -> String {
    let mut digest = Sha256::new();
    for id in profile_ids {
        digest.update(id.to_string().as_bytes());
        digest.update(b"\n");
    }
    hex::encode(digest.finalize())
}
