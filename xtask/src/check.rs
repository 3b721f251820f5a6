//! One command as one test case: a formatter, a type checker or a compiler says yes or no, and that is counted too.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use quick_xml::escape::escape;

/// Runs the command, leaves its verdict as JUnit in the stage's folder, and ends as the command ended.
pub(crate) fn run(
    reports: &Path,
    stage: &str,
    name: &str,
    program: &str,
    arguments: &[&str],
) -> Result<ExitCode> {
    println!("-- {stage}/{name}: {program} {}", arguments.join(" "));
    let failure = match Command::new(program).args(arguments).status() {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("{program} ended with {status}")),
        Err(error) => Some(format!("{program} did not start: {error}")),
    };
    let folder = reports.join(stage);
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{name}.xml"));
    fs::write(&file, junit(stage, name, failure.as_deref()))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(if failure.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn junit(stage: &str, name: &str, failure: Option<&str>) -> String {
    let (stage, name) = (escape(stage), escape(name));
    let verdict = failure.map(|why| format!("<failure message=\"{}\"/>", escape(why))).unwrap_or_default();
    format!(
        "<testsuite name=\"{stage}\"><testcase classname=\"{stage}\" name=\"{name}\">{verdict}</testcase></testsuite>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Tally, junit as reader};

    fn tally_of(program: &str, arguments: &[&str]) -> Tally {
        let reports = tempfile::tempdir().unwrap();
        run(reports.path(), "lint", "a<b", program, arguments).unwrap();
        reader::read(&fs::read_to_string(reports.path().join("lint/a<b.xml")).unwrap()).unwrap()
    }

    #[test]
    fn a_command_that_succeeds_is_one_passed_case() {
        assert_eq!(tally_of("true", &[]), Tally { passed: 1, ..Tally::default() });
    }

    #[test]
    fn a_command_that_ends_badly_is_one_failed_case_with_its_name() {
        assert_eq!(tally_of("false", &[]).failed, ["lint a<b"]);
    }

    #[test]
    fn a_command_that_does_not_exist_is_one_failed_case() {
        assert_eq!(tally_of("stratum-no-such-program", &["--x"]).failed, ["lint a<b"]);
    }
}
