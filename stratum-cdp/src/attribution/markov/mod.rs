//! Markov attribution: what a channel is worth is what would be lost without it (Anderl, Becker, von Wangenheim and
//! Schumann 2016).
//!
//! Journeys make a chain. Its states are the start, the last `order` channels of a journey, and two ends, conversion and
//! null; a step is as likely as it was often taken, steps to where one is included. The chance of a conversion from the
//! start solves (I − Q)·x = r. Removing a channel leads every step onto it to null instead; the removal effect is the share of
//! the chance that is lost, and weights are the effects, made to sum to 1.
//!
//! **What removal means for order 2 and above.** A state holds the last channels, and the channel of a step is the one that
//! it adds. A step that adds the removed channel goes to null, so every state that holds it is out of reach, whether the channel
//! stands last in it or earlier. Anderl et al. define removal by the channel's states; that all of them become unreachable is
//! the same as removing them all. In every order the effect is therefore the share of conversions whose journey, in the
//! chain, touches the channel at least once, and it is computed as that: chance to get there, times chance to convert from
//! there. Nothing is subtracted, so that small effects keep their digits.

mod chain;
mod elimination;
mod model;
mod request;
mod sweeps;
mod transitions;

pub(super) use model::check_order;
pub use model::{MOST_MARKOV_CHANNELS, MarkovAttribution, MarkovChannel, markov, markov_with_intervals};
pub use request::MarkovRequest;
pub use transitions::TransitionCounts;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the numbers are small")]
mod tests;
