//! The rows of signals.

use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use stratum_core::Timestamp;
use stratum_core::vocabulary::Platform;
use uuid::Uuid;

use super::measurements::SignalRow;
use super::vocabulary::KNOWN;
use super::wire::{Origin, Signal, SignalInput};
use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::{ApiError, Paging};

/// Stores signals that were found valid; tells for each whether it was new. All in one statement.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut TenantTx,
    signals: &[(SignalInput, String)],
    origin: Origin,
) -> Result<Vec<bool>, ApiError> {
    let tenant = tx.scope().tenant.as_uuid();
    let received_at = tx.now().to_chrono();
    let ids: Vec<Uuid> = signals.iter().map(|_| Uuid::now_v7()).collect();
    let stored: Vec<Uuid> = sqlx::query_scalar(
        "INSERT INTO signal (tenant_id, id, dedup_key, signal_id, type, name, platform, value, observed_at,
                             received_at, attributes, origin)
         SELECT $1, s.id, s.dedup_key, s.signal_id, s.type, s.name, s.platform, s.value, s.observed_at, $2,
                s.attributes, $3
         FROM UNNEST($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::float8[],
                     $11::timestamptz[], $12::jsonb[])
              AS s(id, dedup_key, signal_id, type, name, platform, value, observed_at, attributes)
         ON CONFLICT DO NOTHING
         RETURNING id",
    )
    .bind(tenant)
    .bind(received_at)
    .bind(origin.as_str())
    .bind(&ids)
    .bind(signals.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(signal, _)| signal.signal_id.as_deref()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(signal, _)| signal.kind.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(signal, _)| signal.name.trim()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(signal, _)| signal.platform.map(Platform::as_str)).collect::<Vec<_>>())
    .bind(signals.iter().map(|(signal, _)| signal.value).collect::<Vec<_>>())
    .bind(signals.iter().map(|(signal, _)| signal.observed_at.to_chrono()).collect::<Vec<_>>())
    .bind(
        signals
            .iter()
            .map(|(signal, _)| signal.attributes.clone().unwrap_or_else(|| Value::Object(Default::default())))
            .collect::<Vec<_>>(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids.iter().map(|id| stored.contains(id)).collect())
}

/// The signals of a platform that health may read at `now`: of each known name those within its window, of a level the
/// newest of each sender and event name.
///
/// # Errors
/// The database's.
pub async fn for_health(
    tx: &mut TenantTx,
    platform: Platform,
    now: Timestamp,
) -> Result<Vec<SignalRow>, ApiError> {
    let names = |unlimited: bool| -> Vec<&'static str> {
        KNOWN.iter().filter(|known| known.window_ms.is_none() == unlimited).map(|known| known.name).collect()
    };
    let windows: Vec<(&str, Timestamp)> = KNOWN
        .iter()
        .filter_map(|known| Some((known.name, now.plus_millis(known.window_ms?.saturating_neg()))))
        .collect();
    let rows = sqlx::query(
        "SELECT s.name, s.value, s.observed_at, s.attributes, s.origin
         FROM UNNEST($2::text[], $3::timestamptz[]) AS w(name, since)
         JOIN signal s ON s.platform = $1 AND s.name = w.name AND s.observed_at > w.since
         UNION ALL
         SELECT newest.name, newest.value, newest.observed_at, newest.attributes, newest.origin
         FROM UNNEST($4::text[]) AS n(name)
         CROSS JOIN UNNEST(ARRAY['PUSHED', 'COLLECTOR']) AS o(origin)
         CROSS JOIN LATERAL (
             SELECT name, value, observed_at, attributes, origin FROM signal
             WHERE platform = $1 AND name = n.name AND origin = o.origin AND observed_at <= $5
             ORDER BY observed_at DESC LIMIT 1
         ) AS newest",
    )
    .bind(platform.as_str())
    .bind(windows.iter().map(|(name, _)| *name).collect::<Vec<_>>())
    .bind(windows.iter().map(|(_, since)| since.to_chrono()).collect::<Vec<_>>())
    .bind(names(true))
    .bind(now.plus_minutes(5).to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SignalRow {
                name: row.try_get("name")?,
                value: row.try_get("value")?,
                observed_at: instant(row.try_get("observed_at")?)?,
                attributes: row.try_get("attributes")?,
                pushed: row.try_get::<String, _>("origin")? == Origin::Pushed.as_str(),
            })
        })
        .collect()
}

/// What a list of signals is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this name.
    pub name: Option<String>,
    /// Only this platform.
    pub platform: Option<Platform>,
    /// Measured at this instant or later.
    pub from: Option<Timestamp>,
    /// Measured before this instant.
    pub to: Option<Timestamp>,
}

/// One page of signals, newest first, and how many there are in all.
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut TenantTx,
    filter: &Filter,
    paging: Paging,
) -> Result<(Vec<Signal>, i64), ApiError> {
    let platform = filter.platform.map(Platform::as_str);
    let from = filter.from.map(Timestamp::to_chrono);
    let to = filter.to.map(Timestamp::to_chrono);
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM signal
         WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR platform = $2)
           AND ($3::timestamptz IS NULL OR observed_at >= $3) AND ($4::timestamptz IS NULL OR observed_at < $4)",
    )
        .bind(&filter.name)
        .bind(platform)
        .bind(from)
        .bind(to)
        .fetch_one(&mut **tx)
        .await?;
    let rows = sqlx::query(
        "SELECT id, signal_id, type, name, platform, value, observed_at, received_at, attributes, origin FROM signal
         WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR platform = $2)
           AND ($3::timestamptz IS NULL OR observed_at >= $3) AND ($4::timestamptz IS NULL OR observed_at < $4)
         ORDER BY observed_at DESC, id DESC LIMIT $5 OFFSET $6",
    )
        .bind(&filter.name)
        .bind(platform)
        .bind(from)
        .bind(to)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(&mut **tx)
        .await?;
    Ok((rows.iter().map(signal).collect::<Result<_, ApiError>>()?, total))
}

fn signal(row: &PgRow) -> Result<Signal, ApiError> {
    Ok(Signal {
        id: row.try_get("id")?,
        signal_id: row.try_get("signal_id")?,
        kind: row.try_get("type")?,
        name: row.try_get("name")?,
        platform: row.try_get("platform")?,
        value: row.try_get("value")?,
        observed_at: instant(row.try_get("observed_at")?)?,
        received_at: instant(row.try_get("received_at")?)?,
        attributes: row.try_get("attributes")?,
        origin: row.try_get("origin")?,
    })
}
