//! People whose identity is known: households, what they use to reach a shop, and the events of half a year in order of time.
//!
//! The truth is who acted: each event knows its person. [`Assumptions`] holds every rate, with what it stands on; none was
//! fitted to what a policy makes of the events. [`agreement`] compares the clusters of a policy with the truth, and
//! [`policies`] holds the policies that are compared.

pub mod agreement;
mod assumptions;
mod draws;
mod events;
mod household;
pub mod policies;

pub use assumptions::{Assumptions, Hazard};
pub use events::{Seen, World};
