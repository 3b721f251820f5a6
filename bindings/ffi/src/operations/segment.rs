//! `segment.validate`, `segment.evaluate`, `segment.changes`, `segment.preview`, `segment.overlap`, `segment.sql`.

use stratum_cdp::segment::{
    SegmentChanges, SegmentChangesRequest, SegmentEvaluation, SegmentEvaluationRequest, SegmentOverlap,
    SegmentOverlapRequest, SegmentPreview, SegmentPreviewRequest, SegmentSqlRequest, SegmentStatement,
    SegmentValidation, SegmentValidationRequest,
};
use stratum_core::problem::Problems;

/// Validates a segment.
///
/// # Errors
/// Every problem of the rules.
pub fn validate(request: &SegmentValidationRequest) -> Result<SegmentValidation, Problems> {
    request.validate()
}

/// Decides about profiles.
///
/// # Errors
/// Every problem of the rules.
pub fn evaluate(request: &SegmentEvaluationRequest) -> Result<SegmentEvaluation, Problems> {
    request.evaluate()
}

/// Compares two looks at profiles.
///
/// # Errors
/// Every problem of the rules.
pub fn changes(request: &SegmentChangesRequest) -> Result<SegmentChanges, Problems> {
    request.compare()
}

/// Counts or estimates members.
///
/// # Errors
/// Every problem of the rules.
pub fn preview(request: &SegmentPreviewRequest) -> Result<SegmentPreview, Problems> {
    request.preview()
}

/// Compares segments.
///
/// # Errors
/// Every problem of the rules.
pub fn overlap(request: &SegmentOverlapRequest) -> Result<SegmentOverlap, Problems> {
    request.overlap()
}

/// Makes a statement for PostgreSQL.
///
/// # Errors
/// Every problem of the rules.
pub fn sql(request: &SegmentSqlRequest) -> Result<SegmentStatement, Problems> {
    request.compile()
}
