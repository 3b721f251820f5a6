//! Segments as every language and the server ask for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_core::{Timestamp, enumeration};

use super::compile::Segment;
use super::cycle::SegmentLinks;
use super::evaluate::MembershipReason;
use super::profile::ProfileFacts;
#[cfg(feature = "schema")]
use super::rules::SegmentRules;
use super::rules::SegmentType;

/// A segment that is to be saved.
///
/// The rules are read by [`SegmentValidationRequest::validate`] and not before, so that all of their problems come back.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentValidationRequest {
    /// The rules.
    #[cfg_attr(feature = "schema", schemars(with = "SegmentRules"))]
    pub rules: Value,
    /// `dynamic` if left out.
    #[serde(default = "dynamic")]
    pub segment_type: SegmentType,
    /// The segment's id, if it has one already.
    #[serde(default)]
    pub id: Option<String>,
    /// The rules of all other segments, by id. Given, the segments that are asked for must be among them, and none of
    /// them may ask for this one.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<BTreeMap<String, SegmentRules>>"))]
    pub others: Option<BTreeMap<String, Value>>,
}

/// What a segment is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentValidation {
    /// How many conditions, at most 100.
    pub conditions: usize,
    /// How many levels of groups, at most 5.
    pub levels: usize,
    /// The fields that it asks for, each once, sorted.
    pub fields: Vec<String>,
    /// The names of the events that it looks at.
    pub events: Vec<String>,
    /// The ids of the segments whose members it asks for.
    pub segments: Vec<String>,
}

/// A segment, an instant and the profiles to decide about.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentEvaluationRequest {
    /// The rules; a static segment needs none.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<SegmentRules>"))]
    pub rules: Option<Value>,
    /// `dynamic` if left out.
    #[serde(default = "dynamic")]
    pub segment_type: SegmentType,
    /// The instant of the evaluation.
    pub now: Timestamp,
    /// The profiles.
    pub profiles: Vec<ProfileFacts>,
    /// The ids of those who were members before, so that changes can be told. The members of a static segment.
    #[serde(default)]
    pub members: Option<BTreeSet<String>>,
}

enumeration! {
    /// How a membership changed.
    pub enum MembershipChange "membership change" {
        /// The profile became a member.
        Entered = "entered",
        /// It is no member any more.
        Exited = "exited",
    }
}

/// One profile's membership.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ProfileMembership {
    /// The profile's id.
    pub id: String,
    /// Whether it is a member.
    pub member: bool,
    /// What changed; null where nothing did, or where the members of before are not known.
    pub change: Option<MembershipChange>,
    /// The conditions that decided.
    pub reasons: Vec<MembershipReason>,
}

/// The memberships of all profiles, in the order of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentEvaluation {
    /// How many of the profiles are members.
    pub count: usize,
    /// One for each profile.
    pub profiles: Vec<ProfileMembership>,
}

const fn dynamic() -> SegmentType {
    SegmentType::Dynamic
}

impl SegmentValidationRequest {
    /// Validates the segment.
    ///
    /// # Errors
    /// As [`Segment::of_type`] below `/rules`, as [`Segment::check_links`] where `others` are given, and the problems of
    /// the others below `/others/<id>`.
    pub fn validate(&self) -> Result<SegmentValidation, Problems> {
        let mut found = ProblemCollector::new();
        let segment = found.take("/rules", Segment::of_type(&self.rules, self.segment_type));
        if let Some(others) = &self.others {
            let mut links = SegmentLinks::new();
            for (id, rules) in others {
                let place = format!("/others{}", pointer_step(id));
                let asked =
                    found.take(&place, Segment::from_json(rules)).map(|segment| owned(&segment.segments()));
                links.insert(id.clone(), asked.unwrap_or_default());
            }
            if let Some(segment) = &segment {
                found.take("/rules", segment.check_links(self.id.as_deref(), &links));
            }
        }
        found.into_result(())?;
        let segment =
            segment.ok_or_else(|| Problem::new("/rules", "invalid_value", "the rules were refused"))?;
        Ok(SegmentValidation {
            conditions: segment.condition_count(),
            levels: segment.levels(),
            fields: owned(&segment.fields()),
            events: owned(&segment.events()),
            segments: owned(&segment.segments()),
        })
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

impl SegmentEvaluationRequest {
    /// Decides about every profile.
    ///
    /// # Errors
    /// As [`Segment::of_type`] below `/rules`; `missing_field` for rules or the members of a static segment.
    pub fn evaluate(&self) -> Result<SegmentEvaluation, Problems> {
        let profiles = match self.segment_type {
            SegmentType::Static => self.by_list()?,
            SegmentType::Dynamic | SegmentType::Computed => self.by_rules()?,
        };
        Ok(SegmentEvaluation { count: profiles.iter().filter(|profile| profile.member).count(), profiles })
    }

    fn by_list(&self) -> Result<Vec<ProfileMembership>, Problems> {
        let Some(members) = &self.members else {
            return Err(
                Problem::new("/members", "missing_field", "a static segment is a list of members").into()
            );
        };
        let membership = |profile: &ProfileFacts| {
            let member = members.contains(&profile.id);
            let reasons = vec![MembershipReason::of_list(member)];
            ProfileMembership { id: profile.id.clone(), member, change: None, reasons }
        };
        Ok(self.profiles.iter().map(membership).collect())
    }

    fn by_rules(&self) -> Result<Vec<ProfileMembership>, Problems> {
        let Some(rules) = &self.rules else {
            return Err(Problem::new("/rules", "missing_field", "rules is missing").into());
        };
        let segment =
            Segment::of_type(rules, self.segment_type).map_err(|problems| problems.under("/rules"))?;
        let segment = segment.at(self.now);
        let membership = |profile: &ProfileFacts| {
            let decided = segment.evaluate(profile);
            let member = decided.is_member();
            ProfileMembership {
                id: profile.id.clone(),
                member,
                change: self.change(&profile.id, member),
                reasons: segment.explain(&decided, profile),
            }
        };
        Ok(self.profiles.iter().map(membership).collect())
    }

    fn change(&self, id: &str, member: bool) -> Option<MembershipChange> {
        match (self.members.as_ref()?.contains(id), member) {
            (false, true) => Some(MembershipChange::Entered),
            (true, false) => Some(MembershipChange::Exited),
            _ => None,
        }
    }
}

impl fmt::Debug for SegmentValidationRequest {
    /// Without the rules: their values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentValidationRequest")
            .field("segment_type", &self.segment_type)
            .field("id", &self.id)
            .field("others", &self.others.as_ref().map(BTreeMap::len))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SegmentEvaluationRequest {
    /// Without the rules, and how many profiles there are: values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentEvaluationRequest")
            .field("segment_type", &self.segment_type)
            .field("now", &self.now)
            .field("profiles", &self.profiles.len())
            .finish_non_exhaustive()
    }
}
