//! Bucket and breaker as every language asks for them: the state goes in and comes back out.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::breaker::{Breaker, BreakerEvent, BreakerPolicy};
use super::bucket::{BucketGrant, BucketPolicy, TokenBucket};

/// What is asked of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BucketRequest {
    /// The limits; the defaults where left out.
    #[serde(default)]
    pub policy: BucketPolicy,
    /// The bucket as it came back the last time; a full one where left out.
    #[serde(default)]
    pub state: Option<TokenBucket>,
    /// How many tokens are wanted, one for each event; 0 looks without taking any.
    pub tokens: u64,
    /// For how many seconds the platform asked to be left alone, before anything is taken.
    #[serde(default)]
    pub pause_s: Option<u64>,
    /// The time.
    pub now: Timestamp,
}

/// What a bucket gives, and how it stands then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BucketResponse {
    /// What it gives.
    #[serde(flatten)]
    pub grant: BucketGrant,
    /// The bucket, to be stored.
    pub state: TokenBucket,
}

impl BucketRequest {
    /// Asks the bucket.
    ///
    /// # Errors
    /// `out_of_range` for a limit that is none.
    pub fn take(&self) -> Result<BucketResponse, Problems> {
        self.policy.check().map_err(|problems| problems.under("/policy"))?;
        let mut bucket = self.state.unwrap_or_else(|| TokenBucket::full(&self.policy, self.now));
        if let Some(seconds) = self.pause_s {
            bucket.pause(&self.policy, seconds, self.now);
        }
        let grant = bucket.take(&self.policy, self.tokens, self.now);
        Ok(BucketResponse { grant, state: bucket })
    }
}

/// What is asked or told of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BreakerRequest {
    /// The limits; the defaults where left out.
    #[serde(default)]
    pub policy: BreakerPolicy,
    /// The breaker as it came back the last time; a closed one where left out.
    #[serde(default)]
    pub state: Breaker,
    /// What is asked or told.
    pub event: BreakerEvent,
    /// The time.
    pub now: Timestamp,
}

/// Whether a call passes, and how the breaker stands then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BreakerResponse {
    /// Whether a call may be made; nothing where it was not asked.
    pub allowed: Option<bool>,
    /// When to ask again, where it may not.
    pub retry_at: Option<Timestamp>,
    /// The breaker, to be stored.
    pub state: Breaker,
}

impl BreakerRequest {
    /// Asks or tells the breaker.
    ///
    /// # Errors
    /// `out_of_range` for a limit that is none, or a state that these limits do not lead to.
    pub fn step(&self) -> Result<BreakerResponse, Problems> {
        let mut found = ProblemCollector::new();
        found.take("/policy", self.policy.check());
        if let Breaker::HalfOpen { admitted, succeeded, .. } = self.state
            && succeeded > admitted
        {
            let text = format!("{succeeded} calls cannot have succeeded where {admitted} were made");
            found.push(Problem::new("/state/succeeded", "out_of_range", text));
        }
        found.into_result(())?;
        let mut state = self.state;
        let (allowed, retry_at) = match self.event {
            BreakerEvent::Ask => {
                let answer = state.ask(&self.policy, self.now);
                (Some(answer.is_ok()), answer.err())
            }
            told => {
                state.report(&self.policy, told == BreakerEvent::Failure, self.now);
                (None, None)
            }
        };
        Ok(BreakerResponse { allowed, retry_at, state })
    }
}
