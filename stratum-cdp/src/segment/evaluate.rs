//! One profile: whether it is a member, and why.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::{Timestamp, enumeration};

use super::compile::{Node, Segment};
use super::condition::{Condition, EventWindow, Scalar, Test};
use super::profile::ProfileFacts;
use super::rules::ConditionOperator;

/// A segment at an instant, ready for many profiles.
#[derive(Debug, Clone)]
pub struct SegmentAt<'s> {
    pub(crate) segment: &'s Segment,
    pub(crate) asked: Vec<Asked<'s>>,
}

/// A condition at an instant.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'s> {
    pub(crate) condition: &'s Condition,
    pub(crate) test: Cow<'s, Test>,
    /// The events that count.
    pub(crate) window: EventWindow,
}

enumeration! {
    /// What a condition said about a profile.
    pub enum ReasonCode "reason code" {
        /// The profile meets the condition.
        Met = "met",
        /// It does not.
        NotMet = "not_met",
        /// It does not, because the field has no value.
        NoValue = "no_value",
        /// A static segment lists the profile.
        Listed = "listed",
        /// A static segment does not list it.
        NotListed = "not_listed",
    }
}

/// One of the conditions that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MembershipReason {
    /// What the condition said.
    pub code: ReasonCode,
    /// Where the condition stands: a JSON pointer into the rules, which hold what it was compared with.
    pub path: String,
    /// The field; none for a static segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The operator; none for a static segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<ConditionOperator>,
    /// What was found, of fields that cannot name a person: not of `data`, traits, properties and the external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
}

/// What a segment says about one profile. Small: it remembers the answers of the conditions, and explains when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    member: bool,
    /// One bit for each condition: whether it was met, and whether its field had no value.
    met: u128,
    without_value: u128,
}

impl Segment {
    /// The segment at an instant: `within_last` and windows of events are counted back from it, and what happened
    /// after it does not count.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> SegmentAt<'_> {
        let asked = self
            .conditions
            .iter()
            .map(|condition| Asked {
                condition,
                test: condition.test.at(now),
                window: EventWindow::of(now, condition.window_days),
            })
            .collect();
        SegmentAt { segment: self, asked }
    }
}

impl SegmentAt<'_> {
    /// Decides about one profile. Every condition is asked, so that the decision can be explained and compared.
    #[must_use]
    pub fn evaluate(&self, profile: &ProfileFacts) -> Membership {
        let (mut met, mut without_value) = (0_u128, 0_u128);
        for (number, asked) in self.asked.iter().enumerate() {
            let value = profile.value(&asked.condition.field, asked.window);
            met |= bit(number, asked.test.holds(value));
            without_value |= bit(number, value.is_null());
        }
        Membership { member: is_true(&self.segment.root, met), met, without_value }
    }

    /// The conditions that decided: those of an `and` that failed, those of an `or` that held, or all where all had to.
    #[must_use]
    pub fn explain(&self, membership: &Membership, profile: &ProfileFacts) -> Vec<MembershipReason> {
        let mut decided = Vec::new();
        deciding(&self.segment.root, membership.met, &mut decided);
        decided.sort_unstable();
        decided.into_iter().filter_map(|number| self.reason(number, membership, profile)).collect()
    }

    /// What changed from an earlier membership under the same rules: the conditions whose answers differ.
    #[must_use]
    pub fn differences(
        &self,
        before: &Membership,
        after: &Membership,
        profile: &ProfileFacts,
    ) -> Vec<MembershipReason> {
        let differing = before.met ^ after.met;
        (0..self.asked.len())
            .filter(|&number| differing & bit(number, true) != 0)
            .filter_map(|number| self.reason(number, after, profile))
            .collect()
    }

    fn reason(
        &self,
        number: usize,
        membership: &Membership,
        profile: &ProfileFacts,
    ) -> Option<MembershipReason> {
        let asked = self.asked.get(number)?;
        let condition = asked.condition;
        let this = bit(number, true);
        let code = if membership.met & this != 0 {
            ReasonCode::Met
        } else if membership.without_value & this != 0 {
            ReasonCode::NoValue
        } else {
            ReasonCode::NotMet
        };
        let found = (!condition.field.is_personal())
            .then(|| shown(profile.value(&condition.field, asked.window)))
            .flatten();
        Some(MembershipReason {
            code,
            path: condition.path.clone(),
            field: Some(condition.name.clone()),
            operator: Some(condition.operator),
            found,
        })
    }
}

impl Membership {
    /// Whether the profile is a member.
    #[must_use]
    pub const fn is_member(&self) -> bool {
        self.member
    }
}

impl MembershipReason {
    /// The reason of a static segment.
    pub(crate) const fn of_list(listed: bool) -> Self {
        let code = if listed { ReasonCode::Listed } else { ReasonCode::NotListed };
        Self { code, path: String::new(), field: None, operator: None, found: None }
    }
}

fn bit(number: usize, set: bool) -> u128 {
    u32::try_from(number).ok().and_then(|number| u128::from(set).checked_shl(number)).unwrap_or(0)
}

fn is_true(node: &Node, met: u128) -> bool {
    match node {
        Node::Condition(number) => met & bit(*number, true) != 0,
        Node::All(children) => children.iter().all(|child| is_true(child, met)),
        Node::Any(children) => children.iter().any(|child| is_true(child, met)),
        Node::Not(child) => !is_true(child, met),
    }
}

/// The conditions on which the answer of the node rests.
fn deciding(node: &Node, met: u128, decided: &mut Vec<usize>) {
    let mut of_those = |children: &[Node], answer: bool| {
        for child in children.iter().filter(|child| is_true(child, met) == answer) {
            deciding(child, met, decided);
        }
    };
    match node {
        Node::Condition(number) => decided.push(*number),
        // All of an `and` hold, or those that fail decide; all of an `or` fail, or those that hold decide.
        Node::All(children) => of_those(children, is_true(node, met)),
        Node::Any(children) => of_those(children, is_true(node, met)),
        Node::Not(child) => deciding(child, met, decided),
    }
}

fn shown(value: Scalar<'_>) -> Option<Value> {
    match value {
        Scalar::Null | Scalar::Structure => None,
        Scalar::Boolean(flag) => Some(Value::Bool(flag)),
        Scalar::Number(number) => number.shown().map(Value::Number),
        Scalar::Text(text) => Some(Value::String(text.to_owned())),
        Scalar::Time(at) => Timestamp::from_millis(at).ok().map(|at| Value::String(at.to_string())),
    }
}
