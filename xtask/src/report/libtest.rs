//! The text of `cargo test`: documentation tests have no other form, and it stands in where cargo-nextest is missing.

use anyhow::{Context, Result};

use super::Tally;

/// Counts the cases of the text: the summaries say how many passed, the single lines say which failed.
///
/// # Errors
/// A summary that is not in the form `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
pub(crate) fn read(text: &str) -> Result<Tally> {
    let mut tally = Tally::default();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            tally.failed.push(name.to_owned());
        } else if let Some(summary) = line.strip_prefix("test result: ") {
            let number =
                |word| before(summary, word).with_context(|| format!("no number of {word} cases in: {line}"));
            tally.passed = tally.passed.saturating_add(number("passed")?);
            tally.skipped = tally.skipped.saturating_add(number("ignored")?);
        }
    }
    Ok(tally)
}

/// The number that stands before a word, as 3 before `passed` in `ok. 3 passed; 0 failed`.
fn before(summary: &str, word: &str) -> Option<usize> {
    summary.split([';', '.']).find_map(|part| part.trim().strip_suffix(word)?.trim_end().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summaries_of_all_crates_are_summed_and_the_failed_cases_named() {
        let text = "\
running 3 tests
test stratum-core/src/gate/mod.rs - gate (line 12) ... ok
test stratum-core/src/gate/mod.rs - gate (line 30) ... FAILED
test stratum-core/src/gate/mod.rs - gate (line 40) ... ignored

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s

test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";
        let tally = read(text).unwrap();
        assert_eq!((tally.passed, tally.skipped), (8, 1));
        assert_eq!(tally.failed, ["stratum-core/src/gate/mod.rs - gate (line 30)"]);
    }

    #[test]
    fn text_without_a_summary_has_no_cases_and_a_strange_summary_is_an_error() {
        assert_eq!(read("error: could not compile").unwrap(), Tally::default());
        assert!(read("test result: ok. all of them").is_err());
    }
}
