//! Reading actions: lists, counts, and the history of one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row as _};
use stratum_autopilot::action::ActionStatus;
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::math;
use stratum_core::vocabulary::{ActionType, Platform};
use utoipa::{IntoParams, ToSchema};

use super::StoredAction;
use super::wire::{Action, HistoryEntry};
use crate::clock::instant;
use crate::db::TenantTx;
use crate::health::facts::Calendar;
use crate::http::{ApiError, Paging};
use crate::tenant::parse;

/// The filters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ActionQuery {
    /// Only this status.
    #[param(value_type = Option<String>)]
    status: Option<ActionStatus>,
    /// Only this platform.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
    /// Only this type.
    #[param(value_type = Option<String>)]
    action_type: Option<ActionType>,
    /// Queued on this day of the tenant's calendar.
    #[param(value_type = Option<String>)]
    date: Option<NaiveDate>,
    /// Queued at this instant or later.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Queued before this instant.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// The orders that may be asked for.
pub(super) const ORDERS: &[(&str, &str, &str)] = &[
    ("created_at", "created_at, action_id", "created_at DESC, action_id DESC"),
    ("updated_at", "updated_at, action_id", "updated_at DESC, action_id DESC"),
];
/// Newest first.
pub(super) const NEWEST: &str = "created_at DESC, action_id DESC";

const WHERE: &str = "WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR platform = $2)
       AND ($3::text IS NULL OR action_type = $3)
       AND ($4::date IS NULL OR (created_at AT TIME ZONE $5)::date = $4)
       AND ($6::timestamptz IS NULL OR created_at >= $6) AND ($7::timestamptz IS NULL OR created_at < $7)";

/// One page of the list, and how many there are over all pages.
pub(super) async fn page(
    tx: &mut TenantTx,
    filter: &ActionQuery,
    order: &'static str,
    paging: Paging,
) -> Result<(Vec<Action>, i64), ApiError> {
    let zone = Calendar::load(tx).await?.zone.name();
    // Nothing of these texts comes from the caller.
    let count = format!("SELECT count(*) FROM action {WHERE}");
    let rows = format!(
        "SELECT action, waiting_for, violations, gate, confirmation, applied_value, error, dismissed_by, updated_at, due_at
         FROM action {WHERE} ORDER BY {order} LIMIT $8 OFFSET $9"
    );
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(filter.status.map(ActionStatus::as_str))
                .bind(filter.platform.map(Platform::as_str))
                .bind(filter.action_type.map(ActionType::as_str))
                .bind(filter.date)
                .bind(zone)
                .bind(filter.from.map(Timestamp::to_chrono))
                .bind(filter.to.map(Timestamp::to_chrono))
        };
    }
    let total = filtered!(sqlx::query_scalar(AssertSqlSafe(count))).fetch_one(&mut **tx).await?;
    let rows = filtered!(sqlx::query(AssertSqlSafe(rows)))
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(&mut **tx)
        .await?;
    let actions = rows.iter().map(|row| Ok(Action::from(&StoredAction::read(row)?)));
    Ok((actions.collect::<Result<_, ApiError>>()?, total))
}

/// What happened to an action, oldest first.
pub(super) async fn history(tx: &mut TenantTx, id: ActionId) -> Result<Vec<HistoryEntry>, ApiError> {
    let rows = sqlx::query(
        "SELECT from_status, to_status, actor_id, at, note FROM action_transition WHERE action_id = $1 ORDER BY seq",
    )
    .bind(id.as_uuid())
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| {
            let from: Option<String> = row.try_get("from_status")?;
            Ok(HistoryEntry {
                from: from.map(|text| parse(&text)).transpose()?,
                to: parse(&row.try_get::<String, _>("to_status")?)?,
                actor_id: row.try_get("actor_id")?,
                at: instant(row.try_get("at")?)?,
                note: row.try_get("note")?,
            })
        })
        .collect()
}

/// How many actions there were.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Summary {
    /// Queued in the days asked for.
    total: i64,
    /// By status.
    #[schema(value_type = Object)]
    by_status: BTreeMap<ActionStatus, i64>,
    /// By type.
    #[schema(value_type = Object)]
    by_type: BTreeMap<ActionType, i64>,
    /// By platform.
    #[schema(value_type = Object)]
    by_platform: BTreeMap<Platform, i64>,
    /// Of those decided about, the share that was approved, in per cent; null where none was.
    approval_rate: Option<f64>,
    /// Of those executed or failed, the share that was applied, in per cent; null where none was.
    success_rate: Option<f64>,
}

/// Counts the actions queued since an instant.
pub(super) async fn summary(tx: &mut TenantTx, since: Timestamp) -> Result<Summary, ApiError> {
    let rows = sqlx::query(
        "SELECT status, action_type, platform, count(*) AS actions, count(approved_at) AS approved
         FROM action WHERE created_at >= $1 GROUP BY status, action_type, platform",
    )
    .bind(since.to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    let mut summary = Summary::default();
    let mut approved = 0_i64;
    for row in &rows {
        let count: i64 = row.try_get("actions")?;
        let add = |slot: &mut i64, more: i64| *slot = slot.saturating_add(more);
        add(&mut summary.total, count);
        add(&mut approved, row.try_get("approved")?);
        add(summary.by_status.entry(parse(&row.try_get::<String, _>("status")?)?).or_default(), count);
        add(summary.by_type.entry(parse(&row.try_get::<String, _>("action_type")?)?).or_default(), count);
        add(summary.by_platform.entry(parse(&row.try_get::<String, _>("platform")?)?).or_default(), count);
    }
    let of = |status| summary.by_status.get(&status).copied().unwrap_or(0);
    let share = |part: i64, others: i64| {
        let whole = part.saturating_add(others);
        (whole > 0).then(|| math::round9(100.0 * math::amount(part) / math::amount(whole)))
    };
    summary.approval_rate = share(approved, of(ActionStatus::Dismissed));
    summary.success_rate = share(of(ActionStatus::Applied), of(ActionStatus::Failed));
    Ok(summary)
}
