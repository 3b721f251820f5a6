//! When a sync runs next.

use stratum_core::Timestamp;
use stratum_core::problem::Problem;
use stratum_core::time::{HOUR_MS, MINUTE_MS};

/// A sync that the gate holds asks again after this long.
pub const HOLD_RETRY_MS: i64 = 15 * MINUTE_MS;

/// How often an audience is synced: every 1 to 168 whole hours, from start to start; 24 unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncInterval(i64);

impl Default for SyncInterval {
    fn default() -> Self {
        Self(24)
    }
}

impl SyncInterval {
    /// An interval of so many hours.
    ///
    /// # Errors
    /// `out_of_range` for anything but 1 to 168.
    pub fn hours(hours: i64) -> Result<Self, Problem> {
        if (1..=168).contains(&hours) {
            return Ok(Self(hours));
        }
        let text = format!("a sync runs every 1 to 168 hours, not every {hours}");
        Err(Problem::new("", "out_of_range", text).help("write 24 for once a day"))
    }

    /// When the next run begins: an interval after the start of the last one. After `failures` runs in a row that failed it is
    /// 1, 2, 4… hours, and never longer than the interval. What lies in the past is due.
    #[must_use]
    pub fn next_run(self, last_started_at: Timestamp, failures: u32) -> Timestamp {
        let hours = match failures.checked_sub(1) {
            None => self.0,
            Some(doublings) => {
                1_i64.checked_shl(doublings).filter(|hours| *hours > 0).unwrap_or(i64::MAX).min(self.0)
            }
        };
        last_started_at.plus_millis(hours.saturating_mul(HOUR_MS))
    }

    /// When a scheduled run that the gate holds asks again: every quarter of an hour until its next slot.
    #[must_use]
    pub fn hold_retry(self, slot_at: Timestamp, now: Timestamp) -> Timestamp {
        now.plus_millis(HOLD_RETRY_MS).min(self.next_run(slot_at, 0).max(now))
    }
}
