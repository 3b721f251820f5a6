//! Delivery: what an ad platform's answer means, and what is done about it.
//!
//! [`classify`] reads an answer by the platform's own code, then by the HTTP status, and says what to do: nothing, send
//! again, send without the bad rows, renew the token, tell a person. An answer that nobody can read is never a delivery.
//!
//! What is done about it are state machines that hold no clock: [`RetryRequest`] (when to send again), [`TokenBucket`] and
//! [`Breaker`] (whether to send at all), [`Halving`] (which row spoils a batch), [`DeadLetter`]. Conversions go out through
//! the port [`ConversionDestination`], with the consent of each person and without asking the health gate.
//!
//! ```
//! use stratum_cdp::delivery::{AnswerClass, NextStep, PlatformAnswer, PlatformCall, classify};
//! use stratum_core::vocabulary::Platform;
//!
//! // Meta says "token expired" with whatever status: its code decides.
//! let answer = PlatformAnswer::new(500).body(br#"{"error": {"code": 190, "message": "..."}}"#);
//! let verdict = classify(Platform::Meta, PlatformCall::Conversions, 1, &answer);
//! assert_eq!((verdict.class, verdict.next), (AnswerClass::AuthExpired, NextStep::RenewToken));
//!
//! // TikTok answers nearly everything with HTTP 200.
//! let answer = PlatformAnswer::new(200).header("Retry-After", "5").body(br#"{"code": 40100, "message": "..."}"#);
//! let verdict = classify(Platform::Tiktok, PlatformCall::Conversions, 1, &answer);
//! assert_eq!((verdict.class, verdict.retry_after_s), (AnswerClass::Throttled, Some(5)));
//! ```

mod answer;
mod breaker;
mod bucket;
mod classify;
#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod dead_letter;
mod destination;
mod google;
mod google_reasons;
mod halving;
mod limit_request;
mod meta;
mod once;
mod reading;
mod request;
mod retry;
mod retry_after;
mod snapchat;
mod status;
mod tiktok;
mod token;

pub use answer::{
    AnswerClass, AnswerVerdict, DeliveryFailure, NetworkError, NextStep, PlatformAnswer, PlatformCall,
};
pub use breaker::{Breaker, BreakerEvent, BreakerPolicy};
pub use bucket::{BucketGrant, BucketPolicy, TokenBucket};
pub use classify::{classify, classify_network_error};
pub use dead_letter::{DeadLetter, DeadLetterEvent, DeadLetterRefusal, DeadLetterStatus};
pub use destination::{ConversionDestination, MemoryConversions};
pub use halving::Halving;
pub use limit_request::{BreakerRequest, BreakerResponse, BucketRequest, BucketResponse};
pub use once::{DeliveryKey, REMEMBERED_FOR_MS, is_remembered};
pub use request::AnswerRequest;
pub use retry::{
    KEPT_FOR_MS, MAX_ATTEMPTS, MAX_RETRY_AFTER_S, MAX_WAIT_S, RetryAdvice, RetryRequest, jittered_wait_ms,
};
pub use status::{ConnectionStatus, ConversionDeliveryStatus};

#[cfg(test)]
mod tests;
