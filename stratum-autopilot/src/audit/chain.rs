//! The chain: each record carries the hash of the one before it.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use stratum_core::id::TenantId;
use stratum_core::{Digest, Problem, canonical};

use super::HASH_DOMAIN;
use super::entry::{AuditEntry, NewAuditEntry};

/// Where a chain ends: the last record's position and hash. Kept outside the database it also shows a truncation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainHead {
    /// Whose chain.
    pub tenant_id: TenantId,
    /// The position of the last record; 0 for an empty chain.
    pub seq: u64,
    /// The hash of the last record; 32 zero bytes for an empty chain.
    pub hash: Digest,
}

impl ChainHead {
    /// The head of a chain without records.
    #[must_use]
    pub const fn genesis(tenant_id: TenantId) -> Self {
        Self { tenant_id, seq: 0, hash: Digest::ZERO }
    }

    /// The next record, and the head after it. Stores nothing: the head holds once the caller has committed the record.
    ///
    /// # Errors
    /// `missing_field` without a resource type; `chain_full` after 2⁵³ − 1 records; `not_serializable` if the entry cannot
    /// be written as canonical JSON.
    pub fn append(self, entry: NewAuditEntry) -> Result<(AuditRecord, Self), Problem> {
        let seq =
            self.seq.checked_add(1).filter(|seq| *seq <= canonical::MAX_SAFE_INTEGER).ok_or_else(|| {
                Problem::new("/seq", "chain_full", "the chain has as many records as it can number")
            })?;
        let entry = entry.at(self.tenant_id, seq);
        if entry.resource_type.is_empty() {
            return Err(Problem::new("/resource_type", "missing_field", "an audit entry is about something")
                .help("name the kind of thing, as action, settings or session"));
        }
        let hash = record_hash(self.hash, &canonical::to_string(&entry)?);
        Ok((AuditRecord { entry, prev_hash: self.hash, hash }, Self { seq, hash, ..self }))
    }
}

/// A record that was just appended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRecord {
    /// What it says.
    pub entry: AuditEntry,
    /// The hash of the record before it; 32 zero bytes for the first.
    pub prev_hash: Digest,
    /// The hash of this record.
    pub hash: Digest,
}

impl AuditRecord {
    /// The record as a store keeps it and [`super::verify`] reads it.
    ///
    /// # Errors
    /// `not_serializable`, which does not happen to a record that [`ChainHead::append`] made.
    pub fn to_stored(&self) -> Result<StoredRecord, Problem> {
        let entry = canonical::value_of(&self.entry)
            .map_err(|error| Problem::new("/entry", "not_serializable", error.to_string()))?;
        Ok(StoredRecord { entry, prev_hash: self.prev_hash, hash: self.hash })
    }
}

/// A record as it stands in a store, its entry unread: what a newer version added is hashed like the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoredRecord {
    /// The entry, as stored.
    pub entry: Value,
    /// The hash of the record before it.
    #[serde(deserialize_with = "lower_case_digest")]
    pub prev_hash: Digest,
    /// The hash of this record.
    #[serde(deserialize_with = "lower_case_digest")]
    pub hash: Digest,
}

impl StoredRecord {
    /// The hash that the entry should have after `prev_hash`; `None` if it holds a number that no chain was given.
    #[must_use]
    pub fn computed_hash(&self) -> Option<Digest> {
        canonical::write(&self.entry).ok().map(|text| record_hash(self.prev_hash, &text))
    }

    /// The entry, read.
    ///
    /// # Errors
    /// `invalid_entry` if it is not an audit entry.
    pub fn read(&self) -> Result<AuditEntry, Problem> {
        AuditEntry::deserialize(&self.entry)
            .map_err(|error| Problem::new("/entry", "invalid_entry", error.to_string()))
    }
}

fn record_hash(prev_hash: Digest, canonical_entry: &str) -> Digest {
    Digest::of_pieces(&[HASH_DOMAIN.as_bytes(), &[0], prev_hash.as_bytes(), canonical_entry.as_bytes()])
}

/// A digest is written in lower case, so an upper-case digit is a changed byte.
fn lower_case_digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(serde::de::Error::custom("a stored digest is written in lower case"));
    }
    text.parse().map_err(serde::de::Error::custom)
}
