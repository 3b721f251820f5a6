//! `health.evaluate`.

use serde::{Deserialize, Serialize};
use stratum_core::health::{self, HealthColumns, HealthFacts, HealthSnapshot};
use stratum_core::policy::TrustPolicy;
use stratum_core::problem::{ProblemCollector, Problems};
use stratum_core::vocabulary::{HealthComponent, HealthStatus};

use crate::batch::{Batch, ColumnKind, ColumnSpec, Columns, Output, Run, Table, policy_of, vocabulary};

/// What `health.evaluate` is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HealthRequest {
    /// The tenant's trust policy; left out: the defaults.
    #[serde(default)]
    pub policy: TrustPolicy,
    /// What is known of the platform.
    pub facts: HealthFacts,
}

/// Evaluates signal health.
///
/// # Errors
/// Every problem of the policy (under `/policy`) and of the facts (under `/facts`).
pub fn evaluate(request: &HealthRequest) -> Result<HealthSnapshot, Problems> {
    let mut found = ProblemCollector::new();
    let policy = found.take("/policy", super::compiled(&request.policy));
    // The facts are checked also where the policy is wrong, so that the caller hears of everything.
    let scores = found.take("/facts", request.facts.component_scores());
    match (policy, scores) {
        (Some(policy), Some(_)) => {
            health::evaluate(&policy, &request.facts).map_err(|problems| problems.under("/facts"))
        }
        _ => Err(crate::request::problems_of(found)),
    }
}

/// Health of many rows: a column for each component in force, scores of 0 to 100.
pub static BATCH: Batch = Batch {
    columns: &[
        component("EMQ", "Event match quality."),
        component("API_HEALTH", "The platform's API."),
        component("EVENT_LOSS", "Events expected but not received."),
        component("PLATFORM_STABILITY", "Synchronisation, swings of EMQ, incidents."),
        component("DATA_QUALITY", "Valid, complete and unique records."),
        component("FRESHNESS", "Age of the newest platform data."),
        component("VARIANCE", "Platform figures against a reference."),
        component("ANOMALY", "The last complete day against the days before."),
        component("CDP_EMQ", "Mean event EMQ of the tenant's own events."),
    ],
    further: None,
    run: Run::Rows(run),
};

const fn component(name: &'static str, doc: &'static str) -> ColumnSpec {
    ColumnSpec::optional(name, ColumnKind::Number, doc)
}

fn run(policy: &serde_json::Value, columns: &Columns<'_>) -> Result<Table, Problems> {
    let policy = policy_of::<TrustPolicy>(policy)?.compile().map_err(|problems| problems.under("/policy"))?;
    let given: Vec<(HealthComponent, &[f64])> = HealthComponent::ALL
        .iter()
        .filter_map(|&component| columns.numbers(component.as_str()).map(|column| (component, column)))
        .collect();
    let rows = columns.rows();
    let mut score = vec![0.0; rows];
    let mut status = vec![0; rows];
    let mut coverage_pct = vec![0.0; rows];
    let out = HealthColumns { score: &mut score, status: &mut status, coverage_pct: &mut coverage_pct };
    health::score_columns(&policy, &given, out)?;
    Ok(Table::default()
        .with("score", Output::Numbers(score))
        .with("status", Output::Codes(status, vocabulary!(HealthStatus)))
        .with("coverage_pct", Output::Numbers(coverage_pct)))
}
