//! What goes in for a day, and what comes out for a period.

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, count, pow, round9, sum};
use stratum_core::money::{round_minor, round_minor_ratio};
use stratum_core::problem::ProblemCollector;

use super::elasticity::Betas;
use super::exact::{BILLION, billionths, check_cents, check_range, round3};
use super::request::DAYS;

/// The most of a day's spend or revenue, in minor units: with every factor of a simulation an amount stays below 2⁵³.
pub const MAX_DAILY_CENTS: i64 = 10_000_000_000_000;

/// The most of a day's conversions, clicks or impressions.
pub const MAX_DAILY_COUNT: f64 = 1e12;

/// One complete day of the scope that is simulated; both amounts in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DailyFigures {
    /// Minor units spent, 0 to 10¹³.
    pub spend_cents: i64,
    /// Minor units of revenue that the platform attributes, 0 to 10¹³.
    pub revenue_cents: i64,
    /// Conversions, 0 to 10¹²; a part of one where credit is shared.
    pub conversions: f64,
    /// Clicks, 0 to 10¹².
    pub clicks: f64,
    /// Impressions, 0 to 10¹².
    pub impressions: f64,
}

impl DailyFigures {
    /// A day.
    #[must_use]
    pub const fn new(
        spend_cents: i64,
        revenue_cents: i64,
        conversions: f64,
        clicks: f64,
        impressions: f64,
    ) -> Self {
        Self { spend_cents, revenue_cents, conversions, clicks, impressions }
    }

    pub(super) fn check(&self, path: &str, found: &mut ProblemCollector) {
        check_cents(found, format!("{path}/spend_cents"), "a day's spend", self.spend_cents, MAX_DAILY_CENTS);
        check_cents(
            found,
            format!("{path}/revenue_cents"),
            "a day's revenue",
            self.revenue_cents,
            MAX_DAILY_CENTS,
        );
        for (name, value) in
            [("conversions", self.conversions), ("clicks", self.clicks), ("impressions", self.impressions)]
        {
            check_range(found, format!("{path}/{name}"), "a day's count", value, (0.0, MAX_DAILY_COUNT));
        }
    }
}

/// Figures of a period of `horizon_days`. Amounts are whole minor units, counts have three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SimulatedFigures {
    /// Minor units spent.
    pub spend_cents: i64,
    /// Minor units of revenue.
    pub revenue_cents: i64,
    /// Revenue / spend before either is rounded to minor units; null where nothing is spent.
    pub roas: Option<f64>,
    /// Conversions.
    pub conversions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Impressions.
    pub impressions: f64,
    /// contribution margin · `revenue_cents` − `spend_cents`; null where the margin is not known.
    pub net_profit_cents: Option<i64>,
}

/// By how many percent predicted figures differ from the current ones; null where the current figure is 0, or the
/// predicted one is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FigureChanges {
    /// Spend.
    pub spend: Option<f64>,
    /// Revenue.
    pub revenue: Option<f64>,
    /// Return on spend.
    pub roas: Option<f64>,
    /// Conversions.
    pub conversions: Option<f64>,
    /// Clicks.
    pub clicks: Option<f64>,
    /// Impressions.
    pub impressions: Option<f64>,
}

/// New spend / current spend, exactly: a percentage with nine decimals.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpendRatio {
    /// In units of 10⁻¹¹.
    units: i128,
    value: f64,
}

impl SpendRatio {
    const ONE: i128 = 100 * BILLION;
    pub(super) const UNCHANGED: Self = Self { units: Self::ONE, value: 1.0 };

    /// From a change in percent, −100 to 200.
    pub(super) fn of_change_pct(pct: f64) -> Self {
        let units = Self::ONE.saturating_add(billionths(pct)).max(0);
        Self { units, value: amount(i64::try_from(units).unwrap_or(i64::MAX)) / 1e11 }
    }

    pub(super) const fn is_zero(self) -> bool {
        self.units == 0
    }

    fn change_pct(self) -> f64 {
        round9(100.0 * self.value - 100.0)
    }

    /// r^β, and 1 for r = 1 whatever β is.
    pub(super) fn power(self, beta: f64) -> f64 {
        if self.units == Self::ONE { 1.0 } else { pow(self.value, beta) }
    }
}

/// The sums over all days.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    spend_cents: i64,
    revenue_cents: i64,
    conversions: f64,
    clicks: f64,
    impressions: f64,
    largest_daily_spend_cents: i64,
}

impl Totals {
    pub(super) fn of(days: &[DailyFigures]) -> Self {
        let cents = |of: fn(&DailyFigures) -> i64| days.iter().map(of).fold(0, i64::saturating_add);
        let counts = |of: fn(&DailyFigures) -> f64| sum(&days.iter().map(of).collect::<Vec<_>>());
        Self {
            spend_cents: cents(|day| day.spend_cents),
            revenue_cents: cents(|day| day.revenue_cents),
            conversions: counts(|day| day.conversions),
            clicks: counts(|day| day.clicks),
            impressions: counts(|day| day.impressions),
            largest_daily_spend_cents: days.iter().map(|day| day.spend_cents).max().unwrap_or_default(),
        }
    }

    /// Without spend nothing can be said about other spend.
    pub(super) const fn are_defined(&self) -> bool {
        self.spend_cents > 0
    }

    /// Whether the new mean daily spend lies beyond one and a half times the largest that was seen.
    pub(super) fn extrapolates(&self, ratio: SpendRatio) -> bool {
        let new = i128::from(self.spend_cents).saturating_mul(ratio.units).saturating_mul(2);
        let seen = i128::from(self.largest_daily_spend_cents).saturating_mul(i128::from(DAYS));
        new > seen.saturating_mul(3).saturating_mul(SpendRatio::ONE)
    }

    /// β · roas · r^(β−1): what one more unit of spend returns. Not defined where nothing is spent.
    pub(super) fn marginal_roas(&self, ratio: SpendRatio, beta: f64) -> Option<f64> {
        self.exact_roas(ratio, beta).map(|roas| round9(beta * roas))
    }

    fn exact_roas(&self, ratio: SpendRatio, beta: f64) -> Option<f64> {
        if self.spend_cents == 0 || ratio.is_zero() {
            return None;
        }
        Some(amount(self.revenue_cents) / amount(self.spend_cents) * ratio.power(beta - 1.0))
    }

    /// The figures of a period, for a spend that is `ratio` times what it was.
    pub(super) fn figures(
        &self,
        horizon_days: u32,
        ratio: SpendRatio,
        betas: &Betas,
        margin: Option<f64>,
    ) -> SimulatedFigures {
        let horizon = i128::from(horizon_days);
        let spend = i128::from(self.spend_cents).saturating_mul(ratio.units).saturating_mul(horizon);
        let spend_cents =
            round_minor_ratio(spend, SpendRatio::ONE.saturating_mul(i128::from(DAYS))).unwrap_or_default();
        let period = |total: f64, beta: f64| {
            total * count(u64::from(horizon_days)) / count(u64::from(DAYS)) * ratio.power(beta)
        };
        let revenue_cents =
            round_minor(period(amount(self.revenue_cents), betas.revenue)).unwrap_or_default();
        SimulatedFigures {
            spend_cents,
            revenue_cents,
            roas: self.exact_roas(ratio, betas.revenue).map(round9),
            conversions: round3(period(self.conversions, betas.conversions)),
            clicks: round3(period(self.clicks, betas.clicks)),
            impressions: round3(period(self.impressions, betas.impressions)),
            net_profit_cents: margin.and_then(|margin| net_profit(margin, revenue_cents, spend_cents)),
        }
    }

    pub(super) fn changes(&self, ratio: SpendRatio, betas: &Betas) -> FigureChanges {
        let change = |current: f64, beta: f64| {
            (current > 0.0).then(|| round9(100.0 * (ratio.power(beta) - 1.0)) + 0.0)
        };
        let revenue = amount(self.revenue_cents);
        FigureChanges {
            spend: self.are_defined().then(|| ratio.change_pct()),
            revenue: change(revenue, betas.revenue),
            roas: if ratio.is_zero() { None } else { change(revenue, betas.revenue - 1.0) },
            conversions: change(self.conversions, betas.conversions),
            clicks: change(self.clicks, betas.clicks),
            impressions: change(self.impressions, betas.impressions),
        }
    }
}

/// margin · revenue − spend of the amounts as they are shown, so that whoever checks the sum finds it right.
fn net_profit(margin: f64, revenue_cents: i64, spend_cents: i64) -> Option<i64> {
    let contribution = billionths(margin).saturating_mul(i128::from(revenue_cents));
    let spend = BILLION.saturating_mul(i128::from(spend_cents));
    round_minor_ratio(contribution.saturating_sub(spend), BILLION)
}
