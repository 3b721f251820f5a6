//! With whom a device or anonymous id was seen: what tells that it is used by too many.

use super::compiled::CompiledIdentityPolicy;
use super::names::{IdNo, Names};
use super::world::{Sighting, World};
use crate::identifier::IdentifierType;

/// The fewest sightings that an identifier keeps. A sender can name a browser beside a new device in each event, for ever.
const KEPT: usize = 256;

impl World {
    /// Remembers with whom a device or anonymous id was seen.
    pub(super) fn sight(&mut self, policy: &CompiledIdentityPolicy, id: IdNo, anchor: IdNo, at: i64) {
        if self.names.kind(id).priority() > IdentifierType::DeviceId.priority() {
            return;
        }
        let gap = policy.shared_window_ms.saturating_mul(2);
        let held = self.held.get_mut(id);
        if held.shared {
            return;
        }
        let near = held.sightings.iter_mut().find(|seen| {
            seen.anchor == anchor
                && at >= seen.first.saturating_sub(gap)
                && at <= seen.last.saturating_add(gap)
        });
        match near {
            Some(seen) => {
                seen.first = seen.first.min(at);
                seen.last = seen.last.max(at);
            }
            None => {
                held.sightings.push(Sighting { anchor, first: at, last: at });
                forget_least(&mut held.sightings, &self.names, policy.shared_profiles);
            }
        }
    }
}

/// Forgets the sighting that is least likely to decide once there are too many: only persons count, so one with a device
/// goes before one with a person, and the oldest goes first.
fn forget_least(sightings: &mut Vec<Sighting>, names: &Names, persons: usize) {
    if sightings.len() <= KEPT.max(persons.saturating_mul(4)) {
        return;
    }
    let worth = |seen: &Sighting| {
        let person = names.kind(seen.anchor).priority() > IdentifierType::DeviceId.priority();
        (person, seen.last)
    };
    let least =
        sightings.iter().enumerate().min_by_key(|(_, seen)| worth(seen)).map(|(position, _)| position);
    if let Some(position) = least {
        sightings.remove(position);
    }
}
