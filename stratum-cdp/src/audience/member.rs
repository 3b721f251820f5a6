//! A member as the CDP knows it, and the audience that it belongs to.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{ProblemCollector, Problems};
use stratum_core::vocabulary::Platform;

use crate::consent::{ConsentDecision, ConsentType, Consents};
use crate::conversion::{
    AdConsent, AdDecision, ConversionUser, MatchKeys, RawIdentifier, check_ids, check_items,
};
use crate::identifier::CleaningPolicy;

/// A member of an audience.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AudienceMember {
    /// The tenant's id of the member, which goes nowhere.
    pub member_id: String,
    /// Whose it is; at most 20 are looked at, for a removal all of them.
    #[serde(default)]
    pub identifiers: Vec<RawIdentifier>,
    /// What else is known of the person; what is about a browser is not used.
    #[serde(default)]
    pub user: ConversionUser,
    /// What the person decided. A denial of either use keeps them out.
    #[serde(default)]
    pub consent: AdConsent,
}

impl AudienceMember {
    /// What is known of the person's consent at `now`. `checked_before`: whoever hands the member in found the effective
    /// consent for ads granted.
    #[must_use]
    pub fn consents(&self, checked_before: bool, now: Timestamp) -> Consents {
        let mut consents = Consents::default();
        let decisions = [self.consent.ad_user_data, self.consent.ad_personalization];
        let denied = decisions.contains(&Some(AdDecision::Denied));
        let granted = checked_before || self.consent.ad_user_data == Some(AdDecision::Granted);
        if denied || granted {
            consents.record(&ConsentDecision::new(ConsentType::Ads, !denied, now));
        }
        consents
    }
}

impl fmt::Debug for AudienceMember {
    /// Which identifiers and fields there are; not whose.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudienceMember")
            .field("identifiers", &self.identifiers)
            .field("user", &self.user)
            .field("consent", &self.consent)
            .finish_non_exhaustive()
    }
}

/// A member whose identifiers and fields are in their normal forms, for any number of platforms.
pub struct PreparedMember<'m> {
    pub(super) member: &'m AudienceMember,
    pub(super) keys: MatchKeys,
}

impl<'m> PreparedMember<'m> {
    /// Brings what is known of a member into normal forms. Nobody is born after `now`.
    #[must_use]
    pub fn new(member: &'m AudienceMember, cleaning: &CleaningPolicy, now: Timestamp) -> Self {
        Self { member, keys: MatchKeys::of(&member.identifiers, &member.user, cleaning, now.utc_date()) }
    }

    /// The same for a member who leaves: all identifiers are looked at, and what the cleaning blocks by now is removed, too.
    #[must_use]
    pub fn leaving(member: &'m AudienceMember, cleaning: &CleaningPolicy, now: Timestamp) -> Self {
        Self { member, keys: MatchKeys::of_all(&member.identifiers, &member.user, cleaning, now.utc_date()) }
    }
}

impl fmt::Debug for PreparedMember<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedMember").field(self.member).finish()
    }
}

/// The audience at its platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AudienceConnection {
    /// The platform.
    pub platform: Platform,
    /// What the placeholders of paths and bodies stand for: `audience_id`, `segment_id`, … One that is not named stays, in
    /// its brackets, for whoever sends the request.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// The most members of a request, at most what the platform takes, which is the default: Snapchat 100000, the others
    /// 10000.
    #[serde(default)]
    pub max_items_per_request: Option<u32>,
}

impl AudienceConnection {
    /// An audience whose ids are filled in later.
    #[must_use]
    pub const fn new(platform: Platform) -> Self {
        Self { platform, ids: BTreeMap::new(), max_items_per_request: None }
    }

    const fn platform_limit(&self) -> u32 {
        match self.platform {
            Platform::Meta | Platform::Google | Platform::Tiktok => 10_000,
            Platform::Snapchat => 100_000,
        }
    }

    /// The most members of one request.
    pub(super) fn most_items(&self) -> usize {
        let most = self.max_items_per_request.unwrap_or_else(|| self.platform_limit());
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// Every setting that cannot be.
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        check_items(self.max_items_per_request, self.platform_limit(), &mut found);
        check_ids(&self.ids, "/ids", &mut found);
        found.into_result(())
    }
}
