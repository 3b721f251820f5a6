//! From an answer to its meaning: the platform's own code first, then the HTTP status.

use stratum_core::vocabulary::Platform;

use super::answer::{
    AnswerClass, AnswerVerdict, DeliveryFailure, NetworkError, NextStep, PlatformAnswer, PlatformCall,
};
use super::reading::{Finding, Reading};
use super::{ConnectionStatus, google, meta, retry_after, snapchat, tiktok, token};

/// What an answer means for a request of `items` events or members.
///
/// An answer that nobody can read is never a delivery: below 400 and from 500 on it is tried again, in between it is final.
#[must_use]
pub fn classify(
    platform: Platform,
    call: PlatformCall,
    items: u64,
    answer: &PlatformAnswer,
) -> AnswerVerdict {
    let reading = Reading::new(call, items, answer);
    let of_token = (call == PlatformCall::Token).then(|| token::read(&reading)).flatten();
    let found = of_token.or_else(|| match platform {
        Platform::Meta => meta::read(&reading),
        Platform::Google => google::read(&reading),
        Platform::Tiktok => tiktok::read(&reading),
        Platform::Snapchat => snapchat::read(&reading),
    });
    let found = found.unwrap_or_else(|| Finding::new(of_http_status(answer.status)));
    let mut verdict = conclude(items, found);
    if matches!(verdict.class, AnswerClass::Retry | AnswerClass::Throttled) {
        verdict.retry_after_s = retry_after::seconds(platform, &reading);
    }
    verdict
}

/// What it means that no answer came. Whether the platform took anything is not known: what is sent again carries the same
/// event id, so that it counts once.
#[must_use]
pub fn classify_network_error(error: NetworkError) -> AnswerVerdict {
    let failure = match error {
        NetworkError::Timeout => DeliveryFailure::Timeout,
        NetworkError::Connection | NetworkError::Dns | NetworkError::Tls => DeliveryFailure::NetworkError,
    };
    AnswerVerdict { failure: Some(failure), ..conclude(1, Finding::new(AnswerClass::Retry)) }
}

/// The status, where the platform has no code of its own in it (RFC 9110, section 15).
const fn of_http_status(status: u16) -> AnswerClass {
    match status {
        401 => AnswerClass::AuthExpired,
        403 => AnswerClass::InvalidConfig,
        408 | 425 => AnswerClass::Retry,
        // Too large: two halves may pass.
        413 => AnswerClass::InvalidEvent,
        429 => AnswerClass::Throttled,
        400..=499 => AnswerClass::Permanent,
        _ => AnswerClass::Retry,
    }
}

fn conclude(items: u64, found: Finding) -> AnswerVerdict {
    let Finding { class, code, mut failed, mut again, failed_count, beside, next } = found;
    failed.retain(|place| *place < items);
    failed.sort_unstable();
    failed.dedup();
    again.retain(|place| failed.binary_search(place).is_ok());
    let named = u64::try_from(failed.len()).unwrap_or(u64::MAX);
    let next = next.unwrap_or(match class {
        AnswerClass::Delivered => NextStep::Done,
        AnswerClass::Partial if named > 0 => NextStep::SetFailedAside,
        AnswerClass::Partial => NextStep::CountFailed,
        AnswerClass::Retry | AnswerClass::Throttled => NextStep::Retry,
        AnswerClass::AuthExpired => NextStep::RenewToken,
        AnswerClass::InvalidConfig => NextStep::FixConfig,
        AnswerClass::InvalidEvent if items > 1 && named > 0 && named < items => NextStep::ResendOthers,
        AnswerClass::InvalidEvent if items > 1 && named == 0 => NextStep::Halve,
        AnswerClass::InvalidEvent | AnswerClass::Permanent => NextStep::DeadLetter,
    });
    let waits = next == NextStep::AskAgain;
    AnswerVerdict {
        class,
        next,
        retry_after_s: None,
        failed_count: failed_count.filter(|count| *count > 0).or((named > 0).then_some(named)),
        failed_items: failed,
        retry_items: again,
        platform_code: code,
        failure: failure(class).filter(|_| !waits),
        connection_status: match beside.unwrap_or(class) {
            AnswerClass::AuthExpired => Some(ConnectionStatus::Expired),
            AnswerClass::InvalidConfig => Some(ConnectionStatus::Error),
            _ => None,
        },
        breaker_failure: !waits && matches!(class, AnswerClass::Retry | AnswerClass::Throttled),
    }
}

const fn failure(class: AnswerClass) -> Option<DeliveryFailure> {
    match class {
        AnswerClass::Delivered => None,
        AnswerClass::Partial | AnswerClass::InvalidEvent => Some(DeliveryFailure::ValidationError),
        AnswerClass::Retry => Some(DeliveryFailure::PlatformError),
        AnswerClass::Throttled => Some(DeliveryFailure::RateLimited),
        AnswerClass::AuthExpired => Some(DeliveryFailure::AuthError),
        AnswerClass::InvalidConfig => Some(DeliveryFailure::ConfigError),
        AnswerClass::Permanent => Some(DeliveryFailure::Unknown),
    }
}
