//! Delivery: what an ad platform's answer means, and what is done about it.
//!
//! [`classify`] reads an answer by the platform's own code, then by the HTTP status, and says what to do: nothing, send
//! again, send without the bad rows, renew the token, tell a person. An answer that nobody can read is never a delivery.
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
mod classify;
mod google;
mod google_reasons;
mod meta;
mod reading;
mod request;
mod retry_after;
mod snapchat;
mod status;
mod tiktok;
mod token;

pub use answer::{
    AnswerClass, AnswerVerdict, DeliveryFailure, NetworkError, NextStep, PlatformAnswer, PlatformCall,
};
pub use classify::{classify, classify_network_error};
pub use request::AnswerRequest;
pub use status::ConnectionStatus;
