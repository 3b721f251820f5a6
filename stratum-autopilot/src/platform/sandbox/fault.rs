//! What a sandbox does wrong on demand.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;

use super::super::PlatformErrorCode;

enumeration! {
    /// A call that a sandbox answers.
    pub enum SandboxCall "sandbox call" {
        /// Make a change.
        Apply = "APPLY",
        /// Show an entity.
        Read = "READ",
        /// Tell what became of a call.
        OutcomeOf = "OUTCOME_OF",
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "kind", deny_unknown_fields)]
pub enum FaultEffect {
    /// Nothing but the delay.
    Slow,
    /// The call is answered with this error and nothing is done. With `UNKNOWN` the caller cannot tell it from the next one.
    ErrorBefore {
        /// The error answered.
        error: PlatformErrorCode,
        /// For `RATE_LIMITED`: in how many milliseconds to come back.
        #[serde(default)]
        retry_after_ms: Option<u64>,
    },
    /// The call is carried out in full, and the answer is lost: the caller sees `UNKNOWN`.
    AnswerLost,
}

/// One line of the fault script: the next calls of this kind go wrong in this way. Lines are used up in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which calls.
    pub on: SandboxCall,
    /// How many of them, from 1.
    #[serde(default = "once")]
    pub times: u32,
    /// How long the answer takes, in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// What goes wrong.
    pub effect: FaultEffect,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// The next call of this kind goes wrong in this way, without delay.
    #[must_use]
    pub const fn next(on: SandboxCall, effect: FaultEffect) -> Self {
        Self { on, times: 1, delay_ms: 0, effect }
    }

    /// The next `times` calls.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// With an answer that takes so many milliseconds.
    #[must_use]
    pub const fn delay(mut self, ms: u64) -> Self {
        self.delay_ms = ms;
        self
    }
}

/// Takes the next fault for a call off the script.
pub(super) fn take(script: &mut Vec<Fault>, on: SandboxCall) -> Option<Fault> {
    let position = script.iter().position(|fault| fault.on == on && fault.times > 0)?;
    let fault = script.get_mut(position)?;
    let taken = *fault;
    fault.times = fault.times.saturating_sub(1);
    if fault.times == 0 {
        script.remove(position);
    }
    Some(taken)
}
