//! `gate.evaluate`.

use serde::{Deserialize, Serialize};
use stratum_core::gate::{
    self, FLAG_API_DOWN, FLAG_COMPONENT_MISSING, FLAG_CRITICAL_INCIDENT, FLAG_FROZEN, GateColumns,
    GateEvaluation, GateFacts, GateReason, Remedy,
};
use stratum_core::policy::TrustPolicy;
use stratum_core::problem::Problems;
use stratum_core::vocabulary::{GateDecision, GateSubject};

use crate::batch::{Batch, ColumnKind, ColumnSpec, Columns, Output, Run, Table, policy_of, vocabulary};

/// What `gate.evaluate` is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GateRequest {
    /// The tenant's trust policy; left out: the defaults.
    #[serde(default)]
    pub policy: TrustPolicy,
    /// What the gate looks at.
    pub facts: GateFacts,
}

/// What the gate said, and what would change it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GateResponse {
    /// The decision with its reasons.
    #[serde(flatten)]
    pub evaluation: GateEvaluation,
    /// What would change a refusal; empty for a pass.
    pub remedies: Vec<Remedy>,
}

/// Asks the gate.
///
/// # Errors
/// Every problem of the policy, under `/policy`. Facts that make no sense are a `BLOCK`, not an error.
pub fn evaluate(request: &GateRequest) -> Result<GateResponse, Problems> {
    let policy = super::compiled(&request.policy).map_err(|problems| problems.under("/policy"))?;
    let evaluation = gate::evaluate(&policy, &request.facts);
    let remedies = gate::remedies(&policy, &request.facts, &evaluation);
    Ok(GateResponse { evaluation, remedies })
}

/// The flags of a row, each a column of its own that counts as false where it is left out.
const FLAGS: [(&str, u8); 4] = [
    ("frozen", FLAG_FROZEN),
    ("api_down", FLAG_API_DOWN),
    ("critical_incident", FLAG_CRITICAL_INCIDENT),
    ("component_missing", FLAG_COMPONENT_MISSING),
];

/// The gate over many rows, one change on one platform each. The answers are for analysis; they carry no evidence.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required(
            "action_type",
            ColumnKind::Code(vocabulary!(GateSubject)),
            "What the change does.",
        ),
        ColumnSpec::required("score", ColumnKind::Number, "Health, 0 to 100."),
        ColumnSpec::required("coverage_pct", ColumnKind::Number, "The weights measured, 0 to 100."),
        ColumnSpec::required(
            "snapshot_age_minutes",
            ColumnKind::Number,
            "Age of the health snapshot; missing: there is none.",
        ),
        ColumnSpec::required(
            "data_age_hours",
            ColumnKind::Number,
            "Age of the newest platform data; missing: unknown.",
        ),
        ColumnSpec::optional("frozen", ColumnKind::Flag, "Whether the kill switch is engaged."),
        ColumnSpec::optional(
            "api_down",
            ColumnKind::Flag,
            "Whether the API is down or its credentials invalid.",
        ),
        ColumnSpec::optional("critical_incident", ColumnKind::Flag, "Whether a critical incident is open."),
        ColumnSpec::optional(
            "component_missing",
            ColumnKind::Flag,
            "Whether a required component has no score.",
        ),
    ],
    further: None,
    run: Run::Rows(run),
};

fn run(policy: &serde_json::Value, columns: &Columns<'_>) -> Result<Table, Problems> {
    let policy = policy_of::<TrustPolicy>(policy)?.compile().map_err(|problems| problems.under("/policy"))?;
    let rows = columns.rows();
    let mut flags = vec![0_u8; rows];
    for (name, bit) in FLAGS {
        if let Some(column) = columns.codes(name) {
            for (flag, &set) in flags.iter_mut().zip(column) {
                *flag |= if set == 0 { 0 } else { bit };
            }
        }
    }
    let given = GateColumns {
        action_type: columns.codes("action_type").unwrap_or_default(),
        score: columns.numbers("score").unwrap_or_default(),
        coverage_pct: columns.numbers("coverage_pct").unwrap_or_default(),
        snapshot_age_minutes: columns.numbers("snapshot_age_minutes").unwrap_or_default(),
        data_age_hours: columns.numbers("data_age_hours").unwrap_or_default(),
        flags: &flags,
    };
    let mut decisions = vec![0_u8; rows];
    let mut reasons = vec![0_u16; rows];
    gate::evaluate_columns(&policy, &given, &mut decisions, &mut reasons)?;
    let first = reasons.iter().map(|&set| first_reason(set)).collect();
    Ok(Table::default()
        .with("decision", Output::Codes(decisions, vocabulary!(GateDecision)))
        .with("reason", Output::Codes(first, vocabulary!(GateReason)))
        .with("reasons", Output::Sets(reasons, vocabulary!(GateReason))))
}

/// The reason that stands first: a block before a hold, then in the order of the rule table.
fn first_reason(set: u16) -> u8 {
    let given = |code: &&GateReason| set.checked_shr(bit(**code)).unwrap_or(0) & 1 == 1;
    GateReason::ALL
        .iter()
        .filter(given)
        .min_by_key(|code| (std::cmp::Reverse(code.decision()), **code))
        .and_then(|code| u8::try_from(code.index()).ok())
        .unwrap_or(u8::MAX)
}

fn bit(code: GateReason) -> u32 {
    u32::try_from(code.index()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_stands_before_a_hold() {
        let set = (1 << GateReason::HealthStale.index()) | (1 << GateReason::HealthUnhealthy.index());
        assert_eq!(usize::from(first_reason(set)), GateReason::HealthUnhealthy.index());
        assert_eq!(first_reason(1), 0);
    }
}
