//! Data quality: how many of the records of the last 24 hours are valid, complete and unique.

use super::limits;
use crate::health::RecordTotals;
use crate::math::finite;
use crate::problem::ProblemCollector;

/// What each share counts, in per cent: valid, complete, not a duplicate.
const VALID: f64 = 50.0;
const COMPLETE: f64 = 30.0;
const UNIQUE: f64 = 20.0;

/// 0 to 100; missing when there was no record.
#[must_use]
pub fn data_quality(records: &RecordTotals) -> Option<f64> {
    let total = finite(records.total).filter(|&total| total > 0.0)?;
    let unique = total - finite(records.duplicate)?;
    Some((VALID * finite(records.valid)? + COMPLETE * finite(records.complete)? + UNIQUE * unique) / total)
}

pub(super) fn check(records: &RecordTotals, found: &mut ProblemCollector) {
    limits::count("/data_quality/total", records.total, found);
    for (path, value) in [
        ("/data_quality/valid", records.valid),
        ("/data_quality/complete", records.complete),
        ("/data_quality/duplicate", records.duplicate),
    ] {
        limits::part(path, value, records.total, "records", found);
    }
}
