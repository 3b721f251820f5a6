//! What holds after some decisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::{Timestamp, enumeration};

use super::consented::{Consented, Purpose};
use super::decision::{ConsentDecision, ConsentType};
use super::fold;

enumeration! {
    /// On which legal basis a tenant measures (GDPR Art. 6): what holds for analytics where a person has not decided.
    pub enum LegalBasis "legal basis" {
        /// Measuring goes on until the person objects.
        LegitimateInterest = "legitimate_interest",
        /// Measuring begins when the person agrees.
        Consent = "consent",
    }
}

impl Default for LegalBasis {
    /// What a tenant is held to that does not say.
    fn default() -> Self {
        Self::LegitimateInterest
    }
}

enumeration! {
    /// What has to follow from a withdrawal, at once.
    pub enum ConsentEffect "consent effect" {
        /// The person is removed from every audience that was synced. No gate and no limit holds this up.
        RemoveFromAudiences = "remove_from_audiences",
        /// No conversion of the person is sent from the next tick on.
        StopConversions = "stop_conversions",
        /// No e-mail is sent from the next tick on.
        StopEmail = "stop_email",
        /// No text message is sent from the next tick on.
        StopSms = "stop_sms",
        /// Further events of the person are dropped at ingest.
        DropEvents = "drop_events",
    }
}

/// The decision that counts for one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsentState {
    /// Whether consent was given.
    pub granted: bool,
    /// When the person decided.
    pub recorded_at: Timestamp,
}

impl ConsentState {
    /// The later of two; at one instant the denial.
    #[must_use]
    pub(super) fn later(self, other: Self) -> Self {
        let denial_last = |state: Self| (state.recorded_at, !state.granted);
        if denial_last(other) > denial_last(self) { other } else { self }
    }

    /// What holds when two profiles become one: equal states keep the later instant, of different ones the denial holds,
    /// with its own instant, whichever is newer. A grant that is later than the denial lifts it again.
    #[must_use]
    pub(super) fn of_merged(self, other: Self) -> Self {
        match (self.granted, other.granted) {
            (true, false) => other,
            (false, true) => self,
            _ => self.later(other),
        }
    }
}

/// What a person decided, as far as it counts. The order in which decisions are recorded does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Consents(BTreeMap<ConsentType, ConsentState>);

/// What holds for one purpose, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EffectiveConsent {
    /// The purpose.
    pub purpose: ConsentType,
    /// Whether the person's data may be used for it.
    pub granted: bool,
    /// Which decision says so; `null` where the person has not decided.
    pub decided_by: Option<ConsentType>,
    /// When that was decided.
    pub recorded_at: Option<Timestamp>,
}

/// A purpose whose consent changed, and what has to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ConsentChange {
    /// The purpose.
    pub purpose: ConsentType,
    /// Whether the data may now be used for it.
    pub granted: bool,
    /// What has to follow, at once; nothing follows from a grant.
    pub effects: Vec<ConsentEffect>,
}

/// Why something may not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentRefusal {
    /// The person said no.
    #[error("the person denied or withdrew consent for {0}")]
    Denied(ConsentType),
    /// The person said nothing, and the purpose needs a yes.
    #[error("the person has not consented to {0}")]
    Undecided(ConsentType),
}

impl ConsentEffect {
    /// What has to follow when consent for a purpose ends.
    const fn of_withdrawal(purpose: ConsentType) -> &'static [Self] {
        match purpose {
            ConsentType::Ads => &[Self::RemoveFromAudiences, Self::StopConversions],
            ConsentType::Email => &[Self::StopEmail],
            ConsentType::Sms => &[Self::StopSms],
            ConsentType::Analytics => &[Self::DropEvents],
            ConsentType::All => &[],
        }
    }
}

impl Consents {
    /// Records a decision; an older one than what is known for its type changes nothing.
    pub fn record(&mut self, decision: &ConsentDecision) {
        let state = ConsentState { granted: decision.granted, recorded_at: decision.recorded_at };
        fold::record(&mut self.0, decision.consent_type, state);
    }

    /// What holds when another profile turns out to be the same person: for each purpose what held for the one and for the
    /// other, and of the two a denial, whichever is newer. A decision about everything is spread over the purposes first,
    /// so that one about everything on one side cannot outvote one about a purpose on the other.
    pub fn merge(&mut self, other: &Self) {
        fold::merge(&mut self.0, &other.0);
    }

    /// The decision that counts for a type by itself.
    #[must_use]
    pub fn state(&self, consent_type: ConsentType) -> Option<ConsentState> {
        self.0.get(&consent_type).copied()
    }

    /// What holds for a purpose: the later of the decisions about it and about everything, at one instant the denial. For
    /// [`ConsentType::All`] what holds is the decision about everything.
    #[must_use]
    pub fn effective(&self, purpose: ConsentType, basis: LegalBasis) -> EffectiveConsent {
        let decided = fold::decided(&self.0, purpose);
        let undecided = purpose == ConsentType::Analytics && basis == LegalBasis::LegitimateInterest;
        EffectiveConsent {
            purpose,
            granted: decided.map_or(undecided, |(_, state)| state.granted),
            decided_by: decided.map(|(by, _)| by),
            recorded_at: decided.map(|(_, state)| state.recorded_at),
        }
    }

    /// Releases a value for one purpose.
    ///
    /// # Errors
    /// That the person denied it, or has not decided and the purpose needs a yes.
    pub fn release<P: Purpose, T>(
        &self,
        value: T,
        basis: LegalBasis,
    ) -> Result<Consented<T, P>, ConsentRefusal> {
        let effective = self.effective(P::TYPE, basis);
        if effective.granted {
            return Ok(Consented::new(value));
        }
        Err(match effective.decided_by {
            Some(_) => ConsentRefusal::Denied(P::TYPE),
            None => ConsentRefusal::Undecided(P::TYPE),
        })
    }

    /// What changed for each purpose since `before`, and what has to follow.
    #[must_use]
    pub fn changes_since(&self, before: &Self, basis: LegalBasis) -> Vec<ConsentChange> {
        let changed = ConsentType::PURPOSES.into_iter().filter_map(|purpose| {
            let granted = self.effective(purpose, basis).granted;
            (granted != before.effective(purpose, basis).granted).then(|| ConsentChange {
                purpose,
                granted,
                effects: if granted { Vec::new() } else { ConsentEffect::of_withdrawal(purpose).to_vec() },
            })
        });
        changed.collect()
    }
}
