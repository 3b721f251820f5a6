//! The autopilot over a platform that the user wrote in JavaScript. `lib/autopilot.cjs` calls the platform; here nothing
//! calls back, so nothing that a platform throws can end the process.

use napi_derive::napi;
use stratum_ffi::pilot;

use crate::errors::{Result, refused};

/// Actions and audit chains in memory.
#[napi]
#[derive(Debug)]
pub struct Pilot(pilot::Pilot);

#[napi]
impl Pilot {
    /// An autopilot without actions. The policy is JSON text, `null` for the defaults.
    #[napi(constructor, catch_unwind)]
    pub fn new(policy: String) -> Result<Self> {
        pilot::Pilot::new(&policy).map(Self).map_err(|problems| refused(&problems))
    }

    /// Does one thing, JSON text in and out.
    #[napi(catch_unwind)]
    pub fn call(&mut self, method: String, body: String) -> Result<String> {
        self.0.call(&method, &body).map_err(|problems| refused(&problems))
    }
}
