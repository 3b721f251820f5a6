//! The campaigns of the demo tenant and their daily figures.

use chrono::{Datelike as _, NaiveDate, NaiveTime};
use stratum_core::Timestamp;
use stratum_core::health::{DailyMetrics, DailyRow};
use stratum_core::math::amount;
use stratum_core::money::round_minor;
use stratum_core::vocabulary::Platform;

use super::noise::noise;
use super::story::Story;
use crate::campaigns::wire::{DayInput, Objective};
use crate::http::ApiError;

/// A campaign as the platform has it. Amounts are minor units of USD.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) platform: Platform,
    pub(super) external_id: &'static str,
    pub(super) name: &'static str,
    pub(super) objective: Objective,
    /// A day.
    pub(super) budget_cents: i64,
    /// For a thousand impressions.
    pub(super) cpm_cents: f64,
    /// Clicks of impressions, 0 to 1.
    pub(super) click_rate: f64,
    /// Conversions of clicks, 0 to 1.
    pub(super) conversion_rate: f64,
    /// Revenue of spend, as the platform counts it.
    pub(super) roas: f64,
}

const fn spec(
    platform: Platform,
    external_id: &'static str,
    name: &'static str,
    objective: Objective,
    budget_cents: i64,
    roas: f64,
) -> Spec {
    let (cpm_cents, click_rate, conversion_rate) = match platform {
        Platform::Meta => (950.0, 0.014, 0.031),
        Platform::Google => (2_100.0, 0.045, 0.042),
        Platform::Tiktok => (620.0, 0.011, 0.019),
        Platform::Snapchat => (540.0, 0.009, 0.017),
    };
    Spec {
        platform,
        external_id,
        name,
        objective,
        budget_cents,
        cpm_cents,
        click_rate,
        conversion_rate,
        roas,
    }
}

/// Every campaign of the demo.
pub(super) const CAMPAIGNS: [Spec; 12] = [
    spec(Platform::Meta, "238512", "Prospecting EU", Objective::Sales, 60_000, 3.4),
    spec(Platform::Meta, "238513", "Retargeting 30 days", Objective::Conversions, 25_000, 5.1),
    spec(Platform::Meta, "238514", "Spring collection", Objective::Sales, 40_000, 2.9),
    spec(Platform::Google, "g-7701", "Brand search", Objective::Sales, 30_000, 6.2),
    spec(Platform::Google, "g-7702", "Shopping", Objective::Sales, 80_000, 3.8),
    spec(Platform::Google, "g-7703", "Performance max", Objective::Conversions, 50_000, 3.1),
    spec(Platform::Tiktok, "tt-401", "Creators", Objective::Sales, 35_000, 2.8),
    spec(Platform::Tiktok, "tt-402", "Spark ads", Objective::Conversions, 20_000, 3.0),
    spec(Platform::Tiktok, "tt-403", "Lookalike buyers", Objective::Conversions, 15_000, 2.6),
    spec(Platform::Snapchat, "sc-91", "Stories", Objective::Awareness, 12_000, 2.4),
    spec(Platform::Snapchat, "sc-92", "Collection ads", Objective::Sales, 18_000, 2.7),
    // Returns less than it costs: raising it asks for a confirmation, and a pause is proposed.
    spec(Platform::Snapchat, "sc-93", "AR lens", Objective::Sales, 14_000, 0.8),
];

/// Which share of its budget a campaign spends, Monday to Sunday.
const WEEK: [f64; 7] = [0.90, 0.91, 0.92, 0.93, 0.95, 0.97, 0.92];

impl Story {
    /// The figures of a campaign on a day of the tenant's calendar, which is UTC.
    ///
    /// # Errors
    /// An internal one when an amount is too large to store; none is.
    pub(super) fn day(&self, campaign: &Spec, date: NaiveDate) -> Result<DayInput, ApiError> {
        let noon = Timestamp::try_from(date.and_time(NaiveTime::MIN).and_utc())?.plus_hours(12);
        let now = self.condition(campaign.platform, noon);
        let position = i64::from(date.num_days_from_ce());
        let vary =
            |what: &str, size: f64| 1.0 + noise(&format!("{}/{what}", campaign.external_id), position) * size;
        let usage = usize::try_from(date.weekday().num_days_from_monday()).ok().and_then(|day| WEEK.get(day));
        let spend = amount(campaign.budget_cents)
            * usage.copied().unwrap_or(0.92)
            * now.spend_factor
            * vary("spend", 0.04);
        // What a day brings follows the usual spend: a day that costs more than it should brings no more.
        let usual = spend / now.spend_factor;
        let impressions = spend / campaign.cpm_cents * 1000.0 * vary("cpm", 0.05);
        let clicks = impressions * campaign.click_rate * vary("clicks", 0.05);
        let conversions = usual / campaign.cpm_cents
            * 1000.0
            * campaign.click_rate
            * campaign.conversion_rate
            * vary("conversions", 0.05);
        let revenue = usual * campaign.roas * vary("revenue", 0.05);
        let by_ga4 = (1.0 - now.ga4_gap_pct / 100.0) * vary("ga4", 0.01);
        let whole = |value: f64| {
            round_minor(value).ok_or_else(|| ApiError::internal("a generated figure is too large"))
        };
        Ok(DayInput {
            date,
            impressions: whole(impressions)?,
            clicks: whole(clicks)?,
            conversions: whole(conversions * now.seen_factor)?,
            spend_cents: whole(spend)?,
            revenue_cents: whole(revenue * now.seen_factor)?,
            ga4_revenue_cents: Some(whole(revenue * now.seen_factor * by_ga4)?),
            ga4_conversions: Some(whole(conversions * now.seen_factor * by_ga4)?),
            // Each person saw the campaign not quite twice in the week.
            reach_7d: Some(whole(impressions * 7.0 / 1.8)?),
        })
    }

    /// A platform's figures of the fifteen days up to `last`, as health reads them.
    ///
    /// # Errors
    /// As [`Self::day`].
    pub(super) fn daily(&self, platform: Platform, last: NaiveDate) -> Result<DailyMetrics, ApiError> {
        let mut days = Vec::new();
        for date in std::iter::successors(Some(last), NaiveDate::pred_opt).take(15) {
            let mut row = DailyRow { currency: Some(stratum_core::Currency::USD), ..DailyRow::new(date) };
            for campaign in CAMPAIGNS.iter().filter(|campaign| campaign.platform == platform) {
                let day = self.day(campaign, date)?;
                let add = |sum: &mut Option<f64>, part: i64| *sum = Some(sum.unwrap_or(0.0) + amount(part));
                add(&mut row.spend_cents, day.spend_cents);
                add(&mut row.conversions, day.conversions);
                add(&mut row.revenue_cents, day.revenue_cents);
                add(&mut row.ga4_revenue_cents, day.ga4_revenue_cents.unwrap_or(0));
                add(&mut row.ga4_conversions, day.ga4_conversions.unwrap_or(0));
            }
            days.push(row);
        }
        days.reverse();
        Ok(DailyMetrics { last_complete_day: last, days })
    }
}
