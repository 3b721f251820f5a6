//! The customer library over columns: what `stratum.cdp` in Python and Node is made of.
//!
//! Each form reads columns, calls the columnar function of its room, and writes columns; nothing is decided here. The
//! row forms call the same functions, so a row of columns is what a single call says.

pub mod attribution;
pub mod audience;
pub mod conversion;
pub mod credit_totals;
mod events;
mod faults;
mod fields;
pub mod funnel;
pub mod lifetime_value;
pub mod links;
pub mod normalize;
pub mod paths;
mod person;
pub mod person_fields;
pub mod prediction;
mod properties;
pub mod resolve;
pub mod rfm;
pub mod rfm_aggregate;
pub mod segment;
mod touches;
pub mod traits;
mod values;
