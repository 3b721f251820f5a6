//! How many visits a person made.

use std::collections::BTreeSet;

use stratum_core::Timestamp;

/// After this long without an event a visit is over.
const LONGEST_GAP_MINUTES: i64 = 30;

/// Counts visits: each session id once, and among the events without one each run without a gap of more than 30 minutes.
///
/// The order of the events does not matter.
///
/// ```
/// use stratum_cdp::event::count_sessions;
/// let at = |time: &str| time.parse().unwrap();
/// let visits = count_sessions([
///     (at("2026-03-01T12:00:00Z"), Some("s-1")),
///     (at("2026-03-02T12:00:00Z"), Some("s-1")),
///     (at("2026-03-01T13:00:00Z"), None),
///     (at("2026-03-01T12:30:00Z"), None),
///     (at("2026-03-01T13:30:01Z"), None),
/// ]);
/// assert_eq!(visits, 3);
/// ```
#[must_use]
pub fn count_sessions<'a>(events: impl IntoIterator<Item = (Timestamp, Option<&'a str>)>) -> u64 {
    let mut named = BTreeSet::new();
    let mut unnamed = Vec::new();
    for (time, session) in events {
        match session {
            Some(session) => {
                named.insert(session);
            }
            None => unnamed.push(time),
        }
    }
    unnamed.sort_unstable();
    let runs = unnamed.chunk_by(|earlier, later| *later <= earlier.plus_minutes(LONGEST_GAP_MINUTES)).count();
    u64::try_from(named.len().saturating_add(runs)).unwrap_or(u64::MAX)
}
