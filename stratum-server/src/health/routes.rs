//! `…/signal-health`, its history, evaluation on request, and `…/attribution-variance`.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::NaiveDate;
use serde::Deserialize;
use stratum_core::Timestamp;
use stratum_core::health::{
    ConnectedPlatform, Granularity, HealthPoint, HealthSnapshot, downsample, tenant_health,
};
use stratum_core::problem::Problem;
use stratum_core::vocabulary::Platform;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::facts::Calendar;
use super::variance::{Variance, variance};
use super::wire::{HistoryPoint, SignalHealth, View};
use super::{Trigger, evaluate_platform, store};
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{ApiError, Data, Json, Query};
use crate::state::AppState;

/// Seconds between two evaluations of a platform on request.
const REQUEST_INTERVAL_SECONDS: i64 = 10;

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(current))
        .routes(routes!(history))
        .routes(routes!(evaluate))
        .routes(routes!(attribution_variance))
        .routes(routes!(super::incident_log::list))
}

/// Which health is asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HealthQuery {
    /// As it was at the end of this day of the tenant's calendar; absent: now.
    #[param(value_type = Option<String>)]
    date: Option<NaiveDate>,
    /// Only this platform.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
}

/// Current composite health with its components, per platform.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/signal-health", tag = "trust",
    params(("tenant_id" = String, Path), HealthQuery), responses((status = 200, body = inline(Data<SignalHealth>))),
    security(("bearer" = [])))]
async fn current(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<HealthQuery>,
) -> Result<Data<SignalHealth>, ApiError> {
    let health = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let at = match query.date {
                    Some(date) => end_of_day(&Calendar::load(tx).await?, date, tx.now())?,
                    None => tx.now(),
                };
                signal_health(tx, query.platform, at).await
            })
        })
        .await?;
    Ok(Data::from(health))
}

/// Health of the connected platforms (or of one) as it was at an instant.
///
/// # Errors
/// The database's.
pub async fn signal_health(
    tx: &mut TenantTx,
    platform: Option<Platform>,
    at: Timestamp,
) -> Result<SignalHealth, ApiError> {
    let policy = store::policy(tx).await?;
    let platforms = match platform {
        Some(platform) => vec![platform],
        None => store::connected(tx).await?,
    };
    let snapshots = store::newest(tx, &platforms, at).await?;
    let today = Calendar::load(tx).await?.date(at);
    let spend = store::spend_7d(tx, today).await?;
    let connected: Vec<ConnectedPlatform<'_>> = platforms
        .iter()
        .map(|&platform| ConnectedPlatform {
            platform,
            snapshot: snapshots.iter().find(|snapshot| snapshot.platform == platform),
            spend_cents: spend.iter().find(|(of, _)| *of == platform).map(|(_, cents)| *cents),
        })
        .collect();
    let tenant = tenant_health(&connected).map_err(ApiError::internal)?;
    Ok(View { policy: &policy, platforms: &platforms, snapshots: &snapshots, tenant: &tenant, now: at }
        .to_wire())
}

fn end_of_day(calendar: &Calendar, date: NaiveDate, now: Timestamp) -> Result<Timestamp, ApiError> {
    let next = date.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0));
    let end = next
        .and_then(|midnight| midnight.and_local_timezone(calendar.zone).earliest())
        .and_then(|end| Timestamp::from_millis(end.timestamp_millis()).ok())
        .ok_or_else(|| Problem::new("?date", "out_of_range", "this is no day of the calendar"))?;
    Ok(end.plus_millis(-1).min(now))
}

/// Which series is asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// How many days back, 1 to 90; 7 where nothing is said.
    days: Option<u32>,
    /// Only this platform; absent: the platform with the lowest score at each point.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
    /// `hourly` or `daily`.
    #[param(value_type = Option<String>)]
    granularity: Option<Granularity>,
}

/// Health series, oldest first.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/signal-health/history", tag = "trust",
    params(("tenant_id" = String, Path), HistoryQuery), responses((status = 200, body = inline(Data<Vec<HistoryPoint>>))),
    security(("bearer" = [])))]
async fn history(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<HistoryQuery>,
) -> Result<Data<Vec<HistoryPoint>>, ApiError> {
    let days = within("?days", query.days, 1..=90, 7)?;
    let granularity = query.granularity.unwrap_or(Granularity::Daily);
    let points = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let from = granularity.start(tx.now().plus_hours(i64::from(days).saturating_mul(-24)));
                let snapshots = store::since(tx, query.platform, from).await?;
                Ok(lowest(&snapshots, granularity).iter().map(HistoryPoint::from).collect())
            })
        })
        .await?;
    Ok(Data { data: points })
}

/// The series of each platform, and at each step the point of the platform that stands lowest.
fn lowest(snapshots: &[HealthSnapshot], granularity: Granularity) -> Vec<HealthPoint> {
    let mut steps: BTreeMap<Timestamp, HealthPoint> = BTreeMap::new();
    for &platform in Platform::ALL {
        let own = snapshots.iter().filter(|snapshot| snapshot.platform == platform);
        for point in downsample(own, |at| granularity.start(at)) {
            match steps.get(&point.timestamp) {
                Some(other) if other.score <= point.score => {}
                _ => {
                    steps.insert(point.timestamp, point);
                }
            }
        }
    }
    steps.into_values().collect()
}

/// The body of an evaluation on request.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvaluateBody {
    /// Only this platform; absent: every connected one.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "META")]
    platform: Option<Platform>,
}

/// Takes a health snapshot now; at most once per platform in ten seconds.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/signal-health/evaluate", tag = "trust",
    request_body = EvaluateBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<SignalHealth>))),
    security(("bearer" = [])))]
async fn evaluate(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<EvaluateBody>,
) -> Result<Data<SignalHealth>, ApiError> {
    let health = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let platforms = match body.platform {
                    Some(platform) => vec![platform],
                    None => store::connected(tx).await?,
                };
                let now = tx.now();
                refuse_too_soon(
                    &store::requested_since(
                        tx,
                        &platforms,
                        now.plus_millis(-1000 * REQUEST_INTERVAL_SECONDS),
                    )
                    .await?,
                    now,
                )?;
                for &platform in &platforms {
                    evaluate_platform(tx, platform, Trigger::Request).await?;
                }
                signal_health(tx, body.platform, now).await
            })
        })
        .await?;
    Ok(Data::from(health))
}

fn refuse_too_soon(recent: &[Timestamp], now: Timestamp) -> Result<(), ApiError> {
    let Some(newest) = recent.iter().max() else { return Ok(()) };
    let wait_ms = newest.plus_millis(1000 * REQUEST_INTERVAL_SECONDS).millis_since(now).max(1);
    let seconds = u64::try_from(wait_ms).unwrap_or(1).div_ceil(1000);
    Err(ApiError::new(
        http::StatusCode::TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        "health is evaluated on request once per platform in ten seconds",
    )
    .header(http::header::RETRY_AFTER, seconds))
}

/// Which comparison is asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VarianceQuery {
    /// The last day; absent: yesterday in the tenant's calendar.
    #[param(value_type = Option<String>)]
    date: Option<NaiveDate>,
    /// How many days, 1 to 90; 7 where nothing is said.
    days: Option<u32>,
    /// Only this platform.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
}

/// Platform figures against GA4.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/attribution-variance", tag = "trust",
    params(("tenant_id" = String, Path), VarianceQuery), responses((status = 200, body = inline(Data<Variance>))),
    security(("bearer" = [])))]
async fn attribution_variance(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<VarianceQuery>,
) -> Result<Data<Variance>, ApiError> {
    let days = within("?days", query.days, 1..=90, 7)?;
    let compared = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let last = match query.date {
                    Some(date) => date,
                    None => Calendar::load(tx).await?.last_complete_day(tx.now()),
                };
                variance(tx, last, days, query.platform).await
            })
        })
        .await?;
    Ok(Data { data: compared })
}

/// A number of the query within its bounds, or its default.
fn within(
    path: &str,
    given: Option<u32>,
    bounds: std::ops::RangeInclusive<u32>,
    default: u32,
) -> Result<u32, ApiError> {
    let value = given.unwrap_or(default);
    if bounds.contains(&value) {
        return Ok(value);
    }
    let message = format!("this is from {} to {}, not {value}", bounds.start(), bounds.end());
    Err(Problem::new(path, "out_of_range", message).into())
}
