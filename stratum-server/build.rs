//! Tells cargo that the migrations are part of the binary, and puts the built console into optimised binaries.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=migrations");
    let mut files = Vec::new();
    // Unoptimised binaries read the folder while they run: a change to the page then compiles nothing.
    if env::var("PROFILE")? == "release" {
        let dist = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("console/dist");
        println!("cargo:rerun-if-changed=console/dist");
        collect(&dist, "", &mut files)?;
    }
    let mut table = String::from("&[\n");
    for (name, path) in files {
        writeln!(table, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("console_files.rs"), table)?;
    Ok(())
}

/// Every file of the folder with its path on the wire, such as `/assets/index-1f2e3d.js`.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &name, files)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            files.push((name, entry.path()));
        }
    }
    files.sort();
    Ok(())
}
