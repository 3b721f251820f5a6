//! `wasm-opt` of the npm package binaryen. It takes ten seconds, so what it made is kept under the hash of what it was
//! given.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// The features are read from the module itself; `-all` would let in what a browser may not know.
const OPTIONS: &[&str] = &["-O3", "--strip-producers", "--strip-target-features"];

/// Makes the module smaller, in place.
pub(crate) fn run(root: &Path, modules: &Path, module: &Path) -> Result<()> {
    let tool = root.join(modules).join("binaryen");
    let manifest = fs::read(tool.join("package.json"))
        .with_context(|| format!("binaryen is not in {}", modules.display()))?;
    let mut hash = Sha256::new();
    for part in [&fs::read(module)?, &manifest, OPTIONS.join(" ").as_bytes()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let name: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let cache = root.join(".tools/wasm-opt-cache");
    let kept = cache.join(format!("{name}.wasm"));
    if !kept.exists() {
        fs::create_dir_all(&cache)?;
        let made = cache.join(format!("{name}.{}.part", std::process::id()));
        let status = Command::new("node")
            .arg(tool.join("bin/wasm-opt"))
            .arg(module)
            .args(OPTIONS)
            .arg("-o")
            .arg(&made)
            .status()
            .context("starting node")?;
        ensure!(status.success(), "wasm-opt did not optimise the module");
        fs::rename(&made, &kept)?;
    }
    fs::copy(&kept, module).with_context(|| format!("reading {}", kept.display()))?;
    Ok(())
}
