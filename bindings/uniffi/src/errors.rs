//! Problems become an exception that carries the list.

use std::fmt;

use stratum_ffi::stratum_core::problem;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Problem {
    /// Where: a JSON pointer into the request; empty for the request as a whole.
    pub path: String,
    /// What kind: stable, snake case, for programs.
    pub code: String,
    /// What was wrong, in one sentence for the person who must act.
    pub message: String,
    /// What to write instead, where that can be said.
    #[uniffi(default)]
    pub help: Option<String>,
}

/// What went wrong: every problem at once.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
pub enum StratumError {
    /// The request was refused. `internal` is the code of a bug of ours; later calls are not affected.
    Refused {
        /// The problems, at least one.
        problems: Vec<Problem>,
    },
}

impl fmt::Display for StratumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Refused { problems } = self;
        for (position, problem) in problems.iter().enumerate() {
            let separator = if position > 0 { "\n" } else { "" };
            write!(f, "{separator}{}: {} ({})", problem.path, problem.message, problem.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for StratumError {}

impl From<problem::Problem> for Problem {
    fn from(problem: problem::Problem) -> Self {
        let problem::Problem { path, code, message, help } = problem;
        Self { path, code: code.into_owned(), message, help }
    }
}

impl From<problem::Problems> for StratumError {
    fn from(problems: problem::Problems) -> Self {
        Self::Refused { problems: problems.into_vec().into_iter().map(Problem::from).collect() }
    }
}

impl From<problem::Problem> for StratumError {
    fn from(problem: problem::Problem) -> Self {
        problem::Problems::from(problem).into()
    }
}
