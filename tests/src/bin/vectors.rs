//! Runs every vector file below the folders given: `cargo run -p stratum-tests --bin vectors -- DIR…`.
//!
//! The last line is `N passed, N failed`; the exit code says whether anything failed. A file that nothing knows, and a run
//! without any case, count as failed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use stratum_tests::vectors;

fn main() -> Result<ExitCode> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    ensure!(!folders.is_empty(), "name the folders that hold vectors: vectors DIR…");
    let mut total = vectors::run(&folders, |file, tally| {
        println!("{}: {} passed, {} failed", file.display(), tally.passed, tally.failures.len());
    })?;
    if total == vectors::Tally::default() {
        total.failures.push("there is no vector file here".to_owned());
    }
    for failure in &total.failures {
        println!("FAILED {failure}");
    }
    println!("{} passed, {} failed", total.passed, total.failures.len());
    Ok(if total.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
