//! What was wrong with an input: every problem at once, each with its place, a stable code and what to write instead.
//!
//! ```
//! use stratum_core::problem::{Problem, ProblemCollector};
//!
//! let mut found = ProblemCollector::new();
//! found.push(Problem::new("/weights/EMQ", "below_minimum", "the EMQ weight is 10, the least is 20").help("write 20 or more"));
//! found.push(Problem::new("/healthy_threshold", "out_of_range", "a threshold is at most 100, not 170"));
//! let problems = found.into_result(()).unwrap_err();
//! assert_eq!(problems.len(), 2);
//! assert_eq!(problems.iter().next().unwrap().path, "/weights/EMQ");
//! ```

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Where: a JSON pointer (RFC 6901) into the input; empty for the input as a whole.
    pub path: String,
    /// What kind: stable, snake case, for programs.
    pub code: Cow<'static, str>,
    /// What was wrong, in one sentence for the person who must act.
    pub message: String,
    /// What to write instead, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// A problem at `path` (a JSON pointer; empty for the whole input).
    pub fn new(
        path: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { path: path.into(), code: code.into(), message: message.into(), help: None }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Moves the problem below `parent`: a problem at `/x` in a part that stands at `/part` is at `/part/x`.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        self.path.insert_str(0, parent);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} ({})", self.message, self.code)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// Every problem of an input. Never empty when it is an error; in the order in which the input was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems in the order found.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// How many there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The list itself.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Moves every problem below `parent`; see [`Problem::under`].
    #[must_use]
    pub fn under(self, parent: &str) -> Self {
        Self(self.0.into_iter().map(|problem| problem.under(parent)).collect())
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Gathers problems while an input is read, so that a caller hears of all of them at once.
#[derive(Debug, Default)]
pub struct ProblemCollector(Vec<Problem>);

impl ProblemCollector {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes one problem.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Notes all problems of a part that stands at `parent`.
    pub fn extend_under(&mut self, parent: &str, problems: Problems) {
        self.0.extend(problems.under(parent).0);
    }

    /// Notes the problems of a part at `parent`, or gives the part.
    pub fn take<T>(&mut self, parent: &str, part: Result<T, impl Into<Problems>>) -> Option<T> {
        match part {
            Ok(value) => Some(value),
            Err(problems) => {
                self.extend_under(parent, problems.into());
                None
            }
        }
    }

    /// Whether nothing was wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` if nothing was wrong, else every problem.
    ///
    /// # Errors
    /// Every problem that was noted.
    pub fn into_result<T>(self, value: T) -> Result<T, Problems> {
        if self.0.is_empty() { Ok(value) } else { Err(Problems(self.0)) }
    }

    /// Every problem, or `None` if nothing was wrong.
    #[must_use]
    pub fn into_problems(self) -> Option<Problems> {
        if self.0.is_empty() { None } else { Some(Problems(self.0)) }
    }
}

/// One step of a JSON pointer (RFC 6901), escaped: `~` is `~0` and `/` is `~1`.
#[must_use]
pub fn pointer_step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}
