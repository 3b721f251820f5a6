//! The meaning of an answer, as every language asks for it.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::Platform;

use super::answer::{AnswerVerdict, NetworkError, PlatformAnswer, PlatformCall};
use super::classify::{classify, classify_network_error};

/// What a platform answered, or why it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// Which platform.
    pub platform: Platform,
    /// What the call was about.
    pub call: PlatformCall,
    /// How many events or members the request had; 1 where left out.
    #[serde(default = "one")]
    pub request_items: u64,
    /// The answer; left out where none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<PlatformAnswer>,
    /// Why none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_error: Option<NetworkError>,
}

const fn one() -> u64 {
    1
}

impl AnswerRequest {
    /// Says what the answer means.
    ///
    /// # Errors
    /// `out_of_range` for a status that HTTP does not have, or a request of nothing; `missing` where there is neither an
    /// answer nor an error; `conflict` where there are both.
    pub fn classify(&self) -> Result<AnswerVerdict, Problems> {
        let mut found = ProblemCollector::new();
        if self.request_items == 0 {
            found.push(Problem::new("/request_items", "out_of_range", "a request has at least one item"));
        }
        if self.response.as_ref().is_some_and(|response| !(100..=599).contains(&response.status)) {
            let text = "an HTTP status is a number from 100 to 599";
            found.push(Problem::new("/response/status", "out_of_range", text));
        }
        let verdict = match (&self.response, self.network_error) {
            (Some(response), None) => Ok(classify(self.platform, self.call, self.request_items, response)),
            (None, Some(error)) => Ok(classify_network_error(error)),
            (None, None) => {
                Err(Problem::new("", "missing", "there is neither an answer nor a network error")
                    .help("give response, or network_error where none came"))
            }
            (Some(_), Some(_)) => {
                let text = "there is an answer and a network error as well";
                Err(Problem::new("/network_error", "conflict", text).help("leave out one of the two"))
            }
        };
        match found.take("", verdict) {
            Some(verdict) => found.into_result(verdict),
            None => {
                Err(found.into_problems().unwrap_or_else(|| Problem::new("", "missing", "no answer").into()))
            }
        }
    }
}
