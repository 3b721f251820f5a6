//! Whose data it is, and where it can lie.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::id::ProfileId;
use stratum_core::vocabulary::Platform;
use stratum_core::{Timestamp, enumeration};

/// A person as the platform knows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Subject {
    /// The canonical profile.
    pub profile_id: ProfileId,
    /// The profiles that were merged into it.
    #[serde(default)]
    pub merged_ids: Vec<ProfileId>,
    /// The audiences at platforms that the person was put into.
    #[serde(default)]
    pub synced_audiences: Vec<SyncedAudience>,
    /// Why the data must be kept for now, if it must.
    #[serde(default)]
    pub legal_hold: Option<String>,
}

impl fmt::Debug for Subject {
    /// Whether the data is held, not why: that is free text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("profile_id", &self.profile_id)
            .field("merged_ids", &self.merged_ids)
            .field("synced_audiences", &self.synced_audiences)
            .field("legal_hold", &self.legal_hold.is_some())
            .finish()
    }
}

/// An audience at a platform that the person was put into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SyncedAudience {
    /// The platform.
    pub platform: Platform,
    /// The audience, by the id that it has here.
    pub audience_id: String,
    /// When the person was last sent to it.
    #[serde(default)]
    pub synced_at: Option<Timestamp>,
}

/// Days within which a request has to be answered. GDPR Art. 12 gives a month, CCPA § 1798.130 45 days.
const LIMIT_DAYS: i64 = 30;

/// Until when a request has to be answered.
pub(super) fn due_at(requested_at: Timestamp) -> Timestamp {
    requested_at.plus_hours(LIMIT_DAYS.saturating_mul(24))
}

impl Subject {
    /// A person of whom one profile is known.
    #[must_use]
    pub const fn new(profile_id: ProfileId) -> Self {
        Self { profile_id, merged_ids: Vec::new(), synced_audiences: Vec::new(), legal_hold: None }
    }

    /// Every profile of the person, each once, in order.
    #[must_use]
    pub fn profile_ids(&self) -> Vec<ProfileId> {
        let mut ids = self.merged_ids.clone();
        ids.push(self.profile_id);
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Every audience, each once, in order.
    #[must_use]
    pub(super) fn audiences(&self) -> Vec<SyncedAudience> {
        let mut audiences = self.synced_audiences.clone();
        audiences.sort_unstable();
        audiences.dedup_by(|a, b| (a.platform, &a.audience_id) == (b.platform, &b.audience_id));
        audiences
    }
}

enumeration! {
    /// A store that can hold something of a person.
    pub enum DataStore "data store" {
        /// The profile: attributes, counters, lifecycle, RFM, predictions.
        Profile = "profile",
        /// The identifiers, sealed, and the keys by which they are found.
        Identifiers = "identifiers",
        /// The links between identifiers, and conflicts among them.
        IdentityLinks = "identity_links",
        /// Merges, with what an undo needs.
        MergeHistory = "merge_history",
        /// The events.
        Events = "events",
        /// The computed traits.
        Traits = "traits",
        /// Memberships in segments.
        SegmentMemberships = "segment_memberships",
        /// What was decided about consent.
        Consents = "consents",
        /// Conversions that wait to be delivered, or could not be.
        ConversionQueue = "conversion_queue",
        /// Exports that were made and not yet deleted.
        CachedExports = "cached_exports",
        /// Sums over many people, without ids.
        Aggregates = "aggregates",
        /// The audit chain: without personal data.
        Audit = "audit",
        /// Keyed hashes of the identifiers of people who were erased.
        SuppressionList = "suppression_list",
    }
}
