//! JUnit XML, as cargo-nextest, pytest, Node and Playwright write it: one `testcase` element for each case.

use anyhow::{Result, bail};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Tally;

struct Case {
    name: String,
    failed: bool,
    skipped: bool,
}

/// Counts the cases of one document.
///
/// A case has failed when it holds a `failure` or an `error`, however many of them; it was skipped when it holds
/// `skipped` alone.
///
/// # Errors
/// A document that is not well-formed, or that ends inside a case: whoever wrote it did not finish.
pub(crate) fn read(text: &str) -> Result<Tally> {
    let mut reader = Reader::from_str(text);
    let mut tally = Tally::default();
    let mut open: Option<Case> = None;
    loop {
        match reader.read_event()? {
            Event::Start(element) => match element.name().as_ref() {
                "testcase" => open = Some(case(&element)?),
                inner => mark(&mut open, inner),
            },
            Event::Empty(element) => match element.name().as_ref() {
                "testcase" => count(&mut tally, case(&element)?),
                inner => mark(&mut open, inner),
            },
            Event::End(element) if element.name().as_ref() == "testcase" => {
                if let Some(case) = open.take() {
                    count(&mut tally, case);
                }
            }
            Event::Eof if open.is_some() => bail!("the document ends inside a test case"),
            Event::Eof => return Ok(tally),
            _ => {}
        }
    }
}

fn case(element: &BytesStart<'_>) -> Result<Case> {
    let mut name = String::new();
    for attribute in ["classname", "name"] {
        if let Some(found) = element.try_get_attribute(attribute)? {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(&found.normalized_value(XmlVersion::Explicit1_0)?);
        }
    }
    Ok(Case { name, failed: false, skipped: false })
}

fn mark(open: &mut Option<Case>, element: &str) {
    if let Some(case) = open {
        match element {
            "failure" | "error" => case.failed = true,
            "skipped" => case.skipped = true,
            _ => {}
        }
    }
}

fn count(tally: &mut Tally, case: Case) {
    if case.failed {
        tally.failed.push(case.name);
    } else if case.skipped {
        tally.skipped = tally.skipped.saturating_add(1);
    } else {
        tally.passed = tally.passed.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_errors_fail_a_case_once_and_skipped_cases_are_not_passed() {
        let text = r#"<?xml version="1.0"?>
            <testsuites><testsuite name="pytest" tests="5">
              <testcase classname="gate" name="passes"/>
              <testcase classname="gate" name="passes with output"><system-out>&lt;failure&gt;</system-out></testcase>
              <testcase classname="gate" name="fails &amp; errors"><failure message="a"/><error>b</error></testcase>
              <testcase classname="gate" name="errors"><error message="c"></error></testcase>
              <testcase classname="gate" name="skipped"><skipped/></testcase>
            </testsuite></testsuites>"#;
        let tally = read(text).unwrap();
        assert_eq!(tally.passed, 2);
        assert_eq!(tally.skipped, 1);
        assert_eq!(tally.failed, ["gate fails & errors", "gate errors"]);
    }

    #[test]
    fn a_case_that_failed_first_and_passed_when_repeated_has_passed() {
        let text = "<testsuite><testcase name='flaky'><flakyFailure/></testcase></testsuite>";
        assert_eq!(read(text).unwrap().passed, 1);
    }

    #[test]
    fn an_unfinished_document_is_an_error() {
        assert!(read("<testsuite><testcase name='x'>").is_err());
        assert!(read("<testsuite></testcase></testsuite>").is_err());
    }
}
