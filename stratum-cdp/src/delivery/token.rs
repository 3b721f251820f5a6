//! Answers to the request for a new access token, the same for every platform that follows OAuth 2.
//!
//! Source: RFC 6749, section 5.2, and section 4.1.2.1 for the two words of a server in trouble.

use serde_json::Value;

use super::answer::AnswerClass;
use super::reading::{Finding, Reading, code_text};

pub(super) fn read(answer: &Reading<'_>) -> Option<Finding> {
    let body = answer.body()?;
    if answer.is_success() && body.get("access_token").is_some_and(Value::is_string) {
        return Some(Finding::new(AnswerClass::Delivered));
    }
    let error = body.get("error")?;
    let class = match error.as_str()? {
        // The refresh token itself is of no use any more: a person has to sign in again.
        "invalid_grant" => AnswerClass::AuthExpired,
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "invalid_request" => AnswerClass::InvalidConfig,
        "server_error" | "temporarily_unavailable" => AnswerClass::Retry,
        _ => return None,
    };
    Some(Finding::new(class).code(code_text(error)))
}
