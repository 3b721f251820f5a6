//! What ad platforms claim against what an independent reference saw. Nobody's figures are "corrected": the difference is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::math::{amount, count, length, round9, sample_std};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;
use stratum_core::{Currency, Timestamp};

enumeration! {
    /// How far a platform's figures are from the reference.
    pub enum VarianceStatus "variance status" {
        /// Below 5 %; of an account: no entity is high.
        Healthy = "healthy",
        /// Below 15 %; of an account: less than 20 % of the entities are high.
        MinorVariance = "minor_variance",
        /// Below 30 %; of an account: less than 50 % of the entities are high.
        ModerateVariance = "moderate_variance",
        /// 30 % and more.
        HighVariance = "high_variance",
    }
}

/// From so many per cent on a variance is high.
const HIGH_PCT: f64 = 30.0;
/// So many high days in a row make a banner.
const BANNER_DAYS: i64 = 3;
/// The trend is read from so many last days, and from three at least.
const TREND_DAYS: usize = 7;

/// Figures of ad platforms beside those of a reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VarianceRequest {
    /// The currency of the amounts.
    #[serde(default = "usd")]
    pub currency: Currency,
    /// The entities of the account: platforms or campaigns.
    pub entities: Vec<VarianceEntity>,
}

const fn usd() -> Currency {
    Currency::USD
}

/// One platform or campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VarianceEntity {
    /// What it is called.
    pub entity_id: String,
    /// Its days, in any order.
    pub days: Vec<VarianceDay>,
}

/// The figures of one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VarianceDay {
    /// An instant of the day. Its date in UTC is the day, for the order, for days in a row and for a day that stands twice: of
    /// a day of the tenant's calendar give midnight UTC of that date (`2026-10-25T00:00:00Z`, whatever the zone). A local
    /// midnight may lie on another date in UTC, and where clocks change two of them lie on one.
    pub day: Timestamp,
    /// What the platform claims.
    pub platform: VarianceFigures,
    /// What GA4 or the CRM saw.
    pub reference: VarianceFigures,
}

/// Revenue and conversions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VarianceFigures {
    /// In minor units.
    pub revenue_cents: i64,
    /// With fractions, where the source credits in fractions.
    pub conversions: f64,
}

/// How far platforms are from the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VarianceReport {
    /// By the share of entities whose revenue or conversions are high.
    pub account_status: VarianceStatus,
    /// The share of them, 0 to 100.
    pub high_pct: f64,
    /// The entities in the order of the request.
    pub entities: Vec<EntityVariance>,
}

/// How far one entity is from the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EntityVariance {
    /// What it is called.
    pub entity_id: String,
    /// Of the revenue of all days.
    pub revenue: Variance,
    /// Of the conversions of all days.
    pub conversions: Variance,
    /// Whether the revenue of the last three days was high on each of them.
    pub banner: bool,
    /// How much the comparison can be relied on, 0 to 1.
    pub confidence: f64,
}

/// One figure against its reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Variance {
    /// By how many per cent the platform claims more; not defined for a reference of 0.
    pub variance_pct: Option<f64>,
    /// What that stands for; not defined with it.
    pub status: Option<VarianceStatus>,
    /// Whether the platform claims something where the reference saw nothing.
    pub reference_zero: bool,
}

impl Variance {
    fn new(platform: f64, reference: f64) -> Self {
        let variance_pct = variance_pct(platform, reference);
        Self {
            variance_pct,
            status: variance_pct.map(status),
            reference_zero: reference == 0.0 && platform > 0.0,
        }
    }

    fn is_high(&self) -> bool {
        self.status == Some(VarianceStatus::HighVariance)
    }
}

fn variance_pct(platform: f64, reference: f64) -> Option<f64> {
    (reference != 0.0).then(|| round9(100.0 * (platform - reference) / reference))
}

fn status(variance_pct: f64) -> VarianceStatus {
    match variance_pct.abs() {
        far if far < 5.0 => VarianceStatus::Healthy,
        far if far < 15.0 => VarianceStatus::MinorVariance,
        far if far < HIGH_PCT => VarianceStatus::ModerateVariance,
        _ => VarianceStatus::HighVariance,
    }
}

impl VarianceRequest {
    /// Compares the figures.
    ///
    /// # Errors
    /// Every problem at once: `too_short`, `out_of_range`, `duplicate` for a day that stands twice, by its date in UTC.
    pub fn compare(&self) -> Result<VarianceReport, Problems> {
        self.check()?;
        let per_major = amount(self.currency.minor_per_major());
        let entities: Vec<EntityVariance> =
            self.entities.iter().map(|entity| entity.compared(per_major)).collect();
        let high =
            entities.iter().filter(|entity| entity.revenue.is_high() || entity.conversions.is_high()).count();
        let high_pct = if entities.is_empty() { 0.0 } else { 100.0 * count(high as u64) / length(&entities) };
        let account_status = match high_pct {
            0.0 => VarianceStatus::Healthy,
            share if share < 20.0 => VarianceStatus::MinorVariance,
            share if share < 50.0 => VarianceStatus::ModerateVariance,
            _ => VarianceStatus::HighVariance,
        };
        Ok(VarianceReport { account_status, high_pct: round9(high_pct), entities })
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (place, entity) in self.entities.iter().enumerate() {
            let path = format!("/entities/{place}");
            if entity.entity_id.trim().is_empty() {
                let text = "an entity has a name";
                found.push(Problem::new(format!("{path}/entity_id"), "too_short", text));
            }
            let mut days = BTreeSet::new();
            for (position, day) in entity.days.iter().enumerate() {
                let path = format!("{path}/days/{position}");
                if !days.insert(day.day.utc_date()) {
                    let text = "this day stands here twice, by its date in UTC";
                    let help = "add the two up; for a day of a local calendar give midnight UTC of its date";
                    found.push(Problem::new(format!("{path}/day"), "duplicate", text).help(help));
                }
                figures(&day.platform, &format!("{path}/platform"), &mut found);
                figures(&day.reference, &format!("{path}/reference"), &mut found);
            }
        }
        found.into_result(())
    }
}

fn figures(figures: &VarianceFigures, path: &str, found: &mut ProblemCollector) {
    if !(0..=MAX_MINOR).contains(&figures.revenue_cents) {
        let text = format!("revenue is 0 to {MAX_MINOR} minor units");
        found.push(Problem::new(format!("{path}/revenue_cents"), "out_of_range", text));
    }
    if !(0.0..=1e12).contains(&figures.conversions) {
        let text = "conversions are 0 to 10^12";
        found.push(Problem::new(format!("{path}/conversions"), "out_of_range", text));
    }
}

impl VarianceEntity {
    fn compared(&self, per_major: f64) -> EntityVariance {
        let mut days: Vec<&VarianceDay> = self.days.iter().collect();
        days.sort_by_key(|day| day.day);
        let of_days = |figure: fn(&VarianceDay) -> f64| {
            let figures: Vec<f64> = days.iter().map(|day| figure(day)).collect();
            stratum_core::math::sum(&figures)
        };
        let revenue = of_days(|day| amount(day.reference.revenue_cents));
        let conversions = of_days(|day| day.reference.conversions);
        let daily: Vec<Option<f64>> = days
            .iter()
            .map(|day| variance_pct(amount(day.platform.revenue_cents), amount(day.reference.revenue_cents)))
            .collect();
        let last = |days: usize| daily.get(daily.len().saturating_sub(days)..).unwrap_or_default();
        let trend: Vec<f64> = last(TREND_DAYS).iter().flatten().copied().collect();
        EntityVariance {
            entity_id: self.entity_id.clone(),
            revenue: Variance::new(of_days(|day| amount(day.platform.revenue_cents)), revenue),
            conversions: Variance::new(of_days(|day| day.platform.conversions), conversions),
            banner: is_high_of_late(&days),
            confidence: confidence(revenue / per_major, conversions, &trend),
        }
    }
}

/// Whether the last three days with figures follow each other, and the revenue of each is high.
fn is_high_of_late(days: &[&VarianceDay]) -> bool {
    let mut revenue: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for day in days {
        let known = revenue.entry(day.day.millis().div_euclid(DAY_MS)).or_default();
        known.0 += amount(day.platform.revenue_cents);
        known.1 += amount(day.reference.revenue_cents);
    }
    let Some(&last) = revenue.keys().next_back() else { return false };
    (0..BANNER_DAYS).all(|back| {
        let day = revenue.get(&last.saturating_sub(back));
        let variance = day.and_then(|&(platform, reference)| variance_pct(platform, reference));
        variance.is_some_and(|variance| variance.abs() >= HIGH_PCT)
    })
}

/// 0.4 for the volume, 0.3 for the conversions, 0.3 for how even the last days are.
fn confidence(revenue: f64, conversions: f64, trend: &[f64]) -> f64 {
    let volume = step(revenue, [100.0, 1_000.0, 10_000.0], [0.3, 0.6, 0.8, 0.95]);
    let counted = step(conversions, [5.0, 20.0, 100.0], [0.4, 0.7, 0.85, 0.95]);
    let even = match sample_std(trend) {
        Some(std) if trend.len() >= 3 => (1.0 - std / HIGH_PCT).clamp(0.0, 1.0),
        _ => 0.3,
    };
    round9(0.4 * volume + 0.3 * counted + 0.3 * even)
}

/// The first value below the first limit, the next from it on.
fn step(figure: f64, limits: [f64; 3], [first, second, third, fourth]: [f64; 4]) -> f64 {
    match limits.iter().filter(|&&limit| figure >= limit).count() {
        0 => first,
        1 => second,
        2 => third,
        _ => fourth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_needs_three_days_in_a_row_not_three_rows() {
        let day = |day: i64, claimed: i64| VarianceDay {
            day: Timestamp::from_millis(day * DAY_MS + 5).unwrap(),
            platform: VarianceFigures { revenue_cents: claimed, conversions: 1.0 },
            reference: VarianceFigures { revenue_cents: 100, conversions: 1.0 },
        };
        let banner = |days: Vec<VarianceDay>| {
            let entities = vec![VarianceEntity { entity_id: "meta".to_owned(), days }];
            let request = VarianceRequest { currency: usd(), entities };
            request.compare().unwrap().entities[0].banner
        };
        assert!(banner(vec![day(1, 100), day(4, 200), day(2, 200), day(3, 130)]));
        assert!(!banner(vec![day(1, 200), day(2, 200), day(4, 200)]));
        assert!(!banner(vec![day(2, 200), day(3, 129), day(4, 200)]));
        assert!(!banner(vec![day(3, 200), day(4, 200)]));
    }

    #[test]
    fn days_across_a_change_of_the_clocks_in_london_are_days_in_a_row() {
        let compared = |days: &[&str]| {
            let days = days.iter().map(|day| VarianceDay {
                day: day.parse().unwrap(),
                platform: VarianceFigures { revenue_cents: 200, conversions: 1.0 },
                reference: VarianceFigures { revenue_cents: 100, conversions: 1.0 },
            });
            let entities = vec![VarianceEntity { entity_id: "meta".to_owned(), days: days.collect() }];
            VarianceRequest { currency: usd(), entities }.compare()
        };
        for days in [
            ["2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"],
            ["2026-03-28T00:00:00Z", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"],
        ] {
            assert!(compared(&days).unwrap().entities[0].banner, "{days:?}");
        }
        // Local midnights of 29 and 30 March lie on one date in UTC: that is told, not added up.
        let local = compared(&["2026-03-28T00:00:00Z", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00+01:00"]);
        let problems = local.unwrap_err();
        let told: Vec<_> =
            problems.iter().map(|problem| (problem.path.as_ref(), problem.code.as_ref())).collect();
        assert_eq!(told, [("/entities/0/days/2/day", "duplicate")]);
    }
}
