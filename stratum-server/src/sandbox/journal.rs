//! The file that a sandbox is rebuilt from: one JSON object per line, only ever appended to.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use stratum_autopilot::platform::sandbox::{LedgerEntry, Sandbox, SandboxEntity};

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", content = "record", rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Record {
    /// An entity was set by hand.
    Entity(SandboxEntity),
    /// A change was accepted.
    Accepted(LedgerEntry),
}

/// The open file, locked against a second sandbox.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
}

impl Journal {
    /// Opens the file and replays it. A last line without its end belongs to a call that was never answered and is cut off.
    ///
    /// # Errors
    /// When the file cannot be used, another sandbox has it, or a line of it is damaged.
    pub(super) fn open(path: &Path) -> anyhow::Result<(Self, Sandbox)> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("the ledger {} cannot be opened", path.display()))?;
        if file.try_lock().is_err() {
            bail!("another sandbox uses the ledger {}", path.display());
        }
        let text = fs::read(path).with_context(|| format!("the ledger {} cannot be read", path.display()))?;
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end.saturating_add(1));
        let mut sandbox = Sandbox::new();
        let lines = text.get(..whole).unwrap_or_default().split_inclusive(|&byte| byte == b'\n');
        for (index, line) in lines.enumerate() {
            let record: Record = serde_json::from_slice(line).with_context(|| {
                format!("line {} of the ledger {} is damaged", index.saturating_add(1), path.display())
            })?;
            match record {
                Record::Entity(entity) => sandbox.put(entity),
                Record::Accepted(entry) => sandbox.replay(entry),
            }
        }
        file.set_len(u64::try_from(whole)?)?;
        file.seek(SeekFrom::End(0))?;
        file.sync_all()?;
        // The name of a new file is on disk only once its folder is.
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok((Self { file }, sandbox))
    }

    /// Appends the records; when this gives `Ok` they are on disk.
    pub(super) fn append(&mut self, records: &[Record]) -> std::io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for record in records {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)?;
        self.file.sync_data()
    }
}
