//! JSON bodies: read strictly, and every problem told at once, each with its JSON pointer.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ApiError;
use super::problems::read_within;

/// A JSON body that reads as `T`.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(
    /// What was read.
    pub T,
);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        let body = read_body(request, state).await?;
        parse(&body).map(Json)
    }
}

/// 415 for anything but JSON.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(is_json) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "send the body as application/json",
    ))
}

/// Reads a body whole, within the limit of its route.
pub(super) async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            super::limits::too_large()
        } else {
            ApiError::bad_request("the body ended early or came too slowly")
        }
    })
}

/// Parses a body.
///
/// # Errors
/// 400 when it is no JSON, 422 with every problem when it does not read as `T`.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(value) => {
            reader.end().map_err(|error| ApiError::bad_request(format!("the body is no JSON: {error}")))?;
            Ok(value)
        }
        Err(_) => {
            let value: Value = serde_json::from_slice(body)
                .map_err(|error| ApiError::bad_request(format!("the body is no JSON: {error}")))?;
            match read_within(value, body.len()) {
                Ok(value) => Ok(value),
                Err(problems) => Err(ApiError::validation(problems)),
            }
        }
    }
}

fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_no_json_is_a_bad_request() {
        assert_eq!(parse::<u8>(b"{\"name\":").unwrap_err().code(), "BAD_REQUEST");
        assert_eq!(parse::<Value>(b"{} {}").unwrap_err().code(), "BAD_REQUEST");
        assert_eq!(parse::<u8>(b"[]").unwrap_err().code(), "VALIDATION_ERROR");
    }

    #[test]
    fn json_is_known_by_its_media_type() {
        assert!(is_json("application/json; charset=utf-8") && is_json("Application/Problem+JSON"));
        assert!(!is_json("text/json") && !is_json("application/jsonp"));
    }
}
