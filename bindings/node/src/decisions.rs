//! The hot operations: numbers in, numbers out. `lib/hot.cjs` writes and reads them.

use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use stratum_ffi::hot;

use crate::errors::{Result, refused};

/// An operation with its policy, validated once.
#[napi]
#[derive(Debug)]
pub struct Compiled(hot::Compiled);

#[napi]
impl Compiled {
    /// Validates a policy: JSON text, `null` for the defaults.
    #[napi(constructor, catch_unwind)]
    pub fn new(operation: String, policy: String) -> Result<Self> {
        hot::Compiled::new(&operation, &policy).map(Self).map_err(|problems| refused(&problems))
    }

    /// Decides on the facts in `asked` and writes the answer; `false` where the facts must go the long way.
    #[napi(catch_unwind)]
    pub fn run(&self, asked: &[f64], mut answer: Float64ArraySlice<'_>) -> bool {
        let (from, to) = (asked.as_ptr_range(), answer.as_ptr_range());
        if from.start < to.end && to.start < from.end {
            return false;
        }
        // SAFETY: the two do not overlap, and JavaScript stands still until this returns.
        self.0.run(asked, unsafe { answer.as_mut() })
    }

    /// The whole answer to the facts in `asked`, as JSON text.
    #[napi(catch_unwind)]
    pub fn full(&self, asked: &[f64], texts: Vec<String>) -> Result<String> {
        self.0.full(asked, &texts).map_err(|problems| refused(&problems))
    }

    /// The policy as JSON text, defaults included.
    #[napi(catch_unwind)]
    pub fn policy(&self) -> Result<String> {
        self.0.policy().map_err(|problems| refused(&problems))
    }

    /// SHA-256 of the trust policy.
    #[napi(catch_unwind)]
    pub fn policy_digest(&self) -> Option<String> {
        self.0.policy_digest()
    }

    /// The score from which a change of this type passes the gate.
    #[napi(catch_unwind)]
    pub fn threshold(&self, action_type: String) -> Result<Option<f64>> {
        self.0.threshold(&action_type).map_err(|problems| refused(&problems))
    }
}
