//! Identity: which identifiers belong to one person.
//!
//! [`bulk`] takes columns of links and finds the clusters.

pub mod bulk;
