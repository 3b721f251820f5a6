//! Texts with a form of their own: read by the same code that reads them for good.

use stratum_core::id::TenantId;
use stratum_core::problem::Problem;
use stratum_core::time::Date;
use stratum_core::{Currency, Digest, Timestamp};

/// What is wrong with a text of this format; `None` if nothing is, or the format is not known.
pub(super) fn problem(format: &str, text: &str) -> Option<Problem> {
    match format {
        "date-time" => text.parse::<Timestamp>().err(),
        "uuid" => text.parse::<TenantId>().err(),
        "date" => text.parse::<Date>().err().map(|_| {
            Problem::new("", "invalid_date", "this is no calendar date").help("write it as 2026-03-01")
        }),
        "iso-4217" => text.parse::<Currency>().err(),
        "sha-256" => text.parse::<Digest>().err(),
        _ => None,
    }
}
