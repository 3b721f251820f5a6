//! `conversion.payloads`, `conversion.from_events`, `conversion.event_name`, `conversion.quality`, `audience.payloads` and
//! `audience.match_estimate`.

use stratum_cdp::audience::{
    AudiencePayloadsRequest, AudiencePayloadsResponse, MatchEstimate, MatchEstimateRequest,
};
use stratum_cdp::conversion::{
    ConversionPayloadsRequest, ConversionPayloadsResponse, ConversionQuality, ConversionQualityRequest,
    ConversionsFromEvents, ConversionsFromEventsRequest, EventNameRequest, EventNameResponse,
};
use stratum_core::problem::Problems;

/// Makes the requests that tell a platform of conversions.
///
/// # Errors
/// Every problem of the connection and of the events.
pub fn payloads(request: &ConversionPayloadsRequest) -> Result<ConversionPayloadsResponse, Problems> {
    request.payloads()
}

/// Makes conversions of events.
///
/// # Errors
/// Every alias that leads nowhere; an event that is no conversion is set aside.
pub fn from_events(request: &ConversionsFromEventsRequest) -> Result<ConversionsFromEvents, Problems> {
    request.convert()
}

/// Looks up what a platform calls an event.
///
/// # Errors
/// None: a name that cannot be sent is an answer.
pub fn event_name(request: &EventNameRequest) -> Result<EventNameResponse, Problems> {
    Ok(request.look_up())
}

/// Scores conversions for a platform before they are sent.
///
/// # Errors
/// Every problem of the events.
pub fn quality(request: &ConversionQualityRequest) -> Result<ConversionQuality, Problems> {
    request.evaluate()
}

/// Makes the requests that add members to an audience or remove them.
///
/// # Errors
/// Every problem of the connection and of the action.
pub fn audience(request: &AudiencePayloadsRequest) -> Result<AudiencePayloadsResponse, Problems> {
    request.payloads()
}

/// Estimates how many members a platform may find.
///
/// # Errors
/// Every rate that is none.
pub fn match_estimate(request: &MatchEstimateRequest) -> Result<MatchEstimate, Problems> {
    request.estimate()
}
