//! `crm.map`, `crm.match`, `crm.pipeline`, `crm.properties`, `crm.writeback`: what HubSpot, Salesforce and Zoho know, and
//! are told.

use stratum_cdp::crm::{
    CrmMapRequest, CrmMapResponse, CrmMatchRequest, CrmMatchResponse, PipelineMetrics, PipelineRequest,
    PropertiesRequest, PropertiesResponse, WritebackPlan, WritebackRequest,
};
use stratum_core::problem::Problems;

/// Reads a page of records.
///
/// # Errors
/// Every problem of the request; a record that cannot be read is a result.
pub fn map(request: &CrmMapRequest) -> Result<CrmMapResponse, Problems> {
    request.map()
}

/// Finds whose touchpoints were whose.
///
/// # Errors
/// Every problem of the request.
pub fn find(request: &CrmMatchRequest) -> Result<CrmMatchResponse, Problems> {
    request.find()
}

/// Adds up the pipeline.
///
/// # Errors
/// Every problem of the request.
pub fn pipeline(request: &PipelineRequest) -> Result<PipelineMetrics, Problems> {
    request.measure()
}

/// Names the properties that a writeback needs.
///
/// # Errors
/// None: the request was read.
pub fn properties(request: &PropertiesRequest) -> Result<PropertiesResponse, Problems> {
    Ok(request.properties())
}

/// Plans what is written back.
///
/// # Errors
/// Every problem of the request.
pub fn writeback(request: &WritebackRequest) -> Result<WritebackPlan, Problems> {
    request.plan()
}
