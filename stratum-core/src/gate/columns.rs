//! The gate over columns: one row per change on one platform, the same rule table.
//!
//! A row's answer is advice for analysis; it carries no evidence, so nothing can be executed with it.

use super::GateReason;
use super::rules::{PlatformState, ReasonSet, conditions};
use crate::policy::CompiledTrustPolicy;
use crate::problem::{Problem, ProblemCollector, Problems};
use crate::vocabulary::GateSubject;

/// The flag of an engaged kill switch in [`GateColumns::flags`].
pub const FLAG_FROZEN: u8 = 1;
/// The flag of a dead API or invalid credentials.
pub const FLAG_API_DOWN: u8 = 2;
/// The flag of an open critical incident.
pub const FLAG_CRITICAL_INCIDENT: u8 = 4;
/// The flag of a required component without a score.
pub const FLAG_COMPONENT_MISSING: u8 = 8;

/// Columns of equal length. A missing number is NaN and never passes.
#[derive(Debug, Clone, Copy)]
pub struct GateColumns<'a> {
    /// Index of the subject in [`GateSubject::ALL`]; anything else is invalid input.
    pub action_type: &'a [u8],
    /// Health, 0 to 100.
    pub score: &'a [f64],
    /// The weights measured, 0 to 100.
    pub coverage_pct: &'a [f64],
    /// Age of the snapshot in minutes; NaN counts as no snapshot.
    pub snapshot_age_minutes: &'a [f64],
    /// Age of the newest platform data in hours; NaN is unknown.
    pub data_age_hours: &'a [f64],
    /// The bits [`FLAG_FROZEN`], [`FLAG_API_DOWN`], [`FLAG_CRITICAL_INCIDENT`], [`FLAG_COMPONENT_MISSING`].
    pub flags: &'a [u8],
}

/// Decides every row. Writes the index of the decision in [`crate::vocabulary::GateDecision::ALL`] and the set of
/// reasons, one bit per code of [`GateReason::ALL`] (bit 0 is `OK`).
///
/// # Errors
/// `length_mismatch` for each column whose length is not that of `score`; nothing is written then.
pub fn evaluate_columns(
    policy: &CompiledTrustPolicy,
    columns: &GateColumns<'_>,
    decisions: &mut [u8],
    reasons: &mut [u16],
) -> Result<(), Problems> {
    check_lengths(columns, decisions.len(), reasons.len())?;
    let inputs = columns
        .action_type
        .iter()
        .zip(columns.score)
        .zip(columns.coverage_pct)
        .zip(columns.snapshot_age_minutes)
        .zip(columns.data_age_hours)
        .zip(columns.flags);
    for (input, (decision, reason_bits)) in inputs.zip(decisions.iter_mut().zip(reasons)) {
        let (((((&action_type, &score), &coverage_pct), &snapshot_age_minutes), &data_age_hours), &flags) =
            input;
        let row = Row { action_type, score, coverage_pct, snapshot_age_minutes, data_age_hours, flags };
        let found = row.conditions(policy);
        *decision = u8::try_from(found.decision().index()).unwrap_or(u8::MAX);
        *reason_bits =
            if found == ReasonSet::EMPTY { ReasonSet::only(GateReason::Ok).bits() } else { found.bits() };
    }
    Ok(())
}

fn check_lengths(columns: &GateColumns<'_>, decisions: usize, reasons: usize) -> Result<(), Problems> {
    let rows = columns.score.len();
    let mut found = ProblemCollector::new();
    for (name, length) in [
        ("action_type", columns.action_type.len()),
        ("coverage_pct", columns.coverage_pct.len()),
        ("snapshot_age_minutes", columns.snapshot_age_minutes.len()),
        ("data_age_hours", columns.data_age_hours.len()),
        ("flags", columns.flags.len()),
        ("decisions", decisions),
        ("reasons", reasons),
    ] {
        if length != rows {
            found.push(
                Problem::new(
                    format!("/{name}"),
                    "length_mismatch",
                    format!("{name} has {length} rows where score has {rows}"),
                )
                .help("give columns of equal length, with NaN where a number is missing"),
            );
        }
    }
    found.into_result(())
}

struct Row {
    action_type: u8,
    score: f64,
    coverage_pct: f64,
    snapshot_age_minutes: f64,
    data_age_hours: f64,
    flags: u8,
}

impl Row {
    fn conditions(&self, policy: &CompiledTrustPolicy) -> ReasonSet {
        let frozen = self.flags & FLAG_FROZEN != 0;
        let Some(&subject) = GateSubject::ALL.get(usize::from(self.action_type)) else {
            return ReasonSet::only(GateReason::InvalidInput).when(frozen, GateReason::Frozen);
        };
        let Some(snapshot_age_ms) = age_ms(self.snapshot_age_minutes, 60_000.0) else {
            return ReasonSet::only(GateReason::NoData).when(frozen, GateReason::Frozen);
        };
        let state = PlatformState {
            score: crate::math::round9(self.score),
            coverage_pct: self.coverage_pct,
            api_down: self.flags & FLAG_API_DOWN != 0,
            snapshot_age_ms,
            data_age_ms: age_ms(self.data_age_hours, 3_600_000.0),
            critical_incident: self.flags & FLAG_CRITICAL_INCIDENT != 0,
            component_missing: self.flags & FLAG_COMPONENT_MISSING != 0,
        };
        conditions(policy, subject, &state).when(frozen, GateReason::Frozen)
    }
}

/// An age in milliseconds, rounded up so that no fraction of a limit is forgiven; `None` for NaN.
fn age_ms(age: f64, unit_ms: f64) -> Option<i64> {
    if age.is_nan() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates, and so may an age")]
    let ms = (age * unit_ms).ceil() as i64;
    Some(ms)
}
