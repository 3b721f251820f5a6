//! The one clock of the server. The libraries read none: handlers and jobs hand them the time from here.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use stratum_core::{Problem, Timestamp};

use crate::http::ApiError;

/// The system's time, moved on by what a test asked for. Clones move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The present instant.
    ///
    /// # Panics
    /// When the machine's clock says that it is after the year 9999.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        let ms = ms.saturating_add(self.ahead_ms.load(Ordering::Relaxed));
        #[expect(clippy::expect_used, reason = "no server runs after the year 9999")]
        Timestamp::from_millis(ms).expect("the clock is before the year 9999")
    }

    /// Moves this clock and all its clones on, so that a test need not wait.
    pub fn advance_ms(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// An instant as the database gives it.
///
/// # Errors
/// When it lies outside the years 0 to 9999, where nothing is ever stored.
pub fn instant(at: DateTime<Utc>) -> Result<Timestamp, ApiError> {
    Timestamp::try_from(at).map_err(|problem: Problem| ApiError::internal(problem))
}
