//! Shapley attribution: what a channel adds, averaged over every order in which channels could have joined (Shapley 1953).
//!
//! A game says what each set of channels is worth by itself. Three are at hand:
//!
//! - **conversions** of journeys whose channels are all in the set. Every journey is a game of its own in which only the whole
//!   set of its channels is worth anything, so each of its channels gets an equal part; the values of the sum are the sums
//!   ([`shapley()`]): exact in linear time for any number of channels, never negative.
//! - **conversion rate** of those journeys; its table has 2ⁿ sets.
//! - any other, as a table ([`shapley_of_table()`]): exact up to 20 players.
//!
//! Beyond 20 players a game that is no sum is sampled ([`sample_shapley()`]): players join in random orders (Castro, Gómez
//! and Tejada 2009), with an empirical Bernstein bound on the error (Maurer and Pontil 2009).

mod paths;
mod request;
mod sampled;
mod table;

pub use paths::{ShapleyAttribution, ShapleyChannel, shapley, shapley_with_intervals};
pub use request::{ShapleyGame, ShapleyRequest, ShapleySampling, ShapleyTable};
pub use sampled::{SampledValue, sample_shapley};
pub use table::{MOST_PLAYERS, shapley_of_table};

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the numbers are small")]
mod tests;
