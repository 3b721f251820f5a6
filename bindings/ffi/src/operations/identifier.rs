//! `identifier.normalize`, `person.normalize` and `event.validate`.

use stratum_cdp::event::{EventValidation, EventValidationRequest};
use stratum_cdp::identifier::{IdentifierNormalization, IdentifierRequest};
use stratum_cdp::person::{PersonRequest, PersonResponse};
use stratum_core::problem::Problems;

/// Brings a value into its normal form, or says why it is no identifier.
///
/// # Errors
/// A value that is too long to be looked at.
pub fn identifier(request: &IdentifierRequest) -> Result<IdentifierNormalization, Problems> {
    request.normalize()
}

/// Brings the fields of a person into the forms that platforms want.
///
/// # Errors
/// Every field that is too long to be looked at.
pub fn person(request: &PersonRequest) -> Result<PersonResponse, Problems> {
    request.normalize()
}

/// Validates an event.
///
/// # Errors
/// Every problem of the event, under `/event`.
pub fn event(request: &EventValidationRequest) -> Result<EventValidation, Problems> {
    request.validate()
}
