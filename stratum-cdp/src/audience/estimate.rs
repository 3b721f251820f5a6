//! How many members a platform may find.
//!
//! Whom a platform knows, only the platform knows. What can be said beforehand is who carries something to be found by, and,
//! with the rates at which each kind of identifier was found before, between which limits the share of those found must lie:
//! at least that of the best kind of each member, if whoever is found by one is found by the other too, and at most the sum
//! of the kinds, if nobody is (the bounds of Fréchet).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::math::{CompensatedSum, count};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::Platform;
use stratum_core::{Ratio, Timestamp, enumeration};

use super::member::{AudienceMember, PreparedMember};
use crate::consent::{Ads, LegalBasis};
use crate::conversion::{SkipReason, google};
use crate::identifier::CleaningSettings;

enumeration! {
    /// By what a member may be found.
    pub enum MatchKey "match key" {
        /// An e-mail address.
        Email = "email",
        /// A phone number.
        Phone = "phone",
        /// An id of the tenant's own system; Meta only.
        ExternalId = "external_id",
        /// The advertising id of a device; Meta and Snapchat.
        AdvertisingId = "advertising_id",
        /// Both names, country and postal code; Google only.
        Address = "address",
    }
}

/// Members, and what is known of earlier audiences.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MatchEstimateRequest {
    /// The platform.
    pub platform: Platform,
    /// The instant of the estimate.
    pub now: Timestamp,
    /// Whether the effective consent for ads of everybody here was found granted before.
    #[serde(default)]
    pub consent_checked: bool,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub cleaning: CleaningSettings,
    /// Of earlier members with a kind of identifier, which share the platform found, from 0 to 1. A kind that is left out may
    /// find nobody or everybody.
    #[serde(default)]
    pub observed_rates: BTreeMap<MatchKey, f64>,
    /// The members.
    pub members: Vec<AudienceMember>,
}

/// How many members carry one kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct IdentifierShare {
    /// The kind.
    pub key: MatchKey,
    /// How many of those who may be sent carry it.
    pub members: u64,
    /// Which share of all members that is.
    pub share: Ratio,
}

/// How many members a platform may find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MatchEstimate {
    /// How many members there are.
    pub members: u64,
    /// How many of them may be sent and carry something that the platform can find them by.
    pub sendable: u64,
    /// How many are kept back by consent.
    pub consent_denied: u64,
    /// How many carry nothing that the platform takes.
    pub no_identifiers: u64,
    /// How many carry each kind that the platform takes.
    pub identifiers: Vec<IdentifierShare>,
    /// The least share of all members that is found, if the rates hold; null without members.
    pub lowest_share: Option<Ratio>,
    /// The most.
    pub highest_share: Option<Ratio>,
}

impl MatchKey {
    /// Whether a platform takes it in an audience.
    const fn is_taken_by(self, platform: Platform) -> bool {
        match self {
            Self::Email | Self::Phone => true,
            Self::ExternalId => matches!(platform, Platform::Meta),
            Self::AdvertisingId => matches!(platform, Platform::Meta | Platform::Snapchat),
            Self::Address => matches!(platform, Platform::Google),
        }
    }

    fn is_carried_by(self, member: &PreparedMember<'_>, platform: Platform) -> bool {
        let keys = &member.keys;
        self.is_taken_by(platform)
            && match self {
                Self::Email => !keys.emails(platform).is_empty(),
                Self::Phone => !keys.phones(platform).is_empty(),
                Self::ExternalId => keys.external_id().is_some(),
                Self::AdvertisingId => keys.ad_id().is_some(),
                Self::Address => google::has_address(keys),
            }
    }
}

impl MatchEstimateRequest {
    /// Counts who can be found, and by what.
    ///
    /// # Errors
    /// `out_of_range` for every rate that is not from 0 to 1.
    pub fn estimate(&self) -> Result<MatchEstimate, Problems> {
        let mut found = ProblemCollector::new();
        for (key, rate) in &self.observed_rates {
            if !(0.0..=1.0).contains(rate) {
                let message = "a rate is from 0 to 1";
                found.push(Problem::new(format!("/observed_rates/{key}"), "out_of_range", message));
            }
        }
        found.into_result(())?;
        let cleaning = self.cleaning.policy();
        let mut tally = Tally::default();
        for member in &self.members {
            let prepared = PreparedMember::new(member, &cleaning, self.now);
            let consents = member.consents(self.consent_checked, self.now);
            match consents.release::<Ads, _>(&prepared, LegalBasis::default()) {
                Err(_) => tally.skip(SkipReason::ConsentDenied),
                Ok(member) => tally.add(member.get(), self),
            }
        }
        Ok(tally.finish(self))
    }
}

#[derive(Default)]
struct Tally {
    sendable: u64,
    consent_denied: u64,
    no_identifiers: u64,
    carried: BTreeMap<MatchKey, u64>,
    low: CompensatedSum,
    high: CompensatedSum,
}

impl Tally {
    fn skip(&mut self, reason: SkipReason) {
        let counter = if reason == SkipReason::ConsentDenied {
            &mut self.consent_denied
        } else {
            &mut self.no_identifiers
        };
        *counter = counter.saturating_add(1);
    }

    fn add(&mut self, member: &PreparedMember<'_>, request: &MatchEstimateRequest) {
        let (mut low, mut high, mut any) = (0.0_f64, 0.0_f64, false);
        for key in MatchKey::ALL {
            if key.is_carried_by(member, request.platform) {
                let carried = self.carried.entry(*key).or_default();
                *carried = carried.saturating_add(1);
                let rate = request.observed_rates.get(key).copied();
                low = low.max(rate.unwrap_or(0.0));
                high += rate.unwrap_or(1.0);
                any = true;
            }
        }
        if !any {
            return self.skip(SkipReason::NoIdentifiers);
        }
        self.sendable = self.sendable.saturating_add(1);
        self.low.add(low);
        self.high.add(high.min(1.0));
    }

    fn finish(self, request: &MatchEstimateRequest) -> MatchEstimate {
        let members = u64::try_from(request.members.len()).unwrap_or(u64::MAX);
        let share = |sum: f64| if members == 0 { None } else { Ratio::clamped(sum / count(members)) };
        let identifiers =
            MatchKey::ALL.iter().filter(|key| key.is_taken_by(request.platform)).filter_map(|key| {
                let carried = self.carried.get(key).copied().unwrap_or_default();
                Some(IdentifierShare { key: *key, members: carried, share: share(count(carried))? })
            });
        MatchEstimate {
            members,
            sendable: self.sendable,
            consent_denied: self.consent_denied,
            no_identifiers: self.no_identifiers,
            identifiers: identifiers.collect(),
            lowest_share: share(self.low.value()),
            highest_share: share(self.high.value()),
        }
    }
}

impl fmt::Debug for MatchEstimateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchEstimateRequest")
            .field("platform", &self.platform)
            .field("members", &self.members.len())
            .finish_non_exhaustive()
    }
}
