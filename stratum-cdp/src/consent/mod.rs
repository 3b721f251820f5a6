//! Consent: what a person decided about their data, and what may be done with it.
//!
//! [`Consents`] folds decisions, in any order, into what holds: for each purpose the later of the decision about it and of
//! the decision about everything; at one instant a denial wins. Nobody who has not decided is sent anything: no decision
//! is a denial for ads, e-mail and text messages. For analytics the legal basis on which the tenant measures decides.
//!
//! What leaves for somebody else is a [`Consented`] value: only [`Consents::release`] makes one, for one purpose, so a
//! sender that takes `Consented<T, Ads>` cannot be called without the person's consent.
//!
//! ```
//! use stratum_cdp::consent::{Ads, ConsentDecision, ConsentType, Consented, Consents, LegalBasis};
//! # use stratum_core::Timestamp;
//! fn send(_: Consented<&str, Ads>) {}
//!
//! let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
//! let mut consents = Consents::default();
//! assert!(consents.release::<Ads, _>("member", LegalBasis::default()).is_err()); // undecided
//!
//! consents.record(&ConsentDecision::new(ConsentType::All, true, at));
//! send(consents.release::<Ads, _>("member", LegalBasis::default()).unwrap());
//!
//! consents.record(&ConsentDecision::new(ConsentType::Ads, false, at.plus_hours(1)));
//! assert!(consents.release::<Ads, _>("member", LegalBasis::default()).is_err()); // withdrawn
//! ```

mod consented;
mod decision;
mod evaluate;
pub(crate) mod fold;
mod state;

pub use consented::{Ads, Analytics, Consented, Email, Purpose, Sms};
pub use decision::{CCPA_OPT_OUT, ConsentDecision, ConsentType};
pub use evaluate::{ConsentEvaluation, ConsentRequest, evaluate};
pub use state::{
    ConsentChange, ConsentEffect, ConsentRefusal, ConsentState, Consents, EffectiveConsent, LegalBasis,
};

#[cfg(test)]
mod tests;
