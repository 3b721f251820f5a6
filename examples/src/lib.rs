//! Programs that use the libraries as a user would: see `src/bin`.

/// What the README shows in Rust, compiled and run as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
