//! What changed between two looks at the same profiles: who entered, who left, and the conditions whose answers flipped.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::compile::Segment;
use super::evaluate::MembershipReason;
use super::profile::ProfileFacts;
use super::request::MembershipChange;
#[cfg(feature = "schema")]
use super::rules::SegmentRules;
use super::rules::SegmentType;

/// Rules, and profiles at two instants.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentChangesRequest {
    /// The rules, the same at both instants.
    #[cfg_attr(feature = "schema", schemars(with = "SegmentRules"))]
    pub rules: Value,
    /// The profiles as they were.
    pub before: SegmentMoment,
    /// The profiles as they are.
    pub after: SegmentMoment,
}

/// Profiles at an instant.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentMoment {
    /// The instant.
    pub now: Timestamp,
    /// The profiles, each once.
    pub profiles: Vec<ProfileFacts>,
}

/// What changed, profile by profile: those that there are in their order, then those that are gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentChanges {
    /// How many became members.
    pub entered: usize,
    /// How many are members no more.
    pub exited: usize,
    /// The profiles.
    pub profiles: Vec<ProfileChange>,
}

/// What changed for one profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ProfileChange {
    /// The profile's id.
    pub id: String,
    /// Whether it was a member; nothing for a profile that was not there.
    pub before: Option<bool>,
    /// Whether it is one; nothing for a profile that is gone.
    pub after: Option<bool>,
    /// What changed about its membership, if anything did.
    pub change: Option<MembershipChange>,
    /// The conditions that say something else than before, with what they say now. Of a new profile those that decided. A
    /// condition can flip without a change of membership, and the passing of time alone can flip one.
    pub flipped: Vec<MembershipReason>,
}

impl SegmentChangesRequest {
    /// Compares the memberships.
    ///
    /// # Errors
    /// As [`Segment::of_type`] below `/rules`; `duplicate_id` for a profile that stands twice in one list.
    pub fn compare(&self) -> Result<SegmentChanges, Problems> {
        let mut found = ProblemCollector::new();
        let segment = found.take("/rules", Segment::of_type(&self.rules, SegmentType::Dynamic));
        let before = by_id("/before", &self.before.profiles, &mut found);
        let after = by_id("/after", &self.after.profiles, &mut found);
        let Some(segment) = found.into_result(segment)? else {
            return Err(Problem::new("/rules", "invalid_value", "the rules were refused").into());
        };
        let (then, now) = (segment.at(self.before.now), segment.at(self.after.now));
        let mut profiles = Vec::with_capacity(self.after.profiles.len());
        for profile in &self.after.profiles {
            let membership = now.evaluate(profile);
            let was = before.get(profile.id.as_str()).map(|old| then.evaluate(old));
            profiles.push(ProfileChange {
                id: profile.id.clone(),
                before: was.map(|was| was.is_member()),
                after: Some(membership.is_member()),
                change: change(was.is_some_and(|was| was.is_member()), membership.is_member()),
                flipped: match was {
                    Some(was) => now.differences(&was, &membership, profile),
                    None => now.explain(&membership, profile),
                },
            });
        }
        for profile in self.before.profiles.iter().filter(|old| !after.contains_key(old.id.as_str())) {
            let was = then.evaluate(profile).is_member();
            profiles.push(ProfileChange {
                id: profile.id.clone(),
                before: Some(was),
                after: None,
                change: change(was, false),
                flipped: Vec::new(),
            });
        }
        let count = |wanted| profiles.iter().filter(|one| one.change == Some(wanted)).count();
        Ok(SegmentChanges {
            entered: count(MembershipChange::Entered),
            exited: count(MembershipChange::Exited),
            profiles,
        })
    }
}

fn change(before: bool, after: bool) -> Option<MembershipChange> {
    match (before, after) {
        (false, true) => Some(MembershipChange::Entered),
        (true, false) => Some(MembershipChange::Exited),
        _ => None,
    }
}

fn by_id<'p>(
    path: &str,
    profiles: &'p [ProfileFacts],
    found: &mut ProblemCollector,
) -> BTreeMap<&'p str, &'p ProfileFacts> {
    let mut known = BTreeMap::new();
    for (place, profile) in profiles.iter().enumerate() {
        if known.insert(profile.id.as_str(), profile).is_some() {
            let path = format!("{path}/profiles/{place}/id");
            found.push(Problem::new(path, "duplicate_id", "a profile stands once in a list"));
        }
    }
    known
}

impl fmt::Debug for SegmentChangesRequest {
    /// Without the rules: their values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (&self.before, &self.after);
        f.debug_struct("SegmentChangesRequest")
            .field("before", before)
            .field("after", after)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SegmentMoment {
    /// How many profiles there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentMoment")
            .field("now", &self.now)
            .field("profiles", &self.profiles.len())
            .finish()
    }
}
