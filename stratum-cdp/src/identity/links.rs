//! The evidence: which two identifiers were named together, by what, and when. Joined or not.

use std::collections::HashMap;

use stratum_core::Timestamp;

use super::arena::{Arena, Number as _, number};
use super::names::IdNo;
use super::vocabulary::{LinkType, RefusalReason};
use super::world::EventNo;

number! {
    /// A link.
    LinkNo
}

/// How many of its events a link names: the first ones.
pub(super) const LINK_EVENTS: usize = 5;

/// What speaks for two identifiers being one person. Undirected, one per pair.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) a: IdNo,
    pub(super) b: IdNo,
    /// The strongest evidence seen.
    pub(super) evidence: LinkType,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) times: u32,
    events: [Option<EventNo>; LINK_EVENTS],
    /// Whether an event joined the two; a link that was only refused joins nothing.
    pub(super) joined: bool,
    /// The next link of `a`, and of `b`.
    next: [Option<LinkNo>; 2],
}

impl Link {
    pub(super) fn other(&self, id: IdNo) -> IdNo {
        if self.a == id { self.b } else { self.a }
    }

    pub(super) fn events(&self) -> impl Iterator<Item = EventNo> {
        self.events.iter().flatten().copied()
    }
}

/// A pair that was not joined, for somebody to look at.
#[derive(Debug, Clone)]
pub(super) struct Conflict {
    pub(super) link: LinkNo,
    pub(super) reason: RefusalReason,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) times: u32,
}

/// Every link, and the refused ones with their reasons.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    links: Arena<LinkNo, Link>,
    by_pair: HashMap<(IdNo, IdNo), LinkNo>,
    /// The newest link of each identifier.
    heads: Vec<Option<LinkNo>>,
    pub(super) conflicts: Vec<Conflict>,
    by_conflict: HashMap<(LinkNo, RefusalReason), usize>,
}

impl Links {
    /// Notes that an event named the two together, and joined them or not.
    pub(super) fn note(
        &mut self,
        one: IdNo,
        other: IdNo,
        evidence: LinkType,
        at: Timestamp,
        event: EventNo,
        joined: bool,
    ) -> LinkNo {
        let pair = if one < other { (one, other) } else { (other, one) };
        if let Some(&number) = self.by_pair.get(&pair) {
            let link = self.links.get_mut(number);
            if evidence.confidence() > link.evidence.confidence() {
                link.evidence = evidence;
            }
            link.first = link.first.min(at);
            link.last = link.last.max(at);
            link.times = link.times.saturating_add(1);
            link.joined |= joined;
            if let Some(free) = link.events.iter_mut().find(|slot| slot.is_none()) {
                *free = Some(event);
            }
            return number;
        }
        let (a, b) = pair;
        let mut events = [None; LINK_EVENTS];
        if let Some(first) = events.first_mut() {
            *first = Some(event);
        }
        let next = [self.head(a), self.head(b)];
        let number =
            self.links.push(Link { a, b, evidence, first: at, last: at, times: 1, events, joined, next });
        self.set_head(a, number);
        self.set_head(b, number);
        self.by_pair.insert(pair, number);
        number
    }

    /// Notes why a link did not join.
    pub(super) fn refuse(&mut self, link: LinkNo, reason: RefusalReason, at: Timestamp) {
        let next = self.conflicts.len();
        let position = *self.by_conflict.entry((link, reason)).or_insert(next);
        match self.conflicts.get_mut(position) {
            Some(known) => {
                known.first = known.first.min(at);
                known.last = known.last.max(at);
                known.times = known.times.saturating_add(1);
            }
            None => self.conflicts.push(Conflict { link, reason, first: at, last: at, times: 1 }),
        }
    }

    pub(super) fn get(&self, number: LinkNo) -> &Link {
        self.links.get(number)
    }

    /// The links of an identifier.
    pub(super) fn of(&self, id: IdNo) -> impl Iterator<Item = &Link> {
        let mut next = self.head(id);
        std::iter::from_fn(move || {
            let link = self.links.get(next?);
            let [of_a, of_b] = link.next;
            next = if link.a == id { of_a } else { of_b };
            Some(link)
        })
    }

    fn head(&self, id: IdNo) -> Option<LinkNo> {
        self.heads.get(id.position()).copied().flatten()
    }

    fn set_head(&mut self, id: IdNo, link: LinkNo) {
        let position = id.position();
        if self.heads.len() <= position {
            self.heads.resize(position.saturating_add(1), None);
        }
        if let Some(head) = self.heads.get_mut(position) {
            *head = Some(link);
        }
    }
}
