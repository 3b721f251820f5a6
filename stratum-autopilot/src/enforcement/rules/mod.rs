//! The rules, one subject per file. Each looks at the facts it needs and notes every limit that is violated.

mod budget;
mod changes;
mod frequency;
mod performance;
mod spend;

use stratum_core::{Currency, Money};

pub(super) use budget::budget;
pub(super) use changes::change_limits;
pub(super) use frequency::ad_frequency;
pub(super) use performance::{pause_required, roas};
pub(super) use spend::daily_spend;

/// An amount as people read it: in major units with its currency.
fn shown(cents: i64, currency: Currency) -> String {
    Money::new(cents, currency).map_or_else(|_| format!("{cents} minor units"), |money| money.to_string())
}
