//! Trying a policy on recorded history before it is switched on. Changes nothing; runs as a job.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_autopilot::backtest::{Backtest, BacktestPolicy, BacktestReport};
use stratum_autopilot::enforcement::EnforcementSettings;
use stratum_core::policy::TrustPolicy;
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::{Currency, Problems, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

use super::config::TrustGateConfigPatch;
use super::decisions::records;
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::health::facts::Calendar;
use crate::http::{Accepted, ApiError, Json};
use crate::jobs::{self, JobQueued};
use crate::state::AppState;

/// What to try, on which history.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BacktestBody {
    /// The fields of the trust gate config; what is left out has its default.
    policy: TrustGateConfigPatch,
    /// Enforcement settings; absent: those in force at each decision.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    enforcement: Option<Value>,
    /// Decided at this instant or later.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Decided before this instant.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

/// The request of the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    policy: BacktestPolicy,
    from: Timestamp,
    to: Timestamp,
}

impl BacktestBody {
    fn read(self, currency: Currency) -> Result<Request, ApiError> {
        let mut found = ProblemCollector::new();
        if self.from > self.to {
            found.push(Problem::new("/to", "end_before_start", "the end comes before the start"));
        }
        let enforcement = match self.enforcement.map(|wire| settings_of_wire(wire, currency)).transpose() {
            Ok(settings) => settings,
            Err(problems) => {
                found.extend_under("/enforcement", problems);
                None
            }
        };
        let policy = BacktestPolicy { trust: self.policy.applied_to(TrustPolicy::default()), enforcement };
        found.take("/policy", policy.trust.compile());
        match found.into_result(Request { policy, from: self.from, to: self.to }) {
            Ok(request) => Ok(request),
            Err(problems) => Err(ApiError::validation(problems).detail(
                "",
                "INVALID_POLICY",
                "this policy cannot be tried",
            )),
        }
    }
}

/// The library's settings from those of the wire, where the cap of a campaign's budget is in major units.
fn settings_of_wire(mut wire: Value, currency: Currency) -> Result<EnforcementSettings, Problems> {
    if let Some(fields) = wire.as_object_mut() {
        // What GET shows beside the settings may be sent back.
        for shown in ["updated_by", "updated_at", "rules"] {
            fields.remove(shown);
        }
        if let Some(cap) = fields.remove("max_campaign_budget") {
            let cents = cap.as_i64().and_then(|major| major.checked_mul(currency.minor_per_major()));
            let cents = cents.ok_or_else(|| {
                Problem::new(
                    "/max_campaign_budget",
                    "wrong_type",
                    "a budget is a whole number of major units",
                )
            })?;
            fields.insert("max_campaign_budget_cents".to_owned(), cents.into());
        }
    }
    let settings: EnforcementSettings = crate::http::read_value(wire)?;
    settings.compile()?;
    Ok(settings)
}

/// Tries a gate and enforcement policy on recorded history; changes nothing.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/trust-gate/backtest", tag = "trust",
    request_body = BacktestBody, params(("tenant_id" = Uuid, Path)),
    responses((status = 202, body = inline(crate::http::Data<JobQueued>))))]
pub(super) async fn queue(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<BacktestBody>,
) -> Result<Accepted<JobQueued>, ApiError> {
    let user = caller.user_id().map(Uuid::from);
    state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let currency = Calendar::load(tx).await?.currency;
                let request = serde_json::to_value(body.read(currency)?).map_err(ApiError::internal)?;
                jobs::queue(tx, jobs::Kind::TrustGateBacktest, &request, user).await
            })
        })
        .await
}

/// Decides every decision of the period again by the policy of the job.
///
/// # Errors
/// The database's; a request that cannot be read. A record that was changed since is counted nowhere.
pub(crate) async fn run_backtest(tx: &mut TenantTx, request: &Value) -> Result<BacktestReport, ApiError> {
    let Request { policy, from, to } = serde_json::from_value(request.clone()).map_err(ApiError::internal)?;
    let mut backtest = Backtest::new(&policy).map_err(ApiError::validation)?;
    let mut after = None;
    loop {
        let page = records(tx, None, Some(from), Some(to), after).await?;
        let Some((at, id, _)) = page.last() else { return Ok(backtest.finish()) };
        after = Some((*at, *id));
        for (_, decision_id, record) in &page {
            if let Err(problems) = backtest.add(record) {
                tracing::warn!(event_type = "backtest_record", decision_id = %decision_id, "{problems}");
            }
        }
    }
}
