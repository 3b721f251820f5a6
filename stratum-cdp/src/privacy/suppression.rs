//! Who was erased stays erased: older imports do not bring a person back, a newer consent of their own does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;

use crate::consent::ConsentDecision;
use crate::event::Event;
use crate::identifier::LookupKey;

/// The identifiers of people who were erased, as keyed hashes, with when.
///
/// An external id is known here without its source system, as domain.md 10.2 gives the key: the same id of another system is
/// suppressed, too, until its person agrees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SuppressionList(BTreeMap<LookupKey, Timestamp>);

/// What the suppression list says about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressionVerdict {
    /// None of its identifiers is on the list.
    Clear,
    /// One of them is, and the person has not agreed since: the event is dropped.
    Suppressed,
    /// One of them is, and the person has agreed since: the event is taken, and its identifiers leave the list.
    Lifted,
}

impl SuppressionList {
    /// Puts an identifier on the list; the later of two erasures counts.
    pub fn suppress(&mut self, key: LookupKey, erased_at: Timestamp) {
        let since = self.0.entry(key).or_insert(erased_at);
        *since = (*since).max(erased_at);
    }

    /// What is to become of an event with these identifiers.
    ///
    /// An event lifts the suppression if it carries a grant of its own and happened after the erasure. Without a grant
    /// even a new event is dropped: the person asked to be forgotten, and has not asked for anything else since.
    #[must_use]
    pub fn verdict(&self, keys: &[LookupKey], event: &Event) -> SuppressionVerdict {
        let Some(&since) = keys.iter().filter_map(|key| self.0.get(key)).max() else {
            return SuppressionVerdict::Clear;
        };
        let agreed = ConsentDecision::of_event(event).any(|decision| decision.granted);
        if agreed && event.event_time() > since {
            SuppressionVerdict::Lifted
        } else {
            SuppressionVerdict::Suppressed
        }
    }

    /// Takes identifiers off the list, after [`SuppressionVerdict::Lifted`].
    pub fn lift(&mut self, keys: &[LookupKey]) {
        for key in keys {
            self.0.remove(key);
        }
    }
}
