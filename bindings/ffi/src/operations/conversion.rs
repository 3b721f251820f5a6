//! `conversion.payloads` and `conversion.event_name`.

use stratum_cdp::conversion::{
    ConversionPayloadsRequest, ConversionPayloadsResponse, EventNameRequest, EventNameResponse,
};
use stratum_core::problem::Problems;

/// Makes the requests that tell a platform of conversions.
///
/// # Errors
/// Every problem of the connection and of the events.
pub fn payloads(request: &ConversionPayloadsRequest) -> Result<ConversionPayloadsResponse, Problems> {
    request.payloads()
}

/// Looks up what a platform calls an event.
///
/// # Errors
/// None: a name that cannot be sent is an answer.
pub fn event_name(request: &EventNameRequest) -> Result<EventNameResponse, Problems> {
    Ok(request.look_up())
}
