//! How long events are kept: thirteen calendar months, by the time of the event.

use chrono::Months;
use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::{Date, Timestamp};

use crate::event::oldest_kept;

/// Which monthly partitions of events there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RetentionRequest {
    /// The instant of the question.
    pub now: Timestamp,
    /// The months that there are partitions of, as `YYYY-MM`, in any order.
    #[serde(default)]
    pub partitions: Vec<String>,
    /// For how many days back the tenant's tier shows reports; no limit of its own if left out. It never makes events
    /// live longer.
    #[serde(default)]
    pub report_days: Option<u32>,
}

/// What is too old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RetentionPlan {
    /// Events before this instant are not kept and not accepted.
    pub events_from: Timestamp,
    /// The partitions that hold nothing but such events, the oldest first: they are dropped.
    pub drop: Vec<String>,
    /// Reports begin here.
    pub reports_from: Timestamp,
}

/// Says which partitions are dropped.
///
/// # Errors
/// `invalid_format` for each month that is none.
pub fn plan_retention(request: &RetentionRequest) -> Result<RetentionPlan, Problems> {
    let events_from = oldest_kept(request.now).unwrap_or(request.now);
    let mut found = ProblemCollector::new();
    let mut drop = Vec::new();
    for (position, month) in request.partitions.iter().enumerate() {
        match month_end(month) {
            Some(end) if end <= events_from.utc_date() => drop.push(month.clone()),
            Some(_) => {}
            None => found.push(
                Problem::new(format!("/partitions/{position}"), "invalid_format", "this is no month")
                    .help("write it as 2026-03"),
            ),
        }
    }
    drop.sort_unstable();
    drop.dedup();
    let shown = request.report_days.map(|days| request.now.plus_hours(i64::from(days).saturating_mul(-24)));
    found.into_result(RetentionPlan {
        events_from,
        drop,
        reports_from: shown.map_or(events_from, |from| from.max(events_from)),
    })
}

/// The first day after a month written as `YYYY-MM`.
fn month_end(month: &str) -> Option<Date> {
    let (year, number) = month.split_once('-')?;
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || !digits(number, 2) {
        return None;
    }
    Date::from_ymd_opt(year.parse().ok()?, number.parse().ok()?, 1)?.checked_add_months(Months::new(1))
}
