//! What a person decided, kept through merges: the later decision counts, and at a merge a refusal outweighs.

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
pub(super) struct Decisions(Vec<Decided>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decided {
    purpose: u16,
    state: ConsentChoice,
    at: i64,
}

impl Decisions {
    /// Takes a decision from an event: a later one counts; at the same instant a refusal does.
    pub(super) fn decide(&mut self, purpose: u16, state: ConsentChoice, at: i64) {
        let new = Decided { purpose, state, at };
        match self.0.iter_mut().find(|known| known.purpose == purpose) {
            None => self.0.push(new),
            Some(known) => {
                if at > known.at || (at == known.at && state == ConsentChoice::Denied) {
                    *known = new;
                }
            }
        }
    }

    /// Takes over the decisions of an absorbed profile: where the two differ the refusal stands, whichever is later.
    pub(super) fn absorb(&mut self, other: &Self) {
        for &theirs in &other.0 {
            match self.0.iter_mut().find(|known| known.purpose == theirs.purpose) {
                None => self.0.push(theirs),
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
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, ConsentChoice, i64)> {
        self.0.iter().map(|known| (known.purpose, known.state, known.at))
    }
}
