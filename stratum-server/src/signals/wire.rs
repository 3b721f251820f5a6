//! What goes over the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::Platform;
use stratum_core::{Digest, Timestamp, canonical, enumeration};
use utoipa::ToSchema;
use uuid::Uuid;

use super::vocabulary::{self, Aggregate};

/// Most signals of one request.
pub const MOST_SIGNALS: usize = 1000;
/// How old a signal may be.
const OLDEST_DAYS: i64 = 396;

enumeration! {
    /// What kind of signal it is.
    pub enum SignalType "signal type" {
        /// A number.
        Metric = "METRIC",
        /// Something that happened.
        Event = "EVENT",
        /// A platform's callback.
        Webhook = "WEBHOOK",
    }
}

enumeration! {
    /// Where a signal comes from.
    pub enum Origin "origin" {
        /// The tenant pushed it.
        Pushed = "PUSHED",
        /// A collector of the server's wrote it.
        Collector = "COLLECTOR",
    }
}

/// One signal as it is sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalInput {
    /// The sender's id; the same one again is a duplicate. Absent: the content decides.
    #[serde(default)]
    pub signal_id: Option<String>,
    /// METRIC, EVENT or WEBHOOK.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "METRIC")]
    pub kind: SignalType,
    /// What was measured.
    #[schema(example = "emq_rating")]
    pub name: String,
    /// On which platform; needed for the names that feed health.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "META")]
    pub platform: Option<Platform>,
    /// The value, at least 0.
    #[serde(default)]
    pub value: Option<f64>,
    /// When it was measured.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    /// `event_name` and `volume` of an EMQ reading; free otherwise.
    #[serde(default)]
    pub attributes: Option<Value>,
}

/// The body of `POST …/signals`: each item is read on its own, so that one bad signal spoils no other.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalBatch {
    /// 1 to 1000 signals.
    #[schema(value_type = Vec<SignalInput>)]
    pub signals: Vec<Value>,
}

/// What became of each signal.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SignalReceipt {
    /// Stored.
    pub accepted: u32,
    /// Known before.
    pub duplicates: u32,
    /// Not stored.
    pub rejected: u32,
    /// One result per signal, in the order of the request.
    pub results: Vec<SignalResult>,
}

/// What became of one signal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignalResult {
    /// Its place in the request, from 0.
    pub index: usize,
    /// `accepted`, `duplicate` or `rejected`.
    pub status: &'static str,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ItemError>,
}

/// Why an item was rejected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemError {
    /// The code of the first problem.
    pub code: String,
    /// Every problem in one sentence.
    pub message: String,
}

/// A stored signal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Signal {
    /// The server's id.
    pub id: Uuid,
    /// The sender's id.
    pub signal_id: Option<String>,
    /// METRIC, EVENT or WEBHOOK.
    #[serde(rename = "type")]
    pub kind: String,
    /// What was measured.
    pub name: String,
    /// On which platform.
    pub platform: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// When it was measured.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// What came with it.
    pub attributes: Value,
    /// PUSHED or COLLECTOR.
    pub origin: String,
}

impl SignalInput {
    /// Everything that is wrong with the signal.
    #[must_use]
    pub fn problems(&self, now: Timestamp) -> ProblemCollector {
        let mut found = ProblemCollector::new();
        if !(1..=100).contains(&self.name.trim().chars().count()) {
            found.push(Problem::new("/name", "length", "a name has 1 to 100 characters"));
        }
        if self.signal_id.as_ref().is_some_and(|id| !(1..=128).contains(&id.chars().count())) {
            found.push(Problem::new("/signal_id", "length", "a signal id has 1 to 128 characters"));
        }
        if let Some(value) = self.value
            && !(value.is_finite() && value >= 0.0)
        {
            found.push(Problem::new("/value", "below_minimum", "a value is at least 0"));
        }
        if self.observed_at > now.plus_minutes(5) {
            found.push(Problem::new(
                "/observed_at",
                "time_in_future",
                "the signal is more than 5 minutes ahead",
            ));
        }
        if self.observed_at < now.plus_hours(-24 * OLDEST_DAYS) {
            found.push(Problem::new("/observed_at", "too_old", "the signal is older than 13 months"));
        }
        if let Some(known) = vocabulary::find(&self.name) {
            if self.platform.is_none() {
                found.push(
                    Problem::new("/platform", "required", format!("{} belongs to a platform", known.name))
                        .help("write META, GOOGLE, TIKTOK or SNAPCHAT"),
                );
            }
            if known.aggregate != Aggregate::Instant && self.value.is_none() {
                found.push(Problem::new("/value", "required", format!("{} is a number", known.name)));
            }
        }
        found
    }

    /// What makes it the same signal: the sender's id, or its content.
    ///
    /// # Errors
    /// When the attributes hold an integer that JSON cannot carry safely.
    pub fn dedup_key(&self) -> Result<String, Problem> {
        match &self.signal_id {
            Some(id) => Ok(format!("id:{id}")),
            None => {
                let content = (
                    self.kind,
                    &self.name,
                    self.platform,
                    self.value,
                    self.observed_at,
                    self.attributes.as_ref().unwrap_or(&Value::Null),
                );
                Ok(format!("content:{}", Digest::of(canonical::to_string(&content)?.as_bytes())))
            }
        }
    }
}
