//! The token bucket: how many events may be sent to a platform now.
//!
//! Source: the token bucket of Turner ("New directions in communications", 1986). Counted in thousandths of a token, which a
//! rate in whole tokens per second adds in whole numbers each millisecond: nothing is rounded, and none is lost.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::retry::MAX_RETRY_AFTER_S;

/// The most that a limit may be set to.
const MOST: u64 = 1_000_000;
/// Thousandths of a token.
const TOKEN: u64 = 1000;
/// How far a bucket's time may lie ahead of `now`: as long as a platform may ask for a pause. What lies beyond is a clock
/// that was wrong.
const MAX_AHEAD_MS: i64 = 300_000;

/// The limits of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BucketPolicy {
    /// The most tokens that it holds, 1 to 1,000,000; 100 unless said otherwise.
    pub capacity: u64,
    /// How many it gains in a second, 1 to 1,000,000; 10 unless said otherwise.
    pub per_second: u64,
}

impl Default for BucketPolicy {
    fn default() -> Self {
        Self { capacity: 100, per_second: 10 }
    }
}

impl BucketPolicy {
    /// Limits of your own.
    ///
    /// # Errors
    /// `out_of_range` for one that is not 1 to 1,000,000.
    pub fn new(capacity: u64, per_second: u64) -> Result<Self, Problems> {
        let policy = Self { capacity, per_second };
        policy.check().map(|()| policy)
    }

    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (path, limit) in [("/capacity", self.capacity), ("/per_second", self.per_second)] {
            if !(1..=MOST).contains(&limit) {
                let text = format!("a limit is 1 to {MOST} tokens, not {limit}");
                found.push(Problem::new(path, "out_of_range", text));
            }
        }
        found.into_result(())
    }

    const fn capacity_milli(&self) -> u64 {
        self.capacity.saturating_mul(TOKEN)
    }
}

/// A bucket, as it is stored between calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenBucket {
    /// What it held at `as_of`, in thousandths of a token.
    available_milli: u64,
    /// When that was.
    as_of: Timestamp,
}

/// What a bucket says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BucketGrant {
    /// How many tokens were given: what was asked for, or the capacity where that is less; or none.
    pub granted: u64,
    /// How many are still to be asked for.
    pub rest: u64,
    /// From when the next of them can be given; nothing where no rest is.
    pub retry_at: Option<Timestamp>,
    /// The milliseconds until then.
    pub wait_ms: i64,
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub const fn full(policy: &BucketPolicy, now: Timestamp) -> Self {
        Self { available_milli: policy.capacity_milli(), as_of: now }
    }

    /// Takes `tokens`, all or none; of more than the capacity a first part of that size, so that the rest is asked for again.
    ///
    /// A clock that goes back takes nothing away and adds nothing. One that was ahead by more than five minutes is set right.
    pub fn take(&mut self, policy: &BucketPolicy, tokens: u64, now: Timestamp) -> BucketGrant {
        self.fill(policy, now);
        let part = tokens.min(policy.capacity);
        let granted = match self.available_milli.checked_sub(part.saturating_mul(TOKEN)) {
            Some(left) => {
                self.available_milli = left;
                part
            }
            None => 0,
        };
        let rest = tokens.saturating_sub(granted);
        let retry_at = (rest > 0).then(|| self.ready_at(policy, rest.min(policy.capacity)));
        let wait_ms = retry_at.map_or(0, |at| at.millis_since(now).max(0));
        BucketGrant { granted, rest, retry_at, wait_ms }
    }

    /// Empties the bucket and keeps it empty for a while, as a platform asked: 300 seconds at most.
    pub fn pause(&mut self, policy: &BucketPolicy, seconds: u64, now: Timestamp) {
        self.fill(policy, now);
        self.available_milli = 0;
        let seconds = i64::try_from(seconds.min(MAX_RETRY_AFTER_S)).unwrap_or_default();
        self.as_of = self.as_of.max(now.plus_millis(seconds.saturating_mul(1000)));
    }

    fn fill(&mut self, policy: &BucketPolicy, now: Timestamp) {
        let as_of = self.as_of.min(now.plus_millis(MAX_AHEAD_MS));
        let elapsed = u64::try_from(now.millis_since(as_of)).unwrap_or_default();
        let gained = elapsed.saturating_mul(policy.per_second);
        self.available_milli = self.available_milli.saturating_add(gained).min(policy.capacity_milli());
        self.as_of = as_of.max(now);
    }

    fn ready_at(&self, policy: &BucketPolicy, tokens: u64) -> Timestamp {
        let missing = tokens.saturating_mul(TOKEN).saturating_sub(self.available_milli);
        let wait = missing.div_ceil(policy.per_second.max(1));
        self.as_of.plus_millis(i64::try_from(wait).unwrap_or(i64::MAX))
    }
}
