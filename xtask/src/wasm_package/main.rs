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
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<()> {
    let modules = std::env::args().nth(1).context("usage: wasm-package NODE_MODULES")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the workspace")?;
    let source = root.join("bindings/wasm");
    let package = source.join("pkg");
    // Made beside the package and moved over it at the end: whoever reads the package while it is built again, such as
    // a development server, never sees half of one.
    let fresh = root.join("target/wasm-package");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let full = fresh.join("full");
    fs::create_dir_all(&full)?;
    for (module, folder) in [(&DECIDE, &fresh), (&FULL, &full)] {
        make_glue(&compile(root, module)?, folder)?;
        put_beside(&source, folder)?;
    }
    let optimise = |folder: &Path| optimise::run(root, Path::new(&modules), &folder.join("stratum_bg.wasm"));
    thread::scope(|scope| {
        let other = scope.spawn(|| optimise(&full));
        optimise(&fresh)?;
        other.join().map_err(|_| anyhow!("optimising broke"))?
    })?;
    // What is different in the full module.
    for subfolder in ["js/full", "types/full"] {
        copy_files(&source.join(subfolder), &full)?;
    }
    put_once(root, &source, &fresh)?;
    publish(&fresh, &package)
}

/// A module of the package: what cargo makes it from.
struct Module {
    example: &'static str,
    features: &'static str,
    profile: &'static str,
}

/// What decides.
const DECIDE: Module = Module { example: "decide", features: "", profile: "wasm" };

/// Every operation, with the customer; made for speed, because its size is beyond a page's first seconds anyway.
const FULL: Module = Module { example: "full", features: "customer", profile: "wasm-full" };

/// Compiles the crate; paths of this machine do not get into the messages of panics.
fn compile(root: &Path, module: &Module) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = cargo_home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=", root.join("").display())];
    flags.extend(home.map(|home| format!("--remap-path-prefix={}=cargo", home.display())));
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--locked", "--profile", module.profile, "--target", TARGET])
        .args(["--package", "stratum-wasm", "--example", module.example, "--features", module.features])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "))
        .current_dir(root)
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "stratum-wasm did not compile");
    Ok(target.join(TARGET).join(module.profile).join("examples").join(module.example).with_extension("wasm"))
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

/// What people wrote: each module has its own, because each has its own instance.
fn put_beside(source: &Path, folder: &Path) -> Result<()> {
    for subfolder in ["js", "types"] {
        copy_files(&source.join(subfolder), folder)?;
    }
    Ok(())
}

/// What a package has once: the description of the operations, which is only loaded when it is asked for, and the licences.
fn put_once(root: &Path, source: &Path, folder: &Path) -> Result<()> {
    let document = fs::read_to_string(root.join("bindings/ffi/operations.schema.json"))?;
    let document: serde_json::Value = serde_json::from_str(&document)?;
    fs::write(folder.join("schema.js"), format!("export default {document};\n"))?;
    copy(&source.join("README.md"), folder)?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root.join(licence), folder)?;
    }
    let file = folder.join("package.json");
    let manifest = fs::read_to_string(&file).context("js/package.json is missing")?;
    // As text: the order of the conditions in `exports` means something, and a map would lose it.
    let version = concat!("{\n  \"version\": \"", env!("CARGO_PKG_VERSION"), "\",\n");
    let manifest = manifest.replacen("{\n", version, 1);
    fs::write(&file, manifest).with_context(|| format!("writing {}", file.display()))?;
    fs::remove_file(folder.join("full/package.json")).context("the manifest of the full module")
}

/// Copies the files of a folder, without its subfolders.
fn copy_files(from: &Path, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let file = entry?.path();
        if file.is_file() {
            copy(&file, folder)?;
        }
    }
    Ok(())
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
        if file.is_dir() {
            publish(&file, &package.join(name))?;
        } else if fs::read(package.join(name)).ok() != Some(fs::read(&file)?) {
            copy(&file, package)?;
        }
    }
    Ok(())
}
