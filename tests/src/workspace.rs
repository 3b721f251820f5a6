//! The tree that the tests of the workspace look at.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder that holds the workspace's `Cargo.toml`.
///
/// # Panics
/// Never in this tree: the package stands one folder below the root.
#[must_use]
#[expect(clippy::expect_used, reason = "the tests cannot go on without the tree that they are about")]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands below the root")
}

/// Folders that hold what programs make, not what people write.
const MADE: &[&str] = &[
    "target",
    "node_modules",
    "dist",
    "test-results",
    "__pycache__",
    "corpus",
    "artifacts",
    "bench-input",
    "pkg",
    ".git",
    ".tools",
    ".mypy_cache",
    ".pytest_cache",
];

/// Every file of the tree that ends in one of the extensions, sorted, without what programs make.
///
/// # Errors
/// A folder that cannot be read.
pub fn files(extensions: &[&str]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(root(), extensions, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !MADE.contains(&name) && !name.ends_with(".egg-info") {
                collect(&path, extensions, found)?;
            }
        } else if extensions.iter().any(|extension| name.ends_with(extension)) {
            found.push(path);
        }
    }
    Ok(())
}
