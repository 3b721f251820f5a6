//! The one rule by which decisions become what holds: in the course of time, and when two profiles become one.
//!
//! [`Consents`](super::Consents) and the profiles of [`identity`](crate::identity) fold with it, so that what a resolved
//! history says of a person is what `consent.evaluate` says of the same decisions.

use std::collections::BTreeMap;

use super::decision::ConsentType;
use super::state::ConsentState;

/// What a decision is about: a purpose, or everything.
pub(crate) trait Subject: Copy + Ord + 'static {
    /// Everything.
    const EVERYTHING: Self;
    /// The purposes that everything certainly is, whether somebody decided about them or not.
    const PURPOSES: &'static [Self];
}

impl Subject for ConsentType {
    const EVERYTHING: Self = Self::All;
    const PURPOSES: &'static [Self] = &ConsentType::PURPOSES;
}

/// Records a decision: a later one counts, and of two at one instant the denial.
pub(crate) fn record<S: Subject>(known: &mut BTreeMap<S, ConsentState>, subject: S, state: ConsentState) {
    let known = known.entry(subject).or_insert(state);
    *known = known.later(state);
}

/// The decision that counts for a purpose: the later of that about it and of that about everything.
pub(crate) fn decided<S: Subject>(
    known: &BTreeMap<S, ConsentState>,
    purpose: S,
) -> Option<(S, ConsentState)> {
    let own = known.get(&purpose).map(|&state| (purpose, state));
    let all = known.get(&S::EVERYTHING).map(|&state| (S::EVERYTHING, state));
    match (own, all) {
        (Some((_, own)), Some((_, everything))) if own.later(everything) != own => all,
        (own, all) => own.or(all),
    }
}

/// What holds when another profile turns out to be the same person: for each purpose what held for the one and for the
/// other, and of the two a denial, whichever is newer. A decision about everything is spread over the purposes first, so
/// that one about everything on one side cannot outvote one about a purpose on the other. A denial of everything stays
/// one, for the purposes that come later; it is older than every grant that outlived it.
pub(crate) fn merge<S: Subject>(own: &mut BTreeMap<S, ConsentState>, other: &BTreeMap<S, ConsentState>) {
    if other.is_empty() {
        return;
    }
    let mut purposes: Vec<S> = own.keys().chain(other.keys()).chain(S::PURPOSES).copied().collect();
    purposes.sort_unstable();
    purposes.dedup();
    let merged = purposes.into_iter().filter(|&purpose| purpose != S::EVERYTHING).filter_map(|purpose| {
        let [own, other] = [&*own, other].map(|side| decided(side, purpose).map(|(_, state)| state));
        let merged = match (own, other) {
            (Some(own), Some(other)) => own.of_merged(other),
            (own, other) => own.or(other)?,
        };
        Some((purpose, merged))
    });
    let mut merged: BTreeMap<S, ConsentState> = merged.collect();
    for side in [&*own, other] {
        if let Some(&denied) = side.get(&S::EVERYTHING).filter(|everything| !everything.granted) {
            record(&mut merged, S::EVERYTHING, denied);
        }
    }
    *own = merged;
}
