//! What a person decided, kept through merges by the same rule as [`consent`](crate::consent): the later decision counts,
//! and at a merge a refusal outweighs.
//!
//! Purposes are words that senders choose. Five of them are the types of [`ConsentType`], and a decision about `all` of them
//! is more than a word here, too: at a merge it is spread over the purposes. The shared rules of identity know of no `all`
//! and would keep it as one purpose among others; then a grant for `all` on one side of a merge would stand beside a refusal
//! of `ads` on the other as if it were newer.

use std::collections::BTreeMap;

use stratum_core::{Timestamp, enumeration};

use super::names::Words;
use crate::consent::{ConsentState, ConsentType, fold};

enumeration! {
    /// What was decided for a purpose.
    pub enum ConsentChoice "consent choice" {
        /// Allowed.
        Granted = "granted",
        /// Refused.
        Denied = "denied",
    }
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    Typed(ConsentType),
    /// By the number of the word.
    Other(usize),
}

impl fold::Subject for Purpose {
    const EVERYTHING: Self = Self::Typed(ConsentType::All);
    const PURPOSES: &'static [Self] = &[
        Self::Typed(ConsentType::Analytics),
        Self::Typed(ConsentType::Ads),
        Self::Typed(ConsentType::Email),
        Self::Typed(ConsentType::Sms),
    ];
}

/// The purposes that senders named.
#[derive(Debug, Clone, Default)]
pub(super) struct Purposes(Words);

impl Purposes {
    pub(super) fn intern(&mut self, word: &str) -> Purpose {
        let typed = ConsentType::ALL.iter().find(|typed| typed.as_str() == word);
        typed.map_or_else(|| Purpose::Other(self.0.intern(word)), |&typed| Purpose::Typed(typed))
    }

    pub(super) fn word(&self, purpose: Purpose) -> Option<&str> {
        match purpose {
            Purpose::Typed(typed) => Some(typed.as_str()),
            Purpose::Other(number) => self.0.get(number),
        }
    }
}

/// The decisions of a profile, by purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Decisions(BTreeMap<Purpose, ConsentState>);

impl Decisions {
    /// Takes a decision from an event.
    pub(super) fn decide(&mut self, purpose: Purpose, choice: ConsentChoice, at: Timestamp) {
        let state = ConsentState { granted: choice == ConsentChoice::Granted, recorded_at: at };
        fold::record(&mut self.0, purpose, state);
    }

    /// Takes over the decisions of an absorbed profile.
    pub(super) fn absorb(&mut self, other: &Self) {
        fold::merge(&mut self.0, &other.0);
    }

    /// Purpose, choice and time of every decision.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Purpose, ConsentChoice, Timestamp)> {
        self.0.iter().map(|(&purpose, known)| {
            let choice = if known.granted { ConsentChoice::Granted } else { ConsentChoice::Denied };
            (purpose, choice, known.recorded_at)
        })
    }
}
