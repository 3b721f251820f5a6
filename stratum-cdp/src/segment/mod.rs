//! Segments: groups of customers by rules about who they are, what they did and what is expected of them.
//!
//! Rules are one expression tree ([`SegmentRules`]). [`Segment::compile`] validates them when they are saved;
//! [`Segment::at`] gives them an instant. Then three evaluations agree on every case:
//! [`SegmentAt::evaluate`] decides about a profile and can say why, [`SegmentAt::select`] decides about columns of
//! profiles and events, and [`SegmentAt::to_sql`] makes the statement by which PostgreSQL decides.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::segment::{ProfileFacts, Segment};
//!
//! let rules = json!({"logic": "and", "conditions": [
//!     {"field": "event.Purchase.count", "operator": "greater_or_equal", "value": 2, "window_days": 30},
//!     {"field": "data.city", "operator": "starts_with", "value": "ber"},
//! ]});
//! let segment = Segment::from_json(&rules).unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let profile: ProfileFacts = serde_json::from_value(json!({"id": "p1", "data": {"city": "Berlin"}})).unwrap();
//!
//! let segment = segment.at(now);
//! let membership = segment.evaluate(&profile);
//! assert!(!membership.is_member());
//! let reasons = segment.explain(&membership, &profile);
//! assert_eq!((reasons[0].path.as_str(), reasons[0].found.clone()), ("/conditions/0", Some(json!(0))));
//! ```
//!
//! **Values.** A field without a value meets no operator but `is_null`; counts and sums of nothing are 0. Attributes,
//! traits and properties have the type that their JSON has; an operator that cannot read a value of that type is not met
//! by it, and `not_equals` and `not_in` are, because a value of another type is another value. Text that is an instant
//! (RFC 3339, or a date for its midnight in UTC) can be compared as a time. `event.<Name>.property.<path>` is the
//! property of the last event that has it, by time and then by id. A window holds the events after `now` − N·24 h.

mod bitmap;
mod changes;
mod columns;
mod compile;
mod condition;
mod cycle;
mod evaluate;
mod field;
mod fold;
pub(crate) mod number;
mod preview;
mod profile;
mod property_filter;
mod request;
mod rules;
pub mod sql;
mod study;
mod values;

pub use bitmap::Bitmap;
pub use changes::{ProfileChange, SegmentChanges, SegmentChangesRequest, SegmentMoment};
pub use columns::{Column, EventColumns, NULL_CODE, NULL_INTEGER, ProfileColumns};
pub use compile::Segment;
pub use cycle::SegmentLinks;
pub use evaluate::{Membership, MembershipReason, ReasonCode, SegmentAt};
pub(crate) use field::is_trait_name;
pub use field::{EventFactKind, EventField, Field, FieldType, FixedField};
pub use fold::fold;
pub use preview::{Overlap, PreviewSample, SegmentPreview, overlap, preview};
pub(crate) use profile::at_path;
pub use profile::{ProfileFacts, ProfilePredictions, ProfileRfm, SegmentEvent};
pub(crate) use property_filter::CompiledFilter;
pub use property_filter::PropertyFilter;
pub use request::{
    MembershipChange, ProfileMembership, SegmentEvaluation, SegmentEvaluationRequest, SegmentValidation,
    SegmentValidationRequest,
};
pub use rules::{
    ConditionOperator, Logic, MAX_CONDITIONS, MAX_LEVELS, MAX_VALUES, MAX_WINDOW, SegmentCondition,
    SegmentRules, SegmentType, TimeUnit,
};
pub use study::{
    NamedSegment, SegmentCount, SegmentOverlap, SegmentOverlapRequest, SegmentPair, SegmentPreviewRequest,
    SegmentSqlRequest, SegmentStatement,
};
