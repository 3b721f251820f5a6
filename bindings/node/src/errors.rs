//! Problems on their way to JavaScript.

use stratum_ffi::stratum_core::problem::Problems;

/// The code of an error whose message is the list of problems, as JSON; `lib/errors.cjs` makes a `StratumError` of it.
const PROBLEMS: &str = "STRATUM_PROBLEMS";

/// An error with the list of problems.
pub type Refused = napi::Error<&'static str>;

pub type Result<T> = std::result::Result<T, Refused>;

/// The error for these problems.
pub fn refused(problems: &Problems) -> Refused {
    let list = serde_json::to_string(problems).unwrap_or_else(|error| {
        format!(r#"[{{"path":"","code":"internal","message":"problems that cannot be written: {error}"}}]"#)
    });
    Refused::new(PROBLEMS, list)
}
