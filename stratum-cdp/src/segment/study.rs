//! Previews, overlaps and statements as every language and the server ask for them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::bitmap::Bitmap;
use super::compile::Segment;
use super::preview::{PreviewSample, SegmentPreview, overlap, preview};
use super::profile::ProfileFacts;
#[cfg(feature = "schema")]
use super::rules::SegmentRules;
use super::sql::SCHEMA;

/// The most segments of an overlap.
const MAX_SEGMENTS: usize = 50;
/// The most ids of a preview.
const MAX_LIMIT: u32 = 100;

/// Rules that are not saved yet, and the profiles.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentPreviewRequest {
    /// The rules.
    #[cfg_attr(feature = "schema", schemars(with = "SegmentRules"))]
    pub rules: Value,
    /// The instant of the evaluation.
    pub now: Timestamp,
    /// The profiles.
    pub profiles: Vec<ProfileFacts>,
    /// How many ids of members to give, 1 to 100.
    #[serde(default = "ten")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
    pub limit: u32,
    /// Estimate from a sample; without it every profile is looked at and the count is exact.
    #[serde(default)]
    pub sample: Option<PreviewSample>,
}

const fn ten() -> u32 {
    10
}

impl SegmentPreviewRequest {
    /// Counts or estimates the members.
    ///
    /// # Errors
    /// As [`Segment::from_json`] below `/rules`, and `out_of_range` for the limit and the size of the sample.
    pub fn preview(&self) -> Result<SegmentPreview, Problems> {
        let mut found = ProblemCollector::new();
        let segment = found.take("/rules", Segment::from_json(&self.rules));
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            found.push(Problem::new(
                "/limit",
                "out_of_range",
                format!("a preview gives 1 to {MAX_LIMIT} ids"),
            ));
        }
        let ids: Vec<&str> = self.profiles.iter().map(|profile| profile.id.as_str()).collect();
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let segment = segment.as_ref().map(|segment| segment.at(self.now));
        let is_member = |row: usize| {
            segment
                .as_ref()
                .zip(self.profiles.get(row))
                .is_some_and(|(segment, profile)| segment.evaluate(profile).is_member())
        };
        let previewed = found.take("", preview(&ids, self.sample, limit, is_member));
        found.into_result(())?;
        previewed.ok_or_else(|| Problem::new("", "invalid_value", "the preview was refused").into())
    }
}

/// A segment with its id.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedSegment {
    /// Its id.
    pub id: String,
    /// Its rules.
    #[cfg_attr(feature = "schema", schemars(with = "SegmentRules"))]
    pub rules: Value,
}

/// Segments that are compared over the same profiles.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentOverlapRequest {
    /// 2 to 50 segments.
    #[cfg_attr(feature = "schema", schemars(length(min = 2, max = 50)))]
    pub segments: Vec<NamedSegment>,
    /// The instant of the evaluation.
    pub now: Timestamp,
    /// The profiles.
    pub profiles: Vec<ProfileFacts>,
}

/// How many members one segment has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentCount {
    /// Its id.
    pub id: String,
    /// Its members.
    pub count: u64,
}

/// How much two segments overlap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentPair {
    /// The id of the one.
    pub first: String,
    /// The id of the other.
    pub second: String,
    /// Profiles in both.
    pub both: u64,
    /// Profiles in at least one.
    pub either: u64,
    /// `both / either` (Jaccard 1901), 0 to 1; null where nobody is in either.
    pub jaccard: Option<f64>,
}

/// Every segment and every pair, in the order of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentOverlap {
    /// One for each segment.
    pub segments: Vec<SegmentCount>,
    /// One for each pair.
    pub pairs: Vec<SegmentPair>,
}

impl SegmentOverlapRequest {
    /// Compares the segments.
    ///
    /// # Errors
    /// As [`Segment::from_json`] below `/segments/<position>/rules`; `out_of_range` for fewer than 2 or more than 50.
    pub fn overlap(&self) -> Result<SegmentOverlap, Problems> {
        let mut found = ProblemCollector::new();
        if !(2..=MAX_SEGMENTS).contains(&self.segments.len()) {
            let message = format!("2 to {MAX_SEGMENTS} segments are compared, not {}", self.segments.len());
            found.push(Problem::new("/segments", "out_of_range", message));
        }
        let mut members = Vec::with_capacity(self.segments.len());
        for (index, segment) in self.segments.iter().enumerate() {
            let compiled =
                found.take(&format!("/segments/{index}/rules"), Segment::from_json(&segment.rules));
            members.extend(compiled.map(|segment| self.members(&segment)));
        }
        found.into_result(())?;
        let id =
            |index: usize| self.segments.get(index).map(|segment| segment.id.clone()).unwrap_or_default();
        let pairs = overlap(&members)
            .into_iter()
            .map(|pair| SegmentPair {
                first: id(pair.first),
                second: id(pair.second),
                both: pair.both,
                either: pair.either,
                jaccard: pair.jaccard,
            })
            .collect();
        let segments = members
            .iter()
            .enumerate()
            .map(|(index, members)| SegmentCount { id: id(index), count: members.count() })
            .collect();
        Ok(SegmentOverlap { segments, pairs })
    }

    fn members(&self, segment: &Segment) -> Bitmap {
        let segment = segment.at(self.now);
        let members =
            self.profiles.iter().enumerate().filter(|(_, profile)| segment.evaluate(profile).is_member());
        Bitmap::from_rows(self.profiles.len(), members.map(|(row, _)| row))
    }
}

/// Rules that PostgreSQL is to evaluate.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentSqlRequest {
    /// The rules.
    #[cfg_attr(feature = "schema", schemars(with = "SegmentRules"))]
    pub rules: Value,
    /// The instant of the evaluation.
    pub now: Timestamp,
}

/// A statement for PostgreSQL. Its rows are the ids of the members, sorted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentStatement {
    /// The statement.
    pub sql: String,
    /// Its parameters, `$1` first, all of type `text`. Nothing that a user wrote stands in the statement itself.
    pub parameters: Vec<String>,
    /// The tables or views that it reads.
    pub schema: String,
}

impl SegmentSqlRequest {
    /// Makes the statement.
    ///
    /// # Errors
    /// As [`Segment::from_json`] below `/rules`.
    pub fn compile(&self) -> Result<SegmentStatement, Problems> {
        let segment = Segment::from_json(&self.rules).map_err(|problems| problems.under("/rules"))?;
        let sql = segment.at(self.now).to_sql();
        Ok(SegmentStatement { sql: sql.text, parameters: sql.parameters, schema: SCHEMA.trim().to_owned() })
    }
}

impl fmt::Debug for SegmentPreviewRequest {
    /// Without the rules: their values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentPreviewRequest")
            .field("now", &self.now)
            .field("profiles", &self.profiles.len())
            .field("limit", &self.limit)
            .field("sample", &self.sample)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NamedSegment {
    /// The id alone: the values of the rules may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedSegment").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for SegmentOverlapRequest {
    /// How many profiles there are, and none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentOverlapRequest")
            .field("segments", &self.segments)
            .field("now", &self.now)
            .field("profiles", &self.profiles.len())
            .finish()
    }
}

impl fmt::Debug for SegmentSqlRequest {
    /// Without the rules: their values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentSqlRequest").field("now", &self.now).finish_non_exhaustive()
    }
}

impl fmt::Debug for SegmentStatement {
    /// Without the parameters: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentStatement").field("sql", &self.sql).finish_non_exhaustive()
    }
}
