//! How large a body may be.

use http::StatusCode;

use super::ApiError;

/// The most bytes of an ordinary body: 1 MiB.
pub const BODY: usize = 1024 * 1024;
/// The most bytes of a batch: 5 MiB.
pub const BATCH: usize = 5 * 1024 * 1024;
/// The most bytes of an upload: 50 MiB.
pub const UPLOAD: usize = 50 * 1024 * 1024;

/// 413.
pub(crate) fn too_large() -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PAYLOAD_TOO_LARGE",
        "the body is larger than this operation takes",
    )
}
