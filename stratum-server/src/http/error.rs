//! The one error of the API: a status, a stable code, a sentence, and every problem of the input.

use std::fmt;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use stratum_core::{Problem, Problems};
use utoipa::ToSchema;

use crate::db;

/// One problem of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Detail {
    /// Where: a JSON pointer into the body (`/events/3/event_time`), or `?name` for a query parameter.
    pub path: String,
    /// What kind of problem, for programs.
    pub code: String,
    /// What was wrong, for people.
    pub message: String,
    /// What to write instead, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl From<&Problem> for Detail {
    /// The libraries name their codes in lower case, the contract of the API in capitals.
    fn from(problem: &Problem) -> Self {
        Self {
            path: problem.path.clone(),
            code: problem.code.to_ascii_uppercase(),
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }
}

/// An answer other than success.
pub struct ApiError(Box<Inner>);

struct Inner {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Detail>,
    headers: Vec<(HeaderName, HeaderValue)>,
    extra: Option<serde_json::Map<String, serde_json::Value>>,
    /// What really happened; logged, never sent.
    cause: Option<Cause>,
}

enum Cause {
    Database(sqlx::Error),
    Other(String),
}

impl ApiError {
    /// An error with a code of the contract.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            headers: Vec::new(),
            extra: None,
            cause: None,
        }))
    }

    /// 400: the request cannot be read.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// 401: no credential, or none that counts.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
    }

    /// 403 with one of the codes of a refusal.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404: there is no such thing, or it is another tenant's.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", format!("there is no such {what}"))
    }

    /// 409 with one of the codes of a conflict.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 409: the state machine has no such transition.
    pub fn invalid_transition(from: impl fmt::Display, to: impl fmt::Display) -> Self {
        Self::conflict("INVALID_TRANSITION", "this transition is not allowed").detail(
            "",
            "INVALID_TRANSITION",
            format!("{from} -> {to}"),
        )
    }

    /// 422 with every problem that was found.
    pub fn validation(problems: Problems) -> Self {
        let mut error =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_ERROR", "the input is not valid");
        error.0.details = problems.iter().map(Detail::from).collect();
        error
    }

    /// 503: the same request may succeed a moment later.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message).header(header::RETRY_AFTER, 1)
    }

    /// 500: our fault. The cause is logged with the request's id and not sent.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL_ERROR",
            "something went wrong on our side; the request id names it in the log",
        );
        error.0.cause = Some(Cause::Other(cause.to_string()));
        error
    }

    /// Adds one problem to the details.
    #[must_use]
    pub fn detail(
        mut self,
        path: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        self.0.details.push(Detail {
            path: path.into(),
            code: code.into(),
            message: message.into(),
            help: None,
        });
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// Adds a member beside `code` and `message`, where the contract names one (such as a confirmation token).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0.extra.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The code of the answer.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The sentence of the answer.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The problems of the input.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    /// The database's error behind this one.
    #[must_use]
    pub fn database_error(&self) -> Option<&sqlx::Error> {
        match &self.0.cause {
            Some(Cause::Database(error)) => Some(error),
            _ => None,
        }
    }

    /// The body as it goes over the wire.
    #[must_use]
    pub fn to_body(&self) -> serde_json::Value {
        let mut body = serde_json::json!({
            "code": self.0.code,
            "message": self.0.message,
            "details": self.0.details,
        });
        if let (Some(object), Some(extra)) = (body.as_object_mut(), &self.0.extra) {
            object.extend(extra.clone());
        }
        serde_json::json!({ "error": body })
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status.as_u16(), self.0.code, self.0.message)?;
        match &self.0.cause {
            Some(Cause::Database(error)) => write!(f, " ({error})"),
            Some(Cause::Other(cause)) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ApiError {}

impl From<Problems> for ApiError {
    fn from(problems: Problems) -> Self {
        Self::validation(problems)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::validation(problem.into())
    }
}

impl From<sqlx::Error> for ApiError {
    /// A missing row is 404; what may pass by itself is 503; anything else is our fault. A room that expects a
    /// constraint to be violated looks at [`db::constraint_of`] first.
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::RowNotFound) {
            return Self::not_found("object");
        }
        let mut answer = if db::is_transient(&error) {
            Self::unavailable("the database is busy or restarting; try again")
        } else {
            Self::internal("")
        };
        answer.0.cause = Some(Cause::Database(error));
        answer
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.0.cause {
            // The database's text may quote a row; its code and constraint do not.
            let cause = match cause {
                Cause::Database(sqlx::Error::Database(error)) => format!(
                    "database error {} on {}: {}",
                    error.code().unwrap_or_default(),
                    error.constraint().or_else(|| error.table()).unwrap_or("-"),
                    error.message()
                ),
                Cause::Database(error) => error.to_string(),
                Cause::Other(cause) => cause.clone(),
            };
            tracing::error!(event_type = "request_failed", code = self.0.code, "{cause}");
        }
        let mut response = (self.0.status, Json(self.to_body())).into_response();
        for (name, value) in self.0.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
