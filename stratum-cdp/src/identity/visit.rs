//! Visits: events with one session id are evidence that their identifiers are one person's.
//!
//! It is weak evidence (0.70): a visit may go on after somebody else sat down. So it joins only under a policy whose
//! threshold admits it, which neither preset's does; under all others it leaves a link to look at.

use std::collections::HashMap;

use super::compiled::CompiledIdentityPolicy;
use super::engine::Observation;
use super::names::IdNo;
use crate::event::EventKind;
use crate::identifier::{Identifier, IdentifierType};

/// A visit is known by so many strongest identifiers of its events, the first ones. Of a session id that thousands share,
/// because their sender never changes it, no more is kept.
pub(super) const VISIT_IDENTIFIERS: usize = 8;

impl Observation<'_> {
    /// The visit, unless its id is one that stands for none, as `null` does: what is blocked for visitors is for visits.
    #[must_use]
    pub fn visit(&self, policy: &CompiledIdentityPolicy) -> Option<Identifier> {
        let session = self.session_id.filter(|_| self.kind != EventKind::Alias)?;
        Identifier::clean(IdentifierType::AnonymousId, session, policy.cleaning()).ok()
    }
}

/// The strongest identifiers of the events of each visit.
#[derive(Debug, Clone, Default)]
pub(super) struct Visits(HashMap<Box<str>, Vec<IdNo>>);

impl Visits {
    /// Those of earlier events, without `named`, in the order in which they came.
    pub(super) fn others(&self, visit: &str, named: &[IdNo]) -> Vec<IdNo> {
        let known = self.0.get(visit).into_iter().flatten().copied();
        known.filter(|id| !named.contains(id)).collect()
    }

    /// Adds the strongest identifier of an event.
    pub(super) fn add(&mut self, visit: &str, id: IdNo) {
        match self.0.get_mut(visit) {
            Some(known) if known.len() >= VISIT_IDENTIFIERS || known.contains(&id) => {}
            Some(known) => known.push(id),
            None => {
                self.0.insert(Box::from(visit), vec![id]);
            }
        }
    }
}
