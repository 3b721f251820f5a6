//! How well clusters agree with the truth, by pairs.
//!
//! Two measures, each with precision (of the pairs that a policy puts together, how many are one person's) and recall (of
//! the pairs that are one person's, how many it puts together):
//!
//! - **identifiers**: pairs of *personal* identifiers, those that one person alone used. What several people used (a family's
//!   phone, a kiosk's cookie) is nobody's and in no pair; what it brings together counts all the same.
//! - **events**: pairs of events, by who acted and in whose profile they lie: that of their strongest identifier. A page seen
//!   on a shared computer without signing in is in it, so no policy reaches a precision of 1 here.
//!
//! Recall is measured against what the events show: pairs that the person's own events connect, as somebody would who sees
//! who acts. A cookie on which nobody ever says who they are is beyond every policy. `recall_of_all` counts it, too.

use std::collections::BTreeMap;

use stratum_cdp::identity::bulk::Links;

use super::World;

/// How clusters agree with the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Of the pairs of personal identifiers.
    pub identifiers: Pairs,
    /// Of the pairs of events.
    pub events: Pairs,
}

/// Numbers of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairs {
    /// In one cluster.
    pub together: u64,
    /// Of these, one person's.
    pub right: u64,
    /// One person's.
    pub of_one: u64,
    /// Of these, connected by the person's own events.
    pub evident: u64,
    /// Of these, in one cluster.
    pub evident_right: u64,
}

/// The cluster, the person and the evident component of an identifier or event.
type Thing = (u32, u32, u32);

impl Pairs {
    /// Of what is together, the part that belongs together.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.together)
    }

    /// Of what the events show to belong together, the part that is.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.evident_right, self.evident)
    }

    /// Of what belongs together, the part that is.
    #[must_use]
    pub fn recall_of_all(&self) -> f64 {
        ratio(self.right, self.of_one)
    }

    fn count(things: &[Thing]) -> Self {
        let in_one = |key: fn(&Thing) -> Thing| {
            let mut keys: Vec<_> = things.iter().map(key).collect();
            keys.sort_unstable();
            let runs = keys.chunk_by(|a, b| a == b).map(|run| u64::try_from(run.len()).unwrap_or_default());
            runs.map(|n| n * (n - 1) / 2).sum()
        };
        Self {
            together: in_one(|&(cluster, _, _)| (cluster, 0, 0)),
            right: in_one(|&(cluster, person, _)| (cluster, person, 0)),
            of_one: in_one(|&(_, person, _)| (0, person, 0)),
            evident: in_one(|&(_, _, component)| (0, 0, component)),
            evident_right: in_one(|&(cluster, _, component)| (cluster, 0, component)),
        }
    }
}

/// Compares a cluster for each identifier with the truth.
#[must_use]
pub fn agreement(world: &World, cluster_of: &[u32]) -> Agreement {
    let cluster = |identifier: u32| cluster_of.get(identifier as usize).copied().unwrap_or(u32::MAX);
    let mut users: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut uses: Vec<(u32, u32)> = Vec::new();
    for event in &world.events {
        for &identifier in &event.identifiers {
            uses.push((event.person, identifier));
            let users = users.entry(identifier).or_default();
            if !users.contains(&event.person) {
                users.push(event.person);
            }
        }
    }
    uses.sort_unstable();
    uses.dedup();
    let use_of = |person: u32, identifier: u32| {
        uses.binary_search(&(person, identifier))
            .ok()
            .and_then(|at| u32::try_from(at).ok())
            .unwrap_or_default()
    };
    let mut shown = Links::new(u32::try_from(uses.len()).unwrap_or(u32::MAX));
    for event in &world.events {
        let mut nodes = event.identifiers.iter().map(|&identifier| use_of(event.person, identifier));
        if let Some(first) = nodes.next() {
            for node in nodes {
                shown.link(first, node);
            }
        }
    }
    let components = shown.finish();
    let component = |person: u32, identifier: u32| {
        components.labels().get(use_of(person, identifier) as usize).copied().unwrap_or_default()
    };
    let identifiers: Vec<_> = users
        .iter()
        .filter_map(|(&identifier, users)| match users.as_slice() {
            &[person] => Some((cluster(identifier), person, component(person, identifier))),
            _ => None,
        })
        .collect();
    let events: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| {
            let strongest = world.strongest(event)?;
            Some((cluster(strongest), event.person, component(event.person, strongest)))
        })
        .collect();
    Agreement { identifiers: Pairs::count(&identifiers), events: Pairs::count(&events) }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of pairs below 2^53")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
