//! What a person decided, kept through merges: the later decision counts, and at a merge a refusal outweighs.

use std::collections::BTreeMap;

use stratum_core::enumeration;

enumeration! {
    /// What was decided for a purpose.
    pub enum ConsentChoice "consent choice" {
        /// Allowed.
        Granted = "granted",
        /// Refused.
        Denied = "denied",
    }
}

/// The decisions of a profile, by purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Decisions(BTreeMap<usize, Decided>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decided {
    state: ConsentChoice,
    at: i64,
}

impl Decisions {
    /// Takes a decision from an event: a later one counts; at the same instant a refusal does.
    pub(super) fn decide(&mut self, purpose: usize, state: ConsentChoice, at: i64) {
        let new = Decided { state, at };
        match self.0.get_mut(&purpose) {
            None => {
                self.0.insert(purpose, new);
            }
            Some(known) => {
                if at > known.at || (at == known.at && state == ConsentChoice::Denied) {
                    *known = new;
                }
            }
        }
    }

    /// Takes over the decisions of an absorbed profile: where the two differ the refusal stands, whichever is later.
    pub(super) fn absorb(&mut self, other: &Self) {
        for (&purpose, &theirs) in &other.0 {
            match self.0.get_mut(&purpose) {
                None => {
                    self.0.insert(purpose, theirs);
                }
                Some(known) if known.state == theirs.state => known.at = known.at.max(theirs.at),
                Some(known) => {
                    if theirs.state == ConsentChoice::Denied {
                        *known = theirs;
                    }
                }
            }
        }
    }

    /// Purpose, state and time of every decision.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, ConsentChoice, i64)> {
        self.0.iter().map(|(&purpose, known)| (purpose, known.state, known.at))
    }
}
