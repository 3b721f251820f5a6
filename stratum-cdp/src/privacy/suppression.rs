//! Who is left alone stays left alone: older imports do not bring back a person who was erased, a newer consent of their own
//! does; what the tenant decided is undone by the tenant alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::{Timestamp, enumeration};

use crate::consent::{ConsentDecision, ConsentType};
use crate::event::Event;
use crate::identifier::LookupKey;

enumeration! {
    /// Why an identifier is on the suppression list, the weightier reason last.
    pub enum SuppressionReason "suppression reason" {
        /// The person asked to be left alone. A newer consent of their own to ads takes them off the list.
        OptOut = "opt_out",
        /// The person was erased. A newer consent of their own takes them off the list.
        Erasure = "erasure",
        /// The person complained. Stays until somebody takes it off.
        Complaint = "complaint",
        /// The tenant decided so. Stays until somebody takes it off.
        Manual = "manual",
    }
}

impl SuppressionReason {
    /// Whether the person can undo it by agreeing anew.
    #[must_use]
    pub const fn is_lifted_by_consent(self) -> bool {
        matches!(self, Self::OptOut | Self::Erasure)
    }
}

/// Since when, and why, an identifier is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SuppressionEntry {
    /// When it was put there, the last time.
    pub since: Timestamp,
    /// The weightiest of the reasons for which it was put there.
    pub reason: SuppressionReason,
}

impl SuppressionEntry {
    /// Two entries for one identifier: the later instant, the weightier reason.
    fn and(self, other: Self) -> Self {
        Self { since: self.since.max(other.since), reason: self.reason.max(other.reason) }
    }

    fn holds_against(self, consented_at: Option<Timestamp>) -> bool {
        !self.reason.is_lifted_by_consent()
            || consented_at.is_none_or(|consented_at| consented_at <= self.since)
    }
}

/// The identifiers that are suppressed, as keyed hashes. Two lists merge to the same one in any order.
///
/// An external id is known here without its source system, as its key is: the same id of another system is suppressed, too,
/// until its person agrees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SuppressionList(
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, SuppressionEntry>"))]
    BTreeMap<LookupKey, SuppressionEntry>,
);

enumeration! {
    /// What the suppression list says about a person.
    pub enum SuppressionVerdict "suppression verdict" {
        /// None of the identifiers is on the list.
        Clear = "clear",
        /// One of them is, and the person has not agreed since: an event is dropped, nothing is sent.
        Suppressed = "suppressed",
        /// One of them is, and the person has agreed since: an event is taken, and its identifiers leave the list.
        Lifted = "lifted",
    }
}

impl SuppressionList {
    /// Puts an identifier on the list. Of two entries the later instant and the weightier reason count; whether anything
    /// changed is answered.
    pub fn suppress(&mut self, key: LookupKey, entry: SuppressionEntry) -> bool {
        let before = self.0.get(&key).copied();
        let after = before.map_or(entry, |before| before.and(entry));
        self.0.insert(key, after);
        before != Some(after)
    }

    /// Adds another list, from an import or another part; how many entries that changed is answered.
    pub fn merge(&mut self, other: &Self) -> usize {
        other.0.iter().filter(|&(&key, &entry)| self.suppress(key, entry)).count()
    }

    /// What the list says about a person with these identifiers who agreed last at this instant, if ever, and the entry that
    /// says so: the latest of those that hold, else of those that were lifted.
    #[must_use]
    pub fn check(
        &self,
        keys: &[LookupKey],
        consented_at: Option<Timestamp>,
    ) -> (SuppressionVerdict, Option<SuppressionEntry>) {
        self.judge(keys, |entry| entry.holds_against(consented_at))
    }

    fn judge(
        &self,
        keys: &[LookupKey],
        holds: impl Fn(&SuppressionEntry) -> bool,
    ) -> (SuppressionVerdict, Option<SuppressionEntry>) {
        let entries = keys.iter().filter_map(|key| self.0.get(key).copied());
        let worst = entries.max_by_key(|entry| (holds(entry), entry.since, entry.reason));
        let verdict = match worst {
            None => SuppressionVerdict::Clear,
            Some(entry) if holds(&entry) => SuppressionVerdict::Suppressed,
            Some(_) => SuppressionVerdict::Lifted,
        };
        (verdict, worst)
    }

    /// What is to become of an event with these identifiers.
    ///
    /// An event lifts the suppression if it carries a grant of its own and happened after it. Without a grant even a new
    /// event is dropped: the person asked to be forgotten, and has not asked for anything else since. An opt-out is one of ads,
    /// so a grant of ads alone lifts it; and an event that denies ads lifts nothing, whatever else it grants.
    #[must_use]
    pub fn verdict(&self, keys: &[LookupKey], event: &Event) -> SuppressionVerdict {
        let (mut anything, mut ads) = (false, None);
        for decision in ConsentDecision::of_event(event) {
            anything |= decision.granted;
            if matches!(decision.consent_type, ConsentType::Ads | ConsentType::All) {
                ads = Some(decision.granted);
            }
        }
        let at = event.event_time();
        self.judge(keys, |entry| {
            let agreed = match entry.reason {
                SuppressionReason::OptOut => ads == Some(true),
                _ => anything && ads != Some(false),
            };
            entry.holds_against(agreed.then_some(at))
        })
        .0
    }

    /// Takes identifiers off the list, after [`SuppressionVerdict::Lifted`] or by hand; how many were on it is answered.
    pub fn lift(&mut self, keys: &[LookupKey]) -> usize {
        keys.iter().filter(|key| self.0.remove(key).is_some()).count()
    }

    /// How many identifiers are on the list.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
