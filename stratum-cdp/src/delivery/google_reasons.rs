//! What Google's words for what was wrong mean. They grow: a word that nobody here knows is judged by where it stands.

use super::answer::AnswerClass;

/// A field of a request to the Data Manager API, and what was wrong with it (ErrorReason).
pub(super) fn violation(field: &str, reason: &str) -> Option<AnswerClass> {
    match reason {
        "INTERNAL_ERROR" | "DEADLINE_EXCEEDED" => Some(AnswerClass::Retry),
        "RESOURCE_EXHAUSTED" => Some(AnswerClass::Throttled),
        // The place is that of an event or a member, and yet the settings are wrong.
        "INVALID_DESTINATION"
        | "INVALID_USER_LIST_ID"
        | "INVALID_USER_LIST_TYPE"
        | "INVALID_CONVERSION_ACTION_ID"
        | "INVALID_CONVERSION_ACTION_TYPE"
        | "TERMS_AND_CONDITIONS_NOT_SIGNED"
        | "DATA_PARTNER_USER_LIST_MUTATE_NOT_ALLOWED"
        | "DIFFERENT_LOGIN_ACCOUNTS_NOT_ALLOWED_FOR_DATA_PARTNER"
        | "DUPLICATE_DESTINATION_REFERENCE"
        | "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS"
        | "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS"
        | "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED"
        | "TOO_MANY_DESTINATIONS"
        | "NOT_FOUND"
        | "PERMISSION_DENIED" => Some(AnswerClass::InvalidConfig),
        _ if field.starts_with("destinations") || field.starts_with("encryption") => {
            Some(AnswerClass::InvalidConfig)
        }
        _ if field.is_empty() && reason.is_empty() => None,
        _ => Some(AnswerClass::InvalidEvent),
    }
}

/// Why an event was not processed (ProcessingErrorReason). Google's own fault is the only one that another try can cure.
pub(super) fn processing_error(reason: &str) -> AnswerClass {
    match reason.strip_prefix("PROCESSING_ERROR_REASON_").unwrap_or(reason) {
        "INTERNAL_ERROR" => AnswerClass::Retry,
        // It is there already.
        "DUPLICATE_GCLID" | "DUPLICATE_TRANSACTION_ID" => AnswerClass::Delivered,
        "CUSTOM_VARIABLE_NOT_ENABLED"
        | "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED"
        | "INVALID_MERCHANT_ID"
        | "INVALID_KEK"
        | "INVALID_WIP"
        | "KEK_PERMISSION_DENIED"
        | "WIP_AUTH_FAILED"
        | "NO_CONSENT" => AnswerClass::InvalidConfig,
        _ => AnswerClass::InvalidEvent,
    }
}

/// An error of the Google Ads API: the enumeration that it is of, and its value.
pub(super) fn ads_error(kind: &str, reason: &str) -> Option<AnswerClass> {
    match kind {
        "authenticationError" => Some(match reason {
            "OAUTH_TOKEN_EXPIRED"
            | "OAUTH_TOKEN_INVALID"
            | "OAUTH_TOKEN_REVOKED"
            | "GOOGLE_ACCOUNT_COOKIE_INVALID"
            | "GOOGLE_ACCOUNT_AUTHENTICATION_FAILED" => AnswerClass::AuthExpired,
            _ => AnswerClass::InvalidConfig,
        }),
        "authorizationError" => Some(AnswerClass::InvalidConfig),
        "quotaError" => Some(AnswerClass::Throttled),
        "internalError" => Some(AnswerClass::Retry),
        "databaseError" if reason == "CONCURRENT_MODIFICATION" => Some(AnswerClass::Retry),
        "conversionUploadError" => Some(match reason {
            "CLICK_CONVERSION_ALREADY_EXISTS" | "ORDER_ID_ALREADY_IN_USE" => AnswerClass::Delivered,
            // The click is not known yet; some hours later it is.
            "TOO_RECENT_EVENT" | "TOO_RECENT_CONVERSION_ACTION" => AnswerClass::Retry,
            "INVALID_CONVERSION_ACTION"
            | "INVALID_CONVERSION_ACTION_TYPE"
            | "CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME"
            | "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"
            | "CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS" => AnswerClass::InvalidConfig,
            _ => AnswerClass::InvalidEvent,
        }),
        _ => None,
    }
}
