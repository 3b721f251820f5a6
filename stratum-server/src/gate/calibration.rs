//! How often decisions at each health turned out right.
//!
//! A decision counts a day after it was made. It turned out right when the signals it rested on kept their word: on none of
//! its platforms was an incident opened within 24 hours, and each was at 70 or above at their end. (The specification
//! names the figure but not what "right" is; this is the project's definition.)

use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use stratum_autopilot::backtest::{Calibration, CalibrationReport};
use stratum_core::Score;
use stratum_core::policy::EXECUTION_FLOOR;
use stratum_core::problem::Problem;
use stratum_core::vocabulary::Platform;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::db::TenantTx;
use crate::health::facts::Calendar;
use crate::http::{ApiError, Data, Query};
use crate::state::AppState;

/// Which decisions are looked at.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CalibrationQuery {
    /// First day of the tenant's calendar; 90 days back where nothing is said.
    #[param(value_type = Option<String>)]
    from: Option<NaiveDate>,
    /// Last day.
    #[param(value_type = Option<String>)]
    to: Option<NaiveDate>,
    /// Only decisions about this platform.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
}

/// Health against what came of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CalibrationView {
    /// Ranges of ten points of health, ascending.
    #[schema(value_type = Vec<Object>)]
    pub bins: Vec<stratum_autopilot::backtest::CalibrationBin>,
    /// The mean squared error of health / 100 as a forecast; null without decisions.
    pub brier: Option<f64>,
    /// How many decisions there were.
    pub decisions: u64,
}

/// How often decisions at each health turned out right.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/trust-gate/calibration", tag = "trust",
    params(("tenant_id" = Uuid, Path), CalibrationQuery),
    responses((status = 200, body = inline(Data<CalibrationView>))))]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<CalibrationQuery>,
) -> Result<Data<CalibrationView>, ApiError> {
    if query.from.zip(query.to).is_some_and(|(from, to)| from > to) {
        return Err(Problem::new("?to", "end_before_start", "the end comes before the start").into());
    }
    let CalibrationReport { bins, brier, decisions } =
        state.db.tenant_read(caller.scope(), move |tx| Box::pin(calibrate(tx, query))).await?;
    Ok(Data { data: CalibrationView { bins, brier, decisions } })
}

async fn calibrate(tx: &mut TenantTx, query: CalibrationQuery) -> Result<CalibrationReport, ApiError> {
    let now = tx.now();
    let calendar = Calendar::load(tx).await?;
    let to = query.to.unwrap_or_else(|| calendar.date(now));
    let from = query.from.or_else(|| to.checked_sub_days(chrono::Days::new(90))).unwrap_or(to);
    let rows = sqlx::query(
        "SELECT d.score,
                bool_and(COALESCE(later.score >= $5, false)
                         AND NOT EXISTS (SELECT FROM incident i
                                         WHERE i.platform = p.platform AND i.opened_at > d.evaluated_at
                                           AND i.opened_at <= d.evaluated_at + interval '24 hours')) AS good
         FROM gate_decision d
         CROSS JOIN LATERAL unnest(d.platforms) AS p(platform)
         LEFT JOIN LATERAL (SELECT s.score FROM health_snapshot s
                            WHERE s.platform = p.platform AND s.computed_at > d.evaluated_at
                              AND s.computed_at <= d.evaluated_at + interval '24 hours'
                            ORDER BY s.computed_at DESC LIMIT 1) AS later ON true
         WHERE d.score IS NOT NULL AND d.evaluated_at <= $1::timestamptz - interval '24 hours'
           AND d.evaluated_at >= ($2::date::timestamp AT TIME ZONE $6)
           AND d.evaluated_at < (($3::date + 1)::timestamp AT TIME ZONE $6)
           AND ($4::text IS NULL OR $4 = ANY(d.platforms))
         GROUP BY d.decision_id, d.score",
    )
    .bind(now.to_chrono())
    .bind(from)
    .bind(to)
    .bind(query.platform.map(Platform::as_str))
    .bind(EXECUTION_FLOOR)
    .bind(calendar.zone.name())
    .fetch_all(&mut **tx)
    .await?;
    let mut calibration = Calibration::new();
    for row in &rows {
        let health = Score::new(row.try_get("score")?).map_err(ApiError::internal)?;
        calibration.add(health, row.try_get("good")?);
    }
    Ok(calibration.finish())
}
