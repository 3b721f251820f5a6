//! The console: the page at `/`, and what it must know before anybody has signed in.
//!
//! The page is built by Vite in `stratum-server/console` (`make console`). Optimised binaries carry its files; the others
//! read them from that folder while they run. Without a built page `/` says how to build it, and all else works.

mod about;
mod files;
mod serve;

pub use about::routes;
pub use serve::fallback;

#[cfg(test)]
mod tests;
