//! What the Makefile calls when shell would not do.
//!
//! ```text
//! xtask test STAGE...              run each stage of the Makefile, then report
//! xtask report STAGE...            read the stages' results again and print the table and the last line
//! xtask check STAGE NAME -- CMD    run a command as one test case of a stage
//! xtask generate [--check]         write the generated files, or name those that are stale
//! ```

mod check;
#[cfg(feature = "generate")]
mod generate;
mod report;
mod stage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let reports = root()?.join("target/reports");
    match words.as_slice() {
        ["test", stages @ ..] if !stages.is_empty() => stage::run_all(&reports, stages),
        ["report", stages @ ..] if !stages.is_empty() => report::print(&reports, stages),
        ["check", stage, name, "--", program, rest @ ..] => check::run(&reports, stage, name, program, rest),
        #[cfg(feature = "generate")]
        ["generate"] => generate::write(&root()?),
        #[cfg(feature = "generate")]
        ["generate", "--check"] => generate::check(&root()?),
        _ => bail!(
            "usage: xtask test STAGE... | report STAGE... | check STAGE NAME -- CMD... | generate [--check]"
        ),
    }
}

/// The folder of the workspace that this program was built in.
fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("xtask stands in a folder of the workspace")
}
