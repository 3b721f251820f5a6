//! Problems on their way to JavaScript.

use stratum_ffi::stratum_core::problem::Problems;

/// With this an error begins whose message is the list of problems, as JSON; `lib/errors.cjs` makes a `StratumError` of it.
const PROBLEMS: &str = "STRATUM_PROBLEMS ";

/// What may be refused.
pub type Result<T> = napi::Result<T>;

/// The error for these problems.
pub fn refused(problems: &Problems) -> napi::Error {
    let list = serde_json::to_string(problems).unwrap_or_else(|error| {
        format!(r#"[{{"path":"","code":"internal","message":"problems that cannot be written: {error}"}}]"#)
    });
    napi::Error::from_reason(format!("{PROBLEMS}{list}"))
}
