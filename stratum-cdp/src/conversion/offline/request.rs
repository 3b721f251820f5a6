//! Offline conversions as every language asks for them.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Currency, Digest, Timestamp};

use super::policy::{OfflinePolicy, OfflineSource};
use super::reader::OfflineReader;
use super::row::{OfflineRow, RowStatus};
use crate::identifier::Region;

/// A file of offline conversions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OfflineRequest {
    /// The text of the file; its first line names the columns.
    pub csv: String,
    /// Where it comes from.
    pub source: OfflineSource,
    /// When it is read.
    pub now: Timestamp,
    /// The country of phone numbers without a country code.
    #[serde(default)]
    pub default_region: Option<Region>,
    /// The currency of values without one.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What stands between cells: `,` (where left out), `;` or a tab.
    #[serde(default)]
    pub delimiter: Option<String>,
    /// Orders that came before from the same source.
    #[serde(default)]
    pub known: Vec<KnownOrder>,
}

impl std::fmt::Debug for OfflineRequest {
    /// Without the file: it names people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfflineRequest")
            .field("source", &self.source)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// An order and event that came before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownOrder {
    /// The order's id.
    pub external_ref: String,
    /// What happened.
    pub event_name: String,
}

/// What became of each row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OfflineResponse {
    /// The SHA-256 of the file.
    pub file_hash: Digest,
    /// How many rows it has.
    pub total: u64,
    /// How many are conversions.
    pub accepted: u64,
    /// How many are not.
    pub refused: u64,
    /// How many came before.
    pub duplicates: u64,
    /// The places, from 0, of columns that were not read.
    pub ignored_columns: Vec<u64>,
    /// The rows, in the order of the file.
    pub rows: Vec<OfflineRow>,
}

impl OfflineRequest {
    /// Reads the file.
    ///
    /// # Errors
    /// `missing_column`, `duplicate_column` at `/csv`: the header cannot be used; `invalid_value` for a delimiter that is none.
    pub fn read(&self) -> Result<OfflineResponse, Problems> {
        let mut found = ProblemCollector::new();
        let mut policy = OfflinePolicy::new(self.source, self.now);
        (policy.default_region, policy.currency) = (self.default_region, self.currency);
        match self.delimiter.as_deref() {
            None | Some(",") => {}
            Some(";") => policy.delimiter = b';',
            Some("\t") => policy.delimiter = b'\t',
            Some(_) => {
                let text = "cells are parted by a comma, a semicolon or a tab";
                found
                    .push(Problem::new("/delimiter", "invalid_value", text).help("leave it out for a comma"));
            }
        }
        let mut reader = OfflineReader::new(policy);
        for known in &self.known {
            reader.known(&known.external_ref, &known.event_name);
        }
        let mut rows = Vec::new();
        let read = reader.read(self.csv.as_bytes(), &mut rows);
        let ignored_columns = reader.ignored_columns().to_vec();
        let file_hash = found.take("", read.and_then(|()| reader.finish(&mut rows)));
        let Some(file_hash) = file_hash else {
            return Err(found
                .into_problems()
                .unwrap_or_else(|| Problem::new("/csv", "invalid", "unreadable").into()));
        };
        found.into_result(())?;
        for row in &mut rows {
            if let Some(event) = &mut row.event {
                event.event_id = row_key(&file_hash, row.line);
            }
        }
        let count = |status| {
            u64::try_from(rows.iter().filter(|row| row.status == status).count()).unwrap_or(u64::MAX)
        };
        Ok(OfflineResponse {
            file_hash,
            total: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            accepted: count(RowStatus::Accepted),
            refused: count(RowStatus::Refused),
            duplicates: count(RowStatus::Duplicate),
            ignored_columns,
            rows,
        })
    }
}

/// The key under which a row counts once, however often its file is sent: the file's hash and the line.
#[must_use]
pub fn row_key(file_hash: &Digest, line: u64) -> String {
    format!("{file_hash}:{line}")
}
