//! Whether and when something is sent again.
//!
//! Source: exponential back-off with full jitter (Marc Brooker, "Exponential backoff and jitter", 2015): the wait is drawn
//! between nothing and a ceiling that doubles, so that those who failed together do not come back together.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::math::amount;
use stratum_core::money::round_minor;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;

use super::answer::AnswerClass;
use super::{ConnectionStatus, ConversionDeliveryStatus};

/// Something is sent this often at most.
pub const MAX_ATTEMPTS: u32 = 5;
/// The ceiling of a wait that the platform did not ask for, in seconds.
pub const MAX_WAIT_S: u64 = 60;
/// The longest wait that a platform is granted, in seconds.
pub const MAX_RETRY_AFTER_S: u64 = 300;
/// Something waits this long for its connection to be renewed or corrected.
pub const KEPT_FOR_MS: i64 = 7 * DAY_MS;

/// What happened to something that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryRequest {
    /// What the answer meant.
    pub class: AnswerClass,
    /// How often it was sent, this time included; 1 to 5. A try that met an expired connection is not counted.
    pub attempt: u32,
    /// A draw between 0 and 1, both included, evenly spread.
    pub random: f64,
    /// In how many seconds the platform wants to be asked again.
    #[serde(default)]
    pub retry_after_s: Option<u64>,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When the answer came.
    pub now: Timestamp,
}

/// What is done next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RetryAdvice {
    /// Where it stands now. After `partial`: those that were taken; the others are `FAILED`.
    pub status: ConversionDeliveryStatus,
    /// Whether it becomes a dead letter.
    pub dead_letter: bool,
    /// How long to wait, in milliseconds; nothing where it is not sent again by itself.
    pub wait_ms: Option<i64>,
    /// When it is sent again.
    pub retry_at: Option<Timestamp>,
    /// Until when it waits for its connection, if it does.
    pub keep_until: Option<Timestamp>,
    /// What the connection's status becomes; nothing where it stays.
    pub connection_status: Option<ConnectionStatus>,
}

impl RetryRequest {
    /// Says whether and when it is sent again.
    ///
    /// # Errors
    /// `out_of_range` for an attempt that is none of the five, or a draw that lies elsewhere.
    pub fn advise(&self) -> Result<RetryAdvice, Problems> {
        let mut found = ProblemCollector::new();
        if !(1..=MAX_ATTEMPTS).contains(&self.attempt) {
            let text = format!("something is sent 1 to {MAX_ATTEMPTS} times");
            found.push(Problem::new("/attempt", "out_of_range", text));
        }
        if !(0.0..=1.0).contains(&self.random) {
            found.push(Problem::new("/random", "out_of_range", "a draw lies between 0 and 1"));
        }
        found.into_result(())?;
        Ok(match self.class {
            AnswerClass::Delivered | AnswerClass::Partial => settled(ConversionDeliveryStatus::Delivered),
            AnswerClass::InvalidEvent | AnswerClass::Permanent => settled(ConversionDeliveryStatus::Failed),
            AnswerClass::Retry | AnswerClass::Throttled => self.back_off(),
            AnswerClass::AuthExpired => self.keep(ConnectionStatus::Expired),
            AnswerClass::InvalidConfig => self.keep(ConnectionStatus::Error),
        })
    }

    fn back_off(&self) -> RetryAdvice {
        if self.attempt >= MAX_ATTEMPTS {
            return settled(ConversionDeliveryStatus::Dead);
        }
        let wait_ms = self.retry_after_s.map_or_else(
            || jittered_wait_ms(self.attempt.saturating_sub(1), self.random),
            |seconds| millis(seconds.min(MAX_RETRY_AFTER_S)),
        );
        RetryAdvice {
            wait_ms: Some(wait_ms),
            retry_at: Some(self.now.plus_millis(wait_ms)),
            ..settled(ConversionDeliveryStatus::Retrying)
        }
    }

    fn keep(&self, connection: ConnectionStatus) -> RetryAdvice {
        let until = self.queued_at.plus_millis(KEPT_FOR_MS);
        let waits = self.now < until;
        let status = if waits { ConversionDeliveryStatus::Retrying } else { ConversionDeliveryStatus::Dead };
        RetryAdvice {
            keep_until: waits.then_some(until),
            connection_status: Some(connection),
            ..settled(status)
        }
    }
}

const fn settled(status: ConversionDeliveryStatus) -> RetryAdvice {
    RetryAdvice {
        status,
        dead_letter: status.is_dead_letter(),
        wait_ms: None,
        retry_at: None,
        keep_until: None,
        connection_status: None,
    }
}

/// The wait before retry number `k`, from 0: `random` of `min(60, 2^k)` seconds, to the millisecond. A draw outside 0 to 1
/// counts as the end that is nearer, one that is no number as 1.
#[must_use]
pub fn jittered_wait_ms(k: u32, random: f64) -> i64 {
    let ceiling = millis(1_u64.checked_shl(k).map_or(MAX_WAIT_S, |seconds| seconds.clamp(1, MAX_WAIT_S)));
    let random = if random.is_nan() { 1.0 } else { random.clamp(0.0, 1.0) };
    round_minor(random * amount(ceiling)).map_or(ceiling, |wait| wait.clamp(0, ceiling))
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000)
}
