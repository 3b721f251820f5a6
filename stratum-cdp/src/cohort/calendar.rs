//! Periods of the calendar, in UTC.

use chrono::Datelike;
use stratum_core::enumeration;
use stratum_core::time::{DAY_MS, Date, Timestamp};

enumeration! {
    /// How long a period of a cohort is.
    pub enum CohortPeriod "cohort period" {
        /// A calendar day.
        Day = "day",
        /// An ISO week, from Monday.
        Week = "week",
        /// A calendar month.
        Month = "month",
    }
}

/// Days from 1970-01-01 to the Monday after it.
const FIRST_MONDAY: i64 = 4;
/// Days from 0001-01-01, as chrono counts them, to 1970-01-01.
const EPOCH_FROM_CE: i64 = 719_163;

impl CohortPeriod {
    /// The number of the period in which an instant lies; one more for the next.
    #[must_use]
    pub fn number(self, at: Timestamp) -> i64 {
        let days = at.millis().div_euclid(DAY_MS);
        match self {
            Self::Day => days,
            Self::Week => days.saturating_sub(FIRST_MONDAY).div_euclid(7),
            Self::Month => {
                let date = at.utc_date();
                i64::from(date.year()).saturating_mul(12).saturating_add(i64::from(date.month0()))
            }
        }
    }

    /// The first day of a period; `None` beyond the calendar.
    #[must_use]
    pub fn first_day(self, number: i64) -> Option<Date> {
        match self {
            Self::Day => day(number),
            Self::Week => day(number.checked_mul(7)?.checked_add(FIRST_MONDAY)?),
            Self::Month => {
                let month = u32::try_from(number.rem_euclid(12)).ok()?.checked_add(1)?;
                Date::from_ymd_opt(i32::try_from(number.div_euclid(12)).ok()?, month, 1)
            }
        }
    }
}

fn day(days: i64) -> Option<Date> {
    Date::from_num_days_from_ce_opt(i32::try_from(days.checked_add(EPOCH_FROM_CE)?).ok()?)
}
