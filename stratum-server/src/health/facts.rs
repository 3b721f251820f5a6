//! What an evaluation of health reads: signals, daily figures, incidents, and the tenant's calendar.

use std::str::FromStr;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use stratum_core::health::{DailyMetrics, DailyRow, HealthFacts, OpenIncident};
use stratum_core::id::SnapshotId;
use stratum_core::math;
use stratum_core::vocabulary::Platform;
use stratum_core::{Currency, Timestamp};
use uuid::Uuid;

use super::incidents;
use super::store;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::ApiError;
use crate::signals::measurements::{Surroundings, measurements};
use crate::signals::store::for_health;
use crate::tenant::parse;

/// Days of figures that variance and the anomaly component look at.
const DAYS: u64 = 15;

/// A tenant's calendar and currency.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    /// Its time zone.
    pub zone: Tz,
    /// Its currency.
    pub currency: Currency,
}

impl Calendar {
    /// The calendar of the transaction's tenant.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(tx: &mut TenantTx) -> Result<Self, ApiError> {
        Self::of(&sqlx::query("SELECT timezone, currency FROM tenant").fetch_one(&mut **tx).await?)
    }

    /// Reads the columns `timezone` and `currency`.
    ///
    /// # Errors
    /// An internal one: what is stored was written by us.
    pub fn of(row: &PgRow) -> Result<Self, ApiError> {
        Ok(Self {
            zone: Tz::from_str(row.try_get("timezone")?).map_err(ApiError::internal)?,
            currency: parse(row.try_get("currency")?)?,
        })
    }

    /// The tenant's calendar date at an instant.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> NaiveDate {
        at.to_chrono().with_timezone(&self.zone).date_naive()
    }

    /// The last complete day at an instant: yesterday.
    #[must_use]
    pub fn last_complete_day(&self, at: Timestamp) -> NaiveDate {
        let today = self.date(at);
        today.checked_sub_days(Days::new(1)).unwrap_or(today)
    }
}

/// Loads the facts of one platform as they are now.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut TenantTx, platform: Platform) -> Result<HealthFacts, ApiError> {
    let now = tx.now();
    let calendar = Calendar::load(tx).await?;
    let signals = for_health(tx, platform, now).await?;
    let daily = daily(tx, platform, calendar, now).await?;
    let open_incidents = incidents::open_incidents(tx, Some(platform))
        .await?
        .into_iter()
        .map(|incident| OpenIncident { kind: incident.kind, severity: incident.severity })
        .collect();
    let around = Surroundings {
        daily: daily.as_ref().map(|(daily, _)| daily.clone()),
        open_incidents,
        daily_emq: store::daily_emq(tx, platform, now).await?,
        cdp_emq: None,
    };
    let measured = measurements(now, &signals, around);
    let newest = [measured.platform_data_at, daily.map(|(_, as_of)| as_of)].into_iter().flatten().max();
    let tenant = tx.scope().tenant;
    let mut facts = HealthFacts::new(tenant, platform, now).with_measurements(measured);
    facts.snapshot_id = Some(SnapshotId::from_uuid(Uuid::now_v7()));
    Ok(match newest {
        Some(newest) => facts.with_data_as_of(newest),
        None => facts,
    })
}

/// The figures of the platform's campaigns, summed by day, and how new the newest of them are: a row is as of the end
/// of its day, or of when it was stored if that came first.
async fn daily(
    tx: &mut TenantTx,
    platform: Platform,
    calendar: Calendar,
    now: Timestamp,
) -> Result<Option<(DailyMetrics, Timestamp)>, ApiError> {
    let last = calendar.last_complete_day(now);
    let first = last.checked_sub_days(Days::new(DAYS)).unwrap_or(last);
    let rows = sqlx::query(
        "SELECT m.day, sum(m.spend_cents)::bigint AS spend, sum(m.conversions)::bigint AS conversions,
                sum(m.revenue_cents)::bigint AS revenue,
                sum(m.ga4_conversions)::bigint AS ga4_conversions, sum(m.ga4_revenue_cents)::bigint AS ga4_revenue,
                max(LEAST(m.stored_at, ((m.day + 1)::timestamp AT TIME ZONE $4))) AS as_of
         FROM daily_metric m JOIN campaign c USING (tenant_id, campaign_id)
         WHERE c.platform = $1 AND m.entity_type = 'CAMPAIGN' AND m.day BETWEEN $2 AND $3
         GROUP BY m.day ORDER BY m.day",
    )
    .bind(platform.as_str())
    .bind(first)
    // Today's partial row is no day to judge, but it says that data arrive.
    .bind(calendar.date(now))
    .bind(calendar.zone.name())
    .fetch_all(&mut **tx)
    .await?;
    let mut days = Vec::new();
    let mut newest = None;
    for row in &rows {
        let as_of = instant(row.try_get("as_of")?)?;
        newest = newest.max(Some(as_of));
        let figure = |name| -> Result<Option<f64>, ApiError> {
            Ok(row.try_get::<Option<i64>, _>(name)?.map(math::amount))
        };
        let date: NaiveDate = row.try_get("day")?;
        if date <= last {
            days.push(DailyRow {
                spend_cents: figure("spend")?,
                conversions: figure("conversions")?,
                revenue_cents: figure("revenue")?,
                currency: Some(calendar.currency),
                ga4_conversions: figure("ga4_conversions")?,
                ga4_revenue_cents: figure("ga4_revenue")?,
                ..DailyRow::new(date)
            });
        }
    }
    Ok(newest.map(|as_of| (DailyMetrics { last_complete_day: last, days }, as_of)))
}
