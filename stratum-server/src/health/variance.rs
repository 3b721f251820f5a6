//! Platform figures against the independent reference (GA4): how far they are apart, per platform.
//!
//! Bands (the contract's `VarianceStatus`): below 5 % healthy, below 15 minor, below 30 moderate, else high.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::Row as _;
use stratum_core::vocabulary::Platform;
use stratum_core::{Timestamp, enumeration, math};
use utoipa::ToSchema;

use crate::db::TenantTx;
use crate::http::ApiError;
use crate::tenant::parse;

enumeration! {
    /// How far platform and reference are apart.
    pub enum VarianceStatus "variance status" {
        /// Below 5 per cent.
        Healthy = "HEALTHY",
        /// Below 15 per cent.
        MinorVariance = "MINOR_VARIANCE",
        /// Below 30 per cent.
        ModerateVariance = "MODERATE_VARIANCE",
        /// 30 per cent and more, or not comparable.
        HighVariance = "HIGH_VARIANCE",
    }
}

impl VarianceStatus {
    /// The status of a variance in per cent; unknown is the worst, for nothing supports the figures then.
    #[must_use]
    pub fn of(pct: Option<f64>) -> Self {
        match pct {
            Some(pct) if pct < 5.0 => Self::Healthy,
            Some(pct) if pct < 15.0 => Self::MinorVariance,
            Some(pct) if pct < 30.0 => Self::ModerateVariance,
            _ => Self::HighVariance,
        }
    }
}

/// Platform figures against the reference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Variance {
    /// Of the tenant as a whole.
    #[schema(value_type = String, example = "MINOR_VARIANCE")]
    pub status: VarianceStatus,
    /// Over all platforms, in per cent; null if nothing can be compared.
    pub overall_variance_pct: Option<f64>,
    /// The share of platform revenue on platforms with high variance, in per cent.
    pub high_variance_share_pct: f64,
    /// Each platform with figures.
    pub platforms: Vec<PlatformVariance>,
    /// When this was worked out.
    #[schema(value_type = String, format = DateTime)]
    pub computed_at: Timestamp,
}

/// One platform against the reference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlatformVariance {
    /// Which platform.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// GA4 or CRM.
    pub reference: &'static str,
    /// What the platform says it earned, on the days that both have.
    pub platform_revenue_cents: i64,
    /// What the reference says.
    pub reference_revenue_cents: Option<i64>,
    /// |platform − reference| / reference, in per cent.
    pub revenue_variance_pct: Option<f64>,
    /// Conversions of the platform, on the days that both have.
    pub platform_conversions: i64,
    /// Conversions of the reference.
    pub reference_conversions: Option<i64>,
    /// |platform − reference| / reference, in per cent.
    pub conversion_variance_pct: Option<f64>,
    /// The share of the days that both sides have, 0 to 1.
    pub confidence: f64,
    /// By revenue, else by conversions.
    #[schema(value_type = String, example = "HEALTHY")]
    pub status: VarianceStatus,
    /// What to keep in mind: `insufficient_data`, `reference_zero`.
    pub flags: Vec<&'static str>,
}

/// Compares the `days` days up to and including `last`.
///
/// # Errors
/// The database's.
pub async fn variance(
    tx: &mut TenantTx,
    last: NaiveDate,
    days: u32,
    platform: Option<Platform>,
) -> Result<Variance, ApiError> {
    let rows = sqlx::query(
        "SELECT platform,
                count(*) AS days,
                count(*) FILTER (WHERE ga4_revenue IS NOT NULL) AS paired,
                COALESCE(sum(revenue) FILTER (WHERE ga4_revenue IS NOT NULL), 0)::bigint AS revenue,
                sum(ga4_revenue)::bigint AS ga4_revenue,
                COALESCE(sum(conversions) FILTER (WHERE ga4_conversions IS NOT NULL), 0)::bigint AS conversions,
                sum(ga4_conversions)::bigint AS ga4_conversions
         FROM (SELECT c.platform, m.day, sum(m.revenue_cents) AS revenue, sum(m.ga4_revenue_cents) AS ga4_revenue,
                      sum(m.conversions) AS conversions, sum(m.ga4_conversions) AS ga4_conversions
               FROM daily_metric m JOIN campaign c USING (tenant_id, campaign_id)
               WHERE m.entity_type = 'CAMPAIGN' AND m.day > $1::date - $2::int AND m.day <= $1
                 AND ($3::text IS NULL OR c.platform = $3)
               GROUP BY c.platform, m.day) AS by_day
         GROUP BY platform ORDER BY platform",
    )
    .bind(last)
    .bind(i32::try_from(days).unwrap_or(i32::MAX))
    .bind(platform.map(Platform::as_str))
    .fetch_all(&mut **tx)
    .await?;

    let mut platforms = Vec::new();
    for row in &rows {
        let paired: i64 = row.try_get("paired")?;
        let revenue: i64 = row.try_get("revenue")?;
        let conversions: i64 = row.try_get("conversions")?;
        let reference_revenue: Option<i64> = row.try_get("ga4_revenue")?;
        let reference_conversions: Option<i64> = row.try_get("ga4_conversions")?;
        let revenue_variance_pct = distance(revenue, reference_revenue);
        let conversion_variance_pct = distance(conversions, reference_conversions);
        let mut flags = Vec::new();
        if paired < i64::from(days) {
            flags.push("insufficient_data");
        }
        if reference_revenue == Some(0) && revenue > 0 {
            flags.push("reference_zero");
        }
        platforms.push(PlatformVariance {
            platform: parse(&row.try_get::<String, _>("platform")?)?,
            reference: "GA4",
            platform_revenue_cents: revenue,
            reference_revenue_cents: reference_revenue,
            revenue_variance_pct,
            platform_conversions: conversions,
            reference_conversions,
            conversion_variance_pct,
            confidence: math::round9(math::amount(paired) / f64::from(days.max(1))).min(1.0),
            status: VarianceStatus::of(revenue_variance_pct.or(conversion_variance_pct)),
            flags,
        });
    }
    let total =
        |part: fn(&PlatformVariance) -> i64| platforms.iter().map(part).fold(0_i64, i64::saturating_add);
    let revenue = total(|platform| platform.platform_revenue_cents);
    let high = total(|platform| match platform.status {
        VarianceStatus::HighVariance => platform.platform_revenue_cents,
        _ => 0,
    });
    let compared = platforms.iter().any(|platform| platform.reference_revenue_cents.is_some());
    let overall = compared
        .then(|| distance(revenue, Some(total(|platform| platform.reference_revenue_cents.unwrap_or(0)))))
        .flatten();
    Ok(Variance {
        status: VarianceStatus::of(overall),
        overall_variance_pct: overall,
        high_variance_share_pct: if revenue > 0 {
            math::round9(100.0 * math::amount(high) / math::amount(revenue))
        } else {
            0.0
        },
        platforms,
        computed_at: tx.now(),
    })
}

/// |platform − reference| / reference in per cent; 100 where only the reference is 0, undefined where both are.
fn distance(platform: i64, reference: Option<i64>) -> Option<f64> {
    match (platform, reference?) {
        (0, 0) => None,
        (_, 0) => Some(100.0),
        (platform, reference) => {
            let difference = math::amount(platform.saturating_sub(reference).saturating_abs());
            Some(math::round9(difference * 100.0 / math::amount(reference)))
        }
    }
}
