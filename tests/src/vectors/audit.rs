//! The hashes of an audit chain against hashlib.

use anyhow::Result;
use serde_json::Value;
use stratum_autopilot::audit::StoredRecord;

use super::{Tally, differs, list};

/// Each record has the hash that its content gives after the one before it.
pub(super) fn chain(content: &Value, tally: &mut Tally) -> Result<()> {
    for (position, record) in list::<StoredRecord>(content, "records")?.into_iter().enumerate() {
        let wrong = differs("the hash", &record.computed_hash(), &Some(record.hash));
        tally.count(&format!("record {position}"), wrong);
    }
    Ok(())
}
