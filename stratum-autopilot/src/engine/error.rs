//! Why the engine did not do what it was asked.

use std::fmt;

use stratum_core::gate::OverrideRefusal;
use stratum_core::problem::Problems;

use super::ClaimRefusal;
use crate::action::Refusal;
use crate::approval::PersonRefusal;
use crate::enforcement::ConfirmationRefusal;
use crate::kill_switch::SwitchRefusal;
use crate::store::StoreError;

/// Why the engine did not do what it was asked. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineError {
    /// The tenant has no such action.
    NotFound,
    /// What was proposed is not valid.
    Invalid(Problems),
    /// The tenant lets only people queue.
    SuggestOnly,
    /// The action's state does not allow it.
    State(Refusal),
    /// The person may not approve.
    Approval(PersonRefusal),
    /// The gate may not be overridden here.
    Override(OverrideRefusal),
    /// The confirmation does not fit.
    Confirmation(ConfirmationRefusal),
    /// The kill switch was not turned.
    Switch(SwitchRefusal),
    /// The action cannot be claimed.
    Claim(ClaimRefusal),
    /// Only an applied action can be rolled back.
    NotApplied,
    /// The store did not take part.
    Store(StoreError),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("the tenant has no such action"),
            Self::Invalid(problems) => problems.fmt(f),
            Self::SuggestOnly => f.write_str("only people queue actions while the mode is SUGGEST_ONLY"),
            Self::State(refusal) => refusal.fmt(f),
            Self::Approval(refusal) => refusal.fmt(f),
            Self::Override(refusal) => refusal.fmt(f),
            Self::Confirmation(refusal) => refusal.fmt(f),
            Self::Switch(refusal) => refusal.fmt(f),
            Self::Claim(refusal) => refusal.fmt(f),
            Self::NotApplied => f.write_str("only an applied action can be rolled back"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EngineError {}

macro_rules! from {
    ($($variant:ident($inner:ty),)+) => {$(
        impl From<$inner> for EngineError {
            fn from(inner: $inner) -> Self {
                Self::$variant(inner)
            }
        }
    )+};
}

from! {
    Invalid(Problems),
    State(Refusal),
    Approval(PersonRefusal),
    Confirmation(ConfirmationRefusal),
    Switch(SwitchRefusal),
    Claim(ClaimRefusal),
    Store(StoreError),
}
