//! How far a sync has come, so that one that broke off sends only what was not acknowledged.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::vocabulary::Platform;

enumeration! {
    /// Where a sync stands.
    pub enum SyncStatus "sync status" {
        /// It has not begun.
        Pending = "PENDING",
        /// Some batches are not settled yet.
        Processing = "PROCESSING",
        /// Every batch was acknowledged.
        Completed = "COMPLETED",
        /// Some batches were acknowledged, others refused.
        Partial = "PARTIAL",
        /// No batch was acknowledged.
        Failed = "FAILED",
    }
}

/// How many members a request to a platform may have.
#[must_use]
pub const fn batch_limit(platform: Platform) -> u64 {
    match platform {
        Platform::Meta | Platform::Google | Platform::Tiktok => 10_000,
        Platform::Snapchat => 100_000,
    }
}

/// One request of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SyncBatch {
    /// Its number, from 0.
    pub number: u64,
    /// Whether its members are added or removed.
    pub operation: SyncOperation,
    /// The place of its first member in the list of adds or removes.
    pub from: u64,
    /// The place after its last member.
    pub to: u64,
}

enumeration! {
    /// What a batch does.
    pub enum SyncOperation "sync operation" {
        /// Its members are added.
        Add = "add",
        /// Its members are removed.
        Remove = "remove",
    }
}

/// The batches of a sync: removals first, because whoever must leave should not wait, then additions; full ones first. The
/// same lists give the same batches, so a number means the same after a restart.
#[must_use]
pub fn batches(adds: u64, removes: u64, limit: u64) -> Vec<SyncBatch> {
    let limit = limit.max(1);
    let parts = |operation, total: u64| {
        (0..total.div_ceil(limit)).map(move |part| {
            let from = part.saturating_mul(limit);
            (operation, from, from.saturating_add(limit).min(total))
        })
    };
    let all = parts(SyncOperation::Remove, removes).chain(parts(SyncOperation::Add, adds));
    (0_u64..)
        .zip(all)
        .map(|(number, (operation, from, to))| SyncBatch { number, operation, from, to })
        .collect()
}

/// Which batches are settled, as it is stored after each of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SyncProgress {
    acknowledged: BTreeSet<u64>,
    refused: BTreeSet<u64>,
}

impl SyncProgress {
    /// The platform took a batch.
    pub fn acknowledge(&mut self, number: u64) {
        self.refused.remove(&number);
        self.acknowledged.insert(number);
    }

    /// The platform refused a batch for good. What was acknowledged before stays so.
    pub fn refuse(&mut self, number: u64) {
        if !self.acknowledged.contains(&number) {
            self.refused.insert(number);
        }
    }

    /// Whether a batch was acknowledged.
    #[must_use]
    pub fn is_acknowledged(&self, number: u64) -> bool {
        self.acknowledged.contains(&number)
    }

    /// The batches that are still to be sent.
    pub fn open<'a>(&'a self, all: &'a [SyncBatch]) -> impl Iterator<Item = &'a SyncBatch> {
        all.iter().filter(|batch| {
            !self.acknowledged.contains(&batch.number) && !self.refused.contains(&batch.number)
        })
    }

    /// Where the sync stands.
    #[must_use]
    pub fn status(&self, all: &[SyncBatch]) -> SyncStatus {
        let open = self.open(all).count();
        match (open, self.acknowledged.is_empty(), self.refused.is_empty()) {
            (0, _, true) => SyncStatus::Completed,
            (0, true, false) => SyncStatus::Failed,
            (0, false, false) => SyncStatus::Partial,
            (_, true, true) => SyncStatus::Pending,
            _ => SyncStatus::Processing,
        }
    }
}
