//! Finding the first broken link.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};
use stratum_core::{Digest, enumeration};

use super::chain::{ChainHead, StoredRecord};

enumeration! {
    /// What is wrong with a link of the chain.
    pub enum BrokenLinkCause "broken link" {
        /// The record does not have the hash that its content gives: it was changed.
        Hash = "HASH",
        /// The record does not follow the one before it, or belongs to another tenant: one of them was replaced.
        Link = "LINK",
        /// The record at this position is missing, doubled or out of order.
        Gap = "GAP",
    }
}

/// The first position at which a chain is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("the audit chain is broken at {seq} ({cause})")]
pub struct BrokenLink {
    /// The position that was expected there.
    pub seq: u64,
    /// What is wrong with it.
    pub cause: BrokenLinkCause,
}

/// Checks records one by one, in order, keeping only the head: a chain of any length needs the memory of one record.
#[derive(Debug, Clone, Copy)]
pub struct Verifier {
    head: ChainHead,
    checked: u64,
    known: Option<ChainHead>,
}

impl Verifier {
    /// Begins after `from`: [`ChainHead::genesis`] for a whole chain, an archived head for the part after it.
    #[must_use]
    pub const fn new(from: ChainHead) -> Self {
        Self { head: from, checked: 0, known: None }
    }

    /// Asks that the chain goes through a head that was kept elsewhere, so that a truncation or a rewrite up to there shows.
    #[must_use]
    pub const fn expecting(mut self, known: ChainHead) -> Self {
        self.known = Some(known);
        self
    }

    /// Checks the next record.
    ///
    /// # Errors
    /// Where the chain is broken and why. The verifier then stays at the last good record.
    pub fn check(&mut self, record: &StoredRecord) -> Result<(), BrokenLink> {
        self.compare_with_known()?;
        let seq = self.head.seq.saturating_add(1);
        let broken = |cause| Err(BrokenLink { seq, cause });
        if record.computed_hash() != Some(record.hash) {
            return broken(BrokenLinkCause::Hash);
        }
        if record.entry.get("seq").and_then(serde_json::Value::as_u64) != Some(seq) {
            return broken(BrokenLinkCause::Gap);
        }
        let tenant = record.entry.get("tenant_id").and_then(serde_json::Value::as_str);
        // The first record of every chain follows the same zero bytes, so the tenant is compared, too.
        if record.prev_hash != self.head.hash || tenant != Some(self.head.tenant_id.to_string().as_str()) {
            return broken(BrokenLinkCause::Link);
        }
        if self.known.is_some_and(|known| known.seq == seq && known.hash != record.hash) {
            return broken(BrokenLinkCause::Link);
        }
        self.head = ChainHead { seq, hash: record.hash, ..self.head };
        self.checked = self.checked.saturating_add(1);
        Ok(())
    }

    /// The last good record so far.
    #[must_use]
    pub const fn head(&self) -> ChainHead {
        self.head
    }

    /// How many records were found good.
    #[must_use]
    pub const fn checked(&self) -> u64 {
        self.checked
    }

    /// Ends the check.
    ///
    /// # Errors
    /// `GAP` if the chain ends before the head that was expected; `LINK` if that head belongs to another chain.
    pub fn finish(self) -> Result<ChainHead, BrokenLink> {
        self.compare_with_known()?;
        match self.known {
            Some(known) if known.seq > self.head.seq => {
                Err(BrokenLink { seq: self.head.seq.saturating_add(1), cause: BrokenLinkCause::Gap })
            }
            _ => Ok(self.head),
        }
    }

    /// Whether the head reached so far contradicts the one that was kept elsewhere.
    fn compare_with_known(&self) -> Result<(), BrokenLink> {
        match self.known {
            Some(known)
                if known.tenant_id != self.head.tenant_id
                    || (known.seq == self.head.seq && known.hash != self.head.hash) =>
            {
                Err(BrokenLink { seq: known.seq, cause: BrokenLinkCause::Link })
            }
            _ => Ok(()),
        }
    }
}

/// Checks records after `from` and gives the head they lead to.
///
/// # Errors
/// The first broken link.
pub fn verify<R: Borrow<StoredRecord>>(
    from: ChainHead,
    records: impl IntoIterator<Item = R>,
) -> Result<ChainHead, BrokenLink> {
    let mut verifier = Verifier::new(from);
    for record in records {
        verifier.check(record.borrow())?;
    }
    verifier.finish()
}

/// The outcome of a verification as the API shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification {
    /// Whether every record is what was written.
    pub ok: bool,
    /// How many records were found good.
    pub checked: u64,
    /// The position of the last good record.
    pub head_seq: u64,
    /// Its hash.
    pub head_hash: Digest,
    /// The first position that is not what was written.
    pub first_bad_seq: Option<u64>,
    /// What is wrong with it.
    pub cause: Option<BrokenLinkCause>,
}

impl Verification {
    /// Checks records after `from`, and that they lead to `known` where a head was kept elsewhere.
    #[must_use]
    pub fn of<R: Borrow<StoredRecord>>(
        from: ChainHead,
        known: Option<ChainHead>,
        records: impl IntoIterator<Item = R>,
    ) -> Self {
        let mut verifier = Verifier { known, ..Verifier::new(from) };
        let broken = records.into_iter().find_map(|record| verifier.check(record.borrow()).err());
        Self::new(verifier, broken)
    }

    /// Sums up a verifier that has seen every record, or stopped at a broken link.
    #[must_use]
    pub fn new(verifier: Verifier, broken: Option<BrokenLink>) -> Self {
        let broken = broken.or_else(|| verifier.finish().err());
        Self {
            ok: broken.is_none(),
            checked: verifier.checked,
            head_seq: verifier.head.seq,
            head_hash: verifier.head.hash,
            first_bad_seq: broken.map(|link| link.seq),
            cause: broken.map(|link| link.cause),
        }
    }
}
