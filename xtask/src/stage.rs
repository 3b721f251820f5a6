//! A stage of `make test`: one target `stage-NAME` of the Makefile, which leaves its results in a folder of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::report;

const RUN_FILE: &str = "stage.json";

/// How a stage's command ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    pub(crate) took: Duration,
    /// The exit code of the command; `None` where a signal ended it.
    pub(crate) exit_code: Option<i32>,
}

impl Run {
    fn save(self, folder: &Path) -> Result<()> {
        let text = json!({ "seconds": self.took.as_secs_f64(), "exit_code": self.exit_code }).to_string();
        fs::write(folder.join(RUN_FILE), text).with_context(|| format!("writing {}", folder.display()))
    }

    /// Reads what [`run_all`] wrote; `None` where the stage never ran.
    pub(crate) fn load(folder: &Path) -> Option<Self> {
        let run: Value = serde_json::from_str(&fs::read_to_string(folder.join(RUN_FILE)).ok()?).ok()?;
        Some(Self {
            took: Duration::try_from_secs_f64(run.get("seconds")?.as_f64()?).ok()?,
            exit_code: run.get("exit_code")?.as_i64().and_then(|code| i32::try_from(code).ok()),
        })
    }
}

/// Runs every stage, whatever became of those before it, and prints the report.
pub(crate) fn run_all(reports: &Path, stages: &[&str]) -> Result<ExitCode> {
    for stage in stages {
        let folder = reports.join(stage);
        // Results of an earlier run must never be counted as results of this one.
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        println!("\n== {stage}");
        let run = make(stage)?;
        println!("== {stage}: {:.1} s", run.took.as_secs_f64());
        run.save(&folder)?;
    }
    report::print(reports, stages)
}

fn make(stage: &str) -> Result<Run> {
    let program = std::env::var("MAKE").unwrap_or_else(|_| "make".to_owned());
    let start = Instant::now();
    let status = Command::new(&program)
        // Keep going: a stage with five checks reports all that fail, not the first.
        .args(["--keep-going", "--no-print-directory", &format!("stage-{stage}")])
        .current_dir(crate::root()?)
        .status()
        .with_context(|| format!("starting {program}"))?;
    Ok(Run { took: start.elapsed(), exit_code: status.code() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_run_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        for exit_code in [Some(0), Some(2), None] {
            let run = Run { took: Duration::from_millis(1500), exit_code };
            run.save(folder.path()).unwrap();
            assert_eq!(Run::load(folder.path()), Some(run));
        }
    }

    #[test]
    fn a_stage_that_never_ran_has_no_run() {
        assert_eq!(Run::load(tempfile::tempdir().unwrap().path()), None);
    }
}
