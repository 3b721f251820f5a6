//! When too many wrong passwords lock an account, and for how long.

use stratum_core::Timestamp;
use stratum_core::time::MINUTE_MS;

/// Failures that lock an account.
const MOST_FAILURES: i32 = 5;
/// The time in which they must happen, and how long the first lock lasts.
const WINDOW_MS: i64 = 15 * MINUTE_MS;
/// The longest lock.
const LONGEST_MS: i64 = 24 * 60 * MINUTE_MS;

/// What an account remembers of failed sign-ins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Failures {
    /// Failures since `first`.
    pub(super) count: i32,
    /// The first failure that counts.
    pub(super) first: Option<Timestamp>,
    /// Locks in a row.
    pub(super) locks: i32,
    /// Until when the account is locked.
    pub(super) locked_until: Option<Timestamp>,
}

impl Failures {
    /// Seconds until the lock ends, rounded up; `None` when there is no lock.
    pub(super) fn locked_for(&self, now: Timestamp) -> Option<u64> {
        let left = self.locked_until?.millis_since(now);
        if left <= 0 { None } else { u64::try_from(left).ok().map(|ms| ms.div_ceil(1000)) }
    }

    /// The state after one more failure: five within 15 minutes lock for 15 minutes, then 30, 60 … 24 hours.
    pub(super) fn one_more(self, now: Timestamp) -> Self {
        let recent = self.first.is_some_and(|first| now.millis_since(first) < WINDOW_MS);
        let count = if recent { self.count.saturating_add(1) } else { 1 };
        let first = if recent { self.first } else { Some(now) };
        if count < MOST_FAILURES {
            return Self { count, first, ..self };
        }
        let doublings = u32::try_from(self.locks.clamp(0, 20)).unwrap_or(0);
        let lock_ms = WINDOW_MS.saturating_mul(1_i64 << doublings).min(LONGEST_MS);
        Self {
            count: 0,
            first: None,
            locks: self.locks.saturating_add(1),
            locked_until: Some(now.plus_millis(lock_ms)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(0).unwrap().plus_minutes(minute)
    }

    fn fail(mut state: Failures, minutes: impl IntoIterator<Item = i64>) -> Failures {
        for minute in minutes {
            state = state.one_more(at(minute));
        }
        state
    }

    #[test]
    fn the_fifth_failure_within_fifteen_minutes_locks_for_fifteen() {
        let four = fail(Failures::default(), [0, 1, 2, 3]);
        assert_eq!(four.locked_for(at(3)), None);
        let five = four.one_more(at(14));
        assert_eq!(five.locked_for(at(14)), Some(15 * 60));
        assert_eq!(five.locked_for(at(29)), None);
    }

    #[test]
    fn failures_further_apart_do_not_lock() {
        assert_eq!(fail(Failures::default(), [0, 15, 30, 45, 60, 75]).locked_until, None);
    }

    #[test]
    fn each_lock_lasts_twice_as_long_up_to_a_day() {
        let mut state = Failures::default();
        let mut start = 0;
        let mut minutes = Vec::new();
        for _ in 0..9 {
            state = fail(state, [start; 5]);
            minutes.push(state.locked_for(at(start)).unwrap() / 60);
            start += 2000;
        }
        assert_eq!(minutes, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
    }
}
