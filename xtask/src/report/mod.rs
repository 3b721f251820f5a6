//! What `make test` says at the end: the cases of every stage, the failed ones by name, and one last line.
//!
//! A stage leaves its results in `target/reports/STAGE/`: JUnit in `*.xml`, the text of `cargo test` in `*.txt`.
//! Whoever leaves nothing has not shown anything, so a stage without a case counts as failed.

pub(crate) mod junit;
mod libtest;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::stage::Run;

/// How many cases passed, and which did not.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) skipped: usize,
    pub(crate) failed: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.failed.extend(other.failed);
    }

    /// Adds what the single cases cannot say: a stage that ended badly, or that shows nothing at all.
    fn judge(mut self, stage: &str, run: Option<Run>) -> Self {
        let exit_code = run.and_then(|run| run.exit_code);
        if self.passed == 0 && self.failed.is_empty() {
            self.failed.push(format!("{stage}: left no results"));
        } else if exit_code != Some(0) && self.failed.is_empty() {
            let ending = exit_code
                .map_or_else(|| "without an exit code".to_owned(), |code| format!("with exit code {code}"));
            self.failed.push(format!("{stage}: ended {ending}, though every case that reported passed"));
        }
        self
    }
}

/// Prints the failed cases, one line for each stage, and the last line; fails when any case failed.
pub(crate) fn print(reports: &Path, stages: &[&str]) -> Result<ExitCode> {
    let mut total = Tally::default();
    let mut table =
        format!("\n{:<12}{:>8}{:>8}{:>9}{:>10}\n", "stage", "passed", "failed", "skipped", "seconds");
    for stage in stages {
        let folder = reports.join(stage);
        let run = Run::load(&folder);
        let tally = read(&folder)?.judge(stage, run);
        let seconds = run.map_or_else(|| "-".to_owned(), |run| format!("{:.1}", run.took.as_secs_f64()));
        table.push_str(&format!(
            "{stage:<12}{:>8}{:>8}{:>9}{seconds:>10}\n",
            tally.passed,
            tally.failed.len(),
            tally.skipped
        ));
        total.add(tally);
    }
    for case in &total.failed {
        println!("FAILED {case}");
    }
    print!("{table}\n{} passed, {} failed\n", total.passed, total.failed.len());
    Ok(if total.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sums every result file of one stage. A file that cannot be read as results is a failed case.
fn read(folder: &Path) -> Result<Tally> {
    let mut tally = Tally::default();
    if !folder.exists() {
        return Ok(tally);
    }
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let parsed = match file.extension().and_then(|extension| extension.to_str()) {
            Some("xml") => junit::read,
            Some("txt") => libtest::read,
            _ => continue,
        };
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        tally.add(parsed(&text).unwrap_or_else(|error| Tally {
            failed: vec![format!("{}: not readable as test results: {error}", file.display())],
            ..Tally::default()
        }));
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ended(exit_code: Option<i32>) -> Option<Run> {
        Some(Run { took: Duration::ZERO, exit_code })
    }

    fn passed(passed: usize) -> Tally {
        Tally { passed, ..Tally::default() }
    }

    #[test]
    fn a_stage_that_passed_stays_as_it_is() {
        assert_eq!(passed(3).judge("rust", ended(Some(0))), passed(3));
    }

    #[test]
    fn a_stage_without_results_has_failed_even_when_it_ended_well() {
        assert_eq!(Tally::default().judge("rust", ended(Some(0))).failed.len(), 1);
        let all_skipped = Tally { skipped: 4, ..Tally::default() };
        assert_eq!(all_skipped.judge("rust", ended(Some(0))).failed.len(), 1);
    }

    #[test]
    fn a_stage_that_ended_badly_has_failed_even_when_every_case_passed() {
        assert_eq!(passed(3).judge("rust", ended(Some(101))).failed.len(), 1);
        assert_eq!(passed(3).judge("rust", ended(None)).failed.len(), 1);
        assert_eq!(passed(3).judge("rust", None).failed.len(), 1);
    }

    #[test]
    fn a_failed_case_is_not_counted_twice_for_the_exit_code_that_it_caused() {
        let one = Tally { passed: 2, failed: vec!["a".to_owned()], ..Tally::default() };
        assert_eq!(one.clone().judge("rust", ended(Some(1))), one);
    }

    #[test]
    fn the_files_of_a_stage_are_summed_and_a_broken_one_fails() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.xml"), "<testsuite><testcase name='x'/></testsuite>").unwrap();
        fs::write(
            folder.path().join("b.txt"),
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
        )
        .unwrap();
        fs::write(folder.path().join("stage.json"), "{}").unwrap();
        assert_eq!(read(folder.path()).unwrap(), Tally { passed: 3, skipped: 1, failed: vec![] });
        fs::write(folder.path().join("c.xml"), "<testsuite><testcase name='x'>").unwrap();
        assert_eq!(read(folder.path()).unwrap().failed.len(), 1);
    }
}
