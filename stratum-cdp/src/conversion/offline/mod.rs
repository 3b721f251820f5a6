//! Offline conversions: from a file of orders and leads to conversions, row by row.
//!
//! Each row is accepted, refused with everything that is wrong, or a duplicate of an order and event that came before. A file
//! is read in chunks ([`OfflineReader`]), so it may be larger than memory; sent twice it counts once, because a row's key is
//! the hash of the file and the line.
//!
//! ```
//! use stratum_cdp::conversion::offline::{OfflinePolicy, OfflineReader, OfflineSource, RowCode};
//!
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let mut reader = OfflineReader::new(OfflinePolicy::new(OfflineSource::Pos, now));
//! let mut rows = Vec::new();
//! reader.read(b"Order ID,Conversion Time,Value,Currency,E-mail\nA-1,2026-03-01 10:00:00+02:00,12.", &mut rows).unwrap();
//! reader.read(b"50,EUR,ada@example.com\nA-2,2026-03-01 10:00:00,3,EUR,\n", &mut rows).unwrap();
//! reader.finish(&mut rows).unwrap();
//!
//! assert_eq!(rows[0].value_cents, Some(12_50));
//! let wrong: Vec<_> = rows[1].problems.iter().map(|problem| problem.code).collect();
//! assert_eq!((rows[1].line, wrong), (3, vec![RowCode::TimeWithoutZone, RowCode::NoIdentifiers]));
//! ```

mod columns;
mod policy;
mod reader;
mod request;
mod row;

pub use columns::OfflineColumn;
pub use policy::{OfflinePolicy, OfflineSource};
pub use reader::OfflineReader;
pub use request::{KnownOrder, OfflineRequest, OfflineResponse, row_key};
pub use row::{OfflineRow, RowCode, RowProblem, RowStatus};

#[cfg(test)]
mod tests;
