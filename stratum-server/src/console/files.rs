//! The files of the built page: those in the binary, or those of the folder.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

/// By path on the wire; empty in unoptimised binaries.
const EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/console_files.rs"));

/// Where the files are.
#[derive(Debug, Clone)]
pub(super) enum Files {
    /// In the binary.
    Embedded,
    /// Below a folder, read at each request.
    Folder(PathBuf),
}

impl Files {
    /// Those of this binary.
    pub(super) fn of_this_binary() -> Self {
        if cfg!(debug_assertions) {
            Self::Folder(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/console/dist")))
        } else {
            Self::Embedded
        }
    }

    /// The file at a path such as `/assets/index-1f2e3d.js`.
    pub(super) fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        let mut parts = path.strip_prefix('/')?.split('/');
        if parts.any(|part| part.is_empty() || part.starts_with('.') || part.contains('\\')) {
            return None;
        }
        match self {
            Self::Embedded => {
                let position = EMBEDDED.binary_search_by_key(&path, |(name, _)| *name).ok()?;
                EMBEDDED.get(position).map(|(_, bytes)| Cow::Borrowed(*bytes))
            }
            Self::Folder(folder) => fs::read(folder.join(path.trim_start_matches('/'))).ok().map(Cow::Owned),
        }
    }
}
