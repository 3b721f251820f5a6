//! The demo tenant: four platforms, ninety days, and something wrong with one of them.
//!
//! Everything is generated, and from the instant at which the tenant was made: the same instant gives the same figures.
//! `story` says what happens to each platform; `metrics` (daily figures), `history` (the health of the past, evaluated by
//! the library at each instant), `feed` (the signals of the present) and `actions` all tell that one story. `accounts` are
//! the people, `mirror` shows the campaigns to the sandbox platform, `screen` is what the terminal shows.

mod accounts;
mod actions;
mod create;
mod feed;
mod history;
mod metrics;
mod mirror;
mod noise;
mod screen;
mod story;

pub use accounts::{PASSWORD, PEOPLE, Person};
pub use create::{Demo, ensure};
pub use feed::keep_fresh;
pub use mirror::mirror;
pub use screen::screen;

#[cfg(test)]
mod tests;
