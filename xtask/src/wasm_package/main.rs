//! Builds the npm package for the browser in `bindings/wasm/pkg`: compile, make the glue, optimise, put beside it what
//! people wrote.
//!
//! ```text
//! wasm-package NODE_MODULES     NODE_MODULES holds the npm package binaryen
//! ```

mod optimise;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<()> {
    let modules = std::env::args().nth(1).context("usage: wasm-package NODE_MODULES")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the workspace")?;
    let compiled = compile(root)?;
    let source = root.join("bindings/wasm");
    let package = source.join("pkg");
    // Made beside the package and moved over it at the end: whoever reads the package while it is built again, such as
    // a development server, never sees half of one.
    let fresh = root.join("target/wasm-package");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    make_glue(&compiled, &fresh)?;
    optimise::run(root, Path::new(&modules), &fresh.join("stratum_bg.wasm"))?;
    put_beside(root, &source, &fresh)?;
    publish(&fresh, &package)
}

/// Compiles the crate; paths of this machine do not get into the messages of panics.
fn compile(root: &Path) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = cargo_home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=", root.join("").display())];
    flags.extend(home.map(|home| format!("--remap-path-prefix={}=cargo", home.display())));
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--profile",
            "wasm",
            "--target",
            TARGET,
            "--package",
            "stratum-wasm",
        ])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "))
        .current_dir(root)
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "stratum-wasm did not compile");
    Ok(target.join(TARGET).join("wasm/stratum_wasm.wasm"))
}

/// One glue for the browser, bundlers and Node: the hand-written JavaScript brings the module to it in each of them.
fn make_glue(compiled: &Path, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(compiled)
        .out_name("stratum")
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // After a trap the instance cannot be used any more, and a fresh one is made from the compiled module.
        .reset_state_function(true)
        .generate(folder)
}

/// What people wrote, and the licences.
fn put_beside(root: &Path, source: &Path, folder: &Path) -> Result<()> {
    for subfolder in ["js", "types"] {
        for entry in fs::read_dir(source.join(subfolder))? {
            let file = entry?.path();
            copy(&file, folder)?;
        }
    }
    copy(&source.join("README.md"), folder)?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root.join(licence), folder)?;
    }
    let file = folder.join("package.json");
    let manifest = fs::read_to_string(&file).context("js/package.json is missing")?;
    // As text: the order of the conditions in `exports` means something, and a map would lose it.
    let version = concat!("{\n  \"version\": \"", env!("CARGO_PKG_VERSION"), "\",\n");
    let manifest = manifest.replacen("{\n", version, 1);
    fs::write(&file, manifest).with_context(|| format!("writing {}", file.display()))
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
    fs::copy(file, folder.join(name)).with_context(|| format!("copying {}", file.display()))?;
    Ok(())
}

/// Writes the files that differ and removes those that are gone, so that nothing that watches the package is woken
/// for nothing.
fn publish(fresh: &Path, package: &Path) -> Result<()> {
    fs::create_dir_all(package)?;
    for entry in fs::read_dir(package)? {
        let file = entry?.path();
        if file.is_file() && file.file_name().is_some_and(|name| !fresh.join(name).exists()) {
            fs::remove_file(&file)?;
        }
    }
    for entry in fs::read_dir(fresh)? {
        let file = entry?.path();
        let Some(name) = file.file_name() else { continue };
        if fs::read(package.join(name)).ok() != Some(fs::read(&file)?) {
            copy(&file, package)?;
        }
    }
    Ok(())
}
