//! The circuit breaker: a platform that fails again and again is left alone for a while.
//!
//! Source: the circuit breaker of Michael Nygard ("Release It!", 2007). Only what is the platform's own failure counts: no
//! answer, HTTP 429, HTTP 5xx. See [`AnswerVerdict::breaker_failure`](super::AnswerVerdict::breaker_failure).

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::HOUR_MS;

/// The limits of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BreakerPolicy {
    /// So many failures in a row open it, 1 to 1000; 5 unless said otherwise.
    pub failures: u32,
    /// How long it is open, in milliseconds, 1 to 3,600,000; 60,000 unless said otherwise.
    pub open_ms: i64,
    /// How many calls try the platform after that, all of which must succeed, 1 to 100; 3 unless said otherwise.
    pub trials: u32,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 5, open_ms: 60_000, trials: 3 }
    }
}

impl BreakerPolicy {
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        let limits = [
            ("/failures", i64::from(self.failures), 1000),
            ("/open_ms", self.open_ms, HOUR_MS),
            ("/trials", i64::from(self.trials), 100),
        ];
        for (path, limit, most) in limits {
            if !(1..=most).contains(&limit) {
                found.push(Problem::new(path, "out_of_range", format!("it is 1 to {most}, not {limit}")));
            }
        }
        found.into_result(())
    }
}

/// A breaker, as it is stored between calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Breaker {
    /// Calls pass.
    Closed {
        /// How many failed in a row.
        failures: u32,
    },
    /// No call passes.
    Open {
        /// Until when.
        until: Timestamp,
    },
    /// A few calls pass, to see whether the platform works again.
    HalfOpen {
        /// How many passed.
        admitted: u32,
        /// How many of them succeeded.
        succeeded: u32,
        /// Until when the others must have come back; a call that was lost does not keep the breaker from closing.
        until: Timestamp,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

enumeration! {
    /// What a breaker is asked or told.
    pub enum BreakerEvent "breaker event" {
        /// May a call be made?
        Ask = "ask",
        /// A call succeeded, or failed for a reason that is not the platform's.
        Success = "success",
        /// A call failed, and the platform is the reason.
        Failure = "failure",
    }
}

impl Breaker {
    /// Whether a call may be made now, and if not, when to ask again. A call that may be made is reported by
    /// [`Breaker::report`] when it has come back.
    ///
    /// # Errors
    /// When to ask again.
    pub fn ask(&mut self, policy: &BreakerPolicy, now: Timestamp) -> Result<(), Timestamp> {
        self.trust_no_future(policy, now);
        let lost_at = now.plus_millis(policy.open_ms);
        match self {
            Self::Closed { .. } => Ok(()),
            Self::Open { until } if now < *until => Err(*until),
            Self::Open { .. } => {
                *self = Self::HalfOpen { admitted: 1, succeeded: 0, until: lost_at };
                Ok(())
            }
            Self::HalfOpen { admitted, until, .. } if *admitted < policy.trials => {
                *admitted = admitted.saturating_add(1);
                *until = lost_at;
                Ok(())
            }
            Self::HalfOpen { until, .. } if now < *until => Err(*until),
            Self::HalfOpen { admitted, succeeded, until } => {
                *admitted = succeeded.saturating_add(1);
                *until = lost_at;
                Ok(())
            }
        }
    }

    /// Takes note of how a call came out. One that comes back late, while the breaker is open, changes nothing.
    pub fn report(&mut self, policy: &BreakerPolicy, failed: bool, now: Timestamp) {
        self.trust_no_future(policy, now);
        let open = Self::Open { until: now.plus_millis(policy.open_ms) };
        match self {
            Self::Open { .. } => {}
            Self::HalfOpen { .. } if failed => *self = open,
            Self::HalfOpen { admitted, succeeded, .. } => {
                *succeeded = succeeded.saturating_add(1).min(*admitted);
                if *succeeded >= policy.trials {
                    *self = Self::default();
                }
            }
            Self::Closed { failures } => {
                *failures = if failed { failures.saturating_add(1) } else { 0 };
                if *failures >= policy.failures {
                    *self = open;
                }
            }
        }
    }

    /// No instant lies further ahead than it was set: what does came from a clock that was ahead.
    fn trust_no_future(&mut self, policy: &BreakerPolicy, now: Timestamp) {
        match self {
            Self::Closed { .. } => {}
            Self::Open { until } | Self::HalfOpen { until, .. } => {
                *until = (*until).min(now.plus_millis(policy.open_ms));
            }
        }
    }
}
