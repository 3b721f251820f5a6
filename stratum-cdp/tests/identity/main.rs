//! Identity resolution: the preset `strict`, acts of operators, what always holds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may panic: that is how they fail"
)]

mod acts;
mod consents;
mod history;
mod hostile;
mod policy;
mod properties;
mod stored;
mod strict;
mod visits;
