//! Members of an audience, as every language asks for their requests.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Timestamp, enumeration};

use super::batch::{AudienceAdditions, AudienceRemovals, MergedMember};
use super::difference::SyncHold;
use super::member::{AudienceConnection, AudienceMember, PreparedMember};
use crate::consent::{Ads, LegalBasis};
use crate::conversion::{PlatformRequest, SkipReason};
use crate::identifier::{CleaningPolicy, CleaningSettings};

enumeration! {
    /// What becomes of the members at the platform.
    pub enum AudienceAction "audience action" {
        /// They are added.
        Add = "add",
        /// They are removed, whatever they decided.
        Remove = "remove",
        /// They replace everybody who is there; Meta only.
        Replace = "replace",
    }
}

/// Members, and the audience that they join or leave.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AudiencePayloadsRequest {
    /// The audience.
    pub connection: AudienceConnection,
    /// What becomes of the members.
    pub action: AudienceAction,
    /// The instant at which they are sent.
    pub now: Timestamp,
    /// Under which the requests of a replacement belong together; the caller's, used once.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 9_007_199_254_740_991_u64)))]
    pub session_id: Option<u64>,
    /// Whether the effective consent for ads of everybody here was found granted before. Without that, a member who carries
    /// no decision is not added.
    #[serde(default)]
    pub consent_checked: bool,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub cleaning: CleaningSettings,
    /// The members.
    pub members: Vec<AudienceMember>,
}

/// A member who is not sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SkippedMember {
    /// The tenant's id of the member.
    pub member_id: String,
    /// The place in the request, from 0.
    pub index: u64,
    /// Why.
    pub reason: SkipReason,
}

impl fmt::Debug for SkippedMember {
    /// Without the id: a shop may have made it of an e-mail address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkippedMember")
            .field("index", &self.index)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// The requests, and who is not in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AudiencePayloadsResponse {
    /// The requests to be sent, in this order.
    pub requests: Vec<PlatformRequest>,
    /// Why nothing is sent though it was asked for; null where nothing waits. A replacement of which nobody is left is neither
    /// carried out nor taken for done: the platform keeps whom it has until a person says whom to remove.
    pub held: Option<SyncHold>,
    /// The members who are in none of them, in the order of the request.
    pub skipped: Vec<SkippedMember>,
    /// The members who are the same to the platform as an earlier one.
    pub merged: Vec<MergedMember>,
}

impl AudiencePayloadsRequest {
    /// Makes the requests.
    ///
    /// # Errors
    /// Every problem at once: those of the connection, under `/connection`; `not_supported` for a replacement at a platform
    /// that has none, `missing_field` for one without a session.
    pub fn payloads(&self) -> Result<AudiencePayloadsResponse, Problems> {
        self.check()?;
        let at = |problems: Problems| problems.under("/connection");
        if self.action == AudienceAction::Remove {
            let mut removals = AudienceRemovals::new(&self.connection).map_err(at)?;
            let (skipped, merged) = self.each(PreparedMember::leaving, |member| removals.remove(member));
            return Ok(AudiencePayloadsResponse { requests: removals.finish(), held: None, skipped, merged });
        }
        let mut additions = match (self.action, self.session_id) {
            (AudienceAction::Replace, Some(session)) => {
                AudienceAdditions::replacing(&self.connection, session)
            }
            _ => AudienceAdditions::new(&self.connection),
        }
        .map_err(at)?;
        let (skipped, merged) = self.each(PreparedMember::new, |prepared| {
            let consents = prepared.member.consents(self.consent_checked, self.now);
            let released = consents.release::<Ads, _>(prepared, LegalBasis::default());
            additions.add(released.map_err(|_| SkipReason::ConsentDenied)?)
        });
        let (requests, held) = match additions.finish() {
            Ok(requests) => (requests, None),
            Err(held) => (Vec::new(), Some(held)),
        };
        Ok(AudiencePayloadsResponse { requests, held, skipped, merged })
    }

    fn each<'m>(
        &'m self,
        prepare: fn(&'m AudienceMember, &CleaningPolicy, Timestamp) -> PreparedMember<'m>,
        mut send: impl FnMut(&PreparedMember<'_>) -> Result<Option<MergedMember>, SkipReason>,
    ) -> (Vec<SkippedMember>, Vec<MergedMember>) {
        let cleaning = self.cleaning.policy();
        let (mut skipped, mut merged) = (Vec::new(), Vec::new());
        for (place, member) in self.members.iter().enumerate() {
            match send(&prepare(member, &cleaning, self.now)) {
                Ok(same) => merged.extend(same),
                Err(reason) => {
                    let index = u64::try_from(place).unwrap_or(u64::MAX);
                    skipped.push(SkippedMember { member_id: member.member_id.clone(), index, reason });
                }
            }
        }
        (skipped, merged)
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        found.take("/connection", self.connection.check());
        if self.action == AudienceAction::Replace {
            if !super::can_replace(self.connection.platform) {
                found.push(no_replacement().under("/action"));
            } else if self.session_id.is_none() {
                let message = "the requests of a replacement belong together by the number of a session";
                found.push(
                    Problem::new("/session_id", "missing_field", message)
                        .help("give a number that is used once"),
                );
            }
        }
        found.into_result(())
    }
}

/// Only one platform can replace an audience.
pub(super) fn no_replacement() -> Problem {
    Problem::new("", "not_supported", "only Meta replaces all members of an audience")
        .help("add those who are new and remove those who left")
}

impl fmt::Debug for AudiencePayloadsRequest {
    /// What becomes of how many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudiencePayloadsRequest")
            .field("platform", &self.connection.platform)
            .field("action", &self.action)
            .field("members", &self.members.len())
            .finish_non_exhaustive()
    }
}
