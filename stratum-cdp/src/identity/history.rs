//! What happened: the events and whose they were, the merges and what undoing them needs.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use stratum_core::Timestamp;

use super::act::Act;
use super::arena::{Arena, number};
use super::names::IdNo;
use super::vocabulary::{LinkType, MergeReason, RefusalReason};
use super::world::{EventNo, ProfileNo};

number! {
    /// A merge; the first one is written m1.
    MergeNo
}

/// An event as identity remembers it.
#[derive(Clone)]
pub(super) struct Event {
    pub(super) at: i64,
    name: (usize, usize),
    accepted: (usize, usize),
    pub(super) traits: Option<Box<Map<String, Value>>>,
}

impl fmt::Debug for Event {
    /// When, not whose.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A merge, with what undoing it needs.
#[derive(Debug, Clone)]
pub(super) struct Merge {
    pub(super) event: EventNo,
    pub(super) at: Timestamp,
    pub(super) reason: MergeReason,
    pub(super) evidence: LinkType,
    pub(super) via: IdNo,
    pub(super) absorbed: ProfileNo,
    /// The canonical identifiers of the two before.
    pub(super) into: IdNo,
    pub(super) from: IdNo,
    /// What each side held before.
    pub(super) absorbed_ids: Vec<IdNo>,
    pub(super) survivor_ids: Vec<IdNo>,
    pub(super) absorbed_events: Vec<EventNo>,
    pub(super) absorbed_aliases: Vec<ProfileNo>,
    pub(super) identifiers_moved: usize,
    pub(super) events_moved: usize,
    pub(super) undone: bool,
}

/// What was done, in order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Done {
    Merged(MergeNo),
    Unmerged { event: EventNo, merge: MergeNo, restored: IdNo, from: IdNo, at: Timestamp },
}

/// What was refused: an identifier, or the undoing of a merge that there is not.
#[derive(Debug, Clone)]
pub(super) enum Denied {
    Identifier { event: EventNo, id: IdNo, reason: RefusalReason, against: Option<IdNo> },
    Undo { event: EventNo, merge: Box<str>, reason: RefusalReason },
}

/// The past.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) events: Arena<EventNo, Event>,
    text: String,
    accepted: Vec<IdNo>,
    pub(super) merges: Arena<MergeNo, Merge>,
    pub(super) done: Vec<Done>,
    pub(super) denied: Vec<Denied>,
    pub(super) unattributed: Vec<EventNo>,
    acts: BTreeMap<EventNo, Words>,
}

/// Who did an act, and why.
#[derive(Clone)]
struct Words {
    actor: Option<Box<str>>,
    note: Option<Box<str>>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}

impl History {
    pub(super) fn note_event(
        &mut self,
        id: &str,
        at: i64,
        accepted: &[IdNo],
        traits: Option<&Map<String, Value>>,
    ) -> EventNo {
        let name = (self.text.len(), id.len());
        self.text.push_str(id);
        let range = (self.accepted.len(), accepted.len());
        self.accepted.extend_from_slice(accepted);
        let traits = traits.filter(|traits| !traits.is_empty()).map(|traits| Box::new(traits.clone()));
        self.events.push(Event { at, name, accepted: range, traits })
    }

    /// An act is nobody's event; who did it and why is kept beside it.
    pub(super) fn note_act(&mut self, act: &Act<'_>) -> EventNo {
        let event = self.note_event(act.id, act.at.millis(), &[], None);
        if act.actor.is_some() || act.note.is_some() {
            let words = |text: Option<&str>| text.map(Box::from);
            self.acts.insert(event, Words { actor: words(act.actor), note: words(act.note) });
        }
        event
    }

    /// Who did an act, and why; of an event nothing.
    pub(super) fn words(&self, event: EventNo) -> (Option<&str>, Option<&str>) {
        self.acts.get(&event).map_or((None, None), |said| (said.actor.as_deref(), said.note.as_deref()))
    }

    pub(super) fn event_id(&self, event: EventNo) -> &str {
        let (start, len) = self.events.get(event).name;
        self.text.get(start..start.saturating_add(len)).unwrap_or_default()
    }

    /// The identifiers that spoke for the event.
    pub(super) fn accepted(&self, event: EventNo) -> &[IdNo] {
        let (start, len) = self.events.get(event).accepted;
        self.accepted.get(start..start.saturating_add(len)).unwrap_or_default()
    }
}
