//! What an ad platform answered, and what that means.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::enumeration;

use super::ConnectionStatus;

enumeration! {
    /// What a call was about. Also read by the name that each platform gives it.
    pub enum PlatformCall "platform call" {
        /// Conversions, by the platform's events API.
        Conversions = "conversions" | "events" | "events:ingest" | "event/track",
        /// Conversions of clicks, by Google's older upload.
        ClickConversions = "click_conversions" | "uploadClickConversions",
        /// Members added to an audience, or removed from it.
        Audience = "audience" | "users" | "audienceMembers:ingest" | "audienceMembers:remove" | "segment/mapping" | "segments/users",
        /// What became of an earlier request.
        RequestStatus = "request_status" | "requestStatus:retrieve",
        /// A new access token.
        Token = "token",
    }
}

enumeration! {
    /// What an answer means for what was sent.
    pub enum AnswerClass "answer class" {
        /// Nothing more to do.
        Delivered = "delivered",
        /// Some items were taken.
        Partial = "partial",
        /// Send again later, with back-off.
        Retry = "retry",
        /// As `retry`, and slow the whole connection down.
        Throttled = "throttled",
        /// Stop the connection until its token is renewed; keep the events.
        AuthExpired = "auth_expired",
        /// What was sent is wrong: never retry it unchanged.
        InvalidEvent = "invalid_event",
        /// The connection is set up wrongly: stop, tell the operator, keep the events.
        InvalidConfig = "invalid_config",
        /// Refused for another reason.
        Permanent = "permanent",
    }
}

enumeration! {
    /// What to do after an answer.
    pub enum NextStep "next step" {
        /// Nothing.
        Done = "done",
        /// The items named are dead letters, but for those that may be sent again; the others were taken.
        SetFailedAside = "set_failed_aside",
        /// Some items were not taken and the platform does not say which: count them.
        CountFailed = "count_failed",
        /// Send the same again, with back-off.
        Retry = "retry",
        /// Ask for the same status again later; nothing is sent again.
        AskAgain = "ask_again",
        /// Send again without the items named: nothing was taken because of them.
        ResendOthers = "resend_others",
        /// Send the request again in two halves: something in it is wrong, and nothing was taken.
        Halve = "halve",
        /// Keep everything until a person renewed the connection's token.
        RenewToken = "renew_token",
        /// Keep everything until a person corrected the connection's settings.
        FixConfig = "fix_config",
        /// Everything in the request is a dead letter.
        DeadLetter = "dead_letter",
    }
}

enumeration! {
    /// Why something was not delivered.
    pub enum DeliveryFailure "delivery failure" {
        /// The platform was not reached.
        NetworkError = "NETWORK_ERROR",
        /// The platform wants fewer calls.
        RateLimited = "RATE_LIMITED",
        /// The token is not valid any more.
        AuthError = "AUTH_ERROR",
        /// The connection is set up wrongly.
        ConfigError = "CONFIG_ERROR",
        /// What was sent is wrong.
        ValidationError = "VALIDATION_ERROR",
        /// The platform has a problem of its own.
        PlatformError = "PLATFORM_ERROR",
        /// No answer came in time.
        Timeout = "TIMEOUT",
        /// Nothing was sent, because too many calls had failed.
        CircuitOpen = "CIRCUIT_OPEN",
        /// Refused, and the answer does not say why.
        Unknown = "UNKNOWN",
    }
}

enumeration! {
    /// Why no answer came.
    pub enum NetworkError "network error" {
        /// Nothing, or not everything, came in time.
        Timeout = "timeout",
        /// The connection could not be made, or broke.
        Connection = "connection",
        /// The name could not be resolved.
        Dns = "dns",
        /// No secure connection came about.
        Tls = "tls",
    }
}

/// An HTTP answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlatformAnswer {
    /// The status, 100 to 599.
    pub status: u16,
    /// The headers; names in any case.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body: as JSON, or as a text which is then read as JSON.
    #[serde(default)]
    pub body: Value,
}

impl PlatformAnswer {
    /// An answer without headers and body.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, headers: BTreeMap::new(), body: Value::Null }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// The same answer with this body, as it came. What is not JSON in UTF-8 is a body that says nothing.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.body = serde_json::from_slice(bytes).unwrap_or_default();
        self
    }
}

impl fmt::Debug for PlatformAnswer {
    /// Without headers and body: platforms repeat what they were sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// What an answer means. It holds no text of the platform: those repeat what was sent, and that is a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AnswerVerdict {
    /// What it means for what was sent.
    pub class: AnswerClass,
    /// What to do.
    pub next: NextStep,
    /// In how many seconds the platform wants to be asked again, where it says so.
    pub retry_after_s: Option<u64>,
    /// The places in the request, from 0, of the items that were not taken, where the platform says which; ascending.
    pub failed_items: Vec<u64>,
    /// Those of the failed items that another try can cure, later or when the connection is in order; ascending. They are no
    /// dead letters.
    pub retry_items: Vec<u64>,
    /// How many items were not taken, where the answer tells.
    pub failed_count: Option<u64>,
    /// The platform's own code, where it gave one.
    pub platform_code: Option<String>,
    /// Why something was not delivered; nothing where everything was, or where the platform is not done yet.
    pub failure: Option<DeliveryFailure>,
    /// What the connection's status becomes; nothing where it stays.
    pub connection_status: Option<ConnectionStatus>,
    /// Whether it counts as a failure of the platform, for the circuit breaker. What is our own fault does not.
    pub breaker_failure: bool,
}
