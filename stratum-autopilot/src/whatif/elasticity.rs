//! How strongly a metric follows spend: β of the power response.

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, length, ln, mean, round9, sample_std, sum};

use super::figures::DailyFigures;

/// From so many days with spend and metric above 0 β is fitted.
const MIN_FIT_DAYS: usize = 21;
/// Spend must have moved at least so much: its standard deviation / its mean.
const MIN_VARIATION: f64 = 0.15;
/// A fit that is less certain is not used.
const MAX_STANDARD_ERROR: f64 = 0.15;
/// β lies within these bounds: more spend neither loses what it had, nor returns more than in proportion.
const BETA_RANGE: (f64, f64) = (0.3, 1.0);
/// The half width of the interval around an assumed β.
const ASSUMED_HALF_WIDTH: f64 = 0.2;
/// The half width of a 95 % interval in standard errors, as the specification rounds it.
const Z_95: f64 = 1.96;

/// The exponent β of a metric: it becomes `r^β` times as large when spend becomes `r` times as large.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Elasticity {
    /// β, 0.3 to 1.
    pub beta: f64,
    /// The lower end of its interval: β − 1.96 standard errors, or − 0.2 where it is assumed. Not held within 0.3 and 1.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// Whether it is the default for this metric, because the days do not tell.
    pub assumed: bool,
    /// The standard error of the fit; null where β is assumed.
    pub standard_error: Option<f64>,
    /// On how many days spend and metric were both above 0.
    pub days: u32,
}

/// β of every metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Elasticities {
    /// Of revenue; 0.75 where it is assumed.
    pub revenue: Elasticity,
    /// Of conversions; 0.75 where it is assumed.
    pub conversions: Elasticity,
    /// Of clicks; 0.85 where it is assumed.
    pub clicks: Elasticity,
    /// Of impressions; 0.90 where it is assumed.
    pub impressions: Elasticity,
}

/// One exponent for each metric.
#[derive(Debug, Clone, Copy)]
pub(super) struct Betas {
    pub(super) revenue: f64,
    pub(super) conversions: f64,
    pub(super) clicks: f64,
    pub(super) impressions: f64,
}

impl Elasticities {
    pub(super) fn of(days: &[DailyFigures]) -> Self {
        let of = |metric: fn(&DailyFigures) -> f64, default| Elasticity::of(days, metric, default);
        Self {
            revenue: of(|day| amount(day.revenue_cents), 0.75),
            conversions: of(|day| day.conversions, 0.75),
            clicks: of(|day| day.clicks, 0.85),
            impressions: of(|day| day.impressions, 0.90),
        }
    }

    pub(super) fn any_assumed(&self) -> bool {
        [self.revenue, self.conversions, self.clicks, self.impressions].iter().any(|metric| metric.assumed)
    }

    pub(super) fn betas(&self, of: fn(&Elasticity) -> f64) -> Betas {
        Betas {
            revenue: of(&self.revenue),
            conversions: of(&self.conversions),
            clicks: of(&self.clicks),
            impressions: of(&self.impressions),
        }
    }
}

impl Elasticity {
    fn of(days: &[DailyFigures], metric: fn(&DailyFigures) -> f64, default: f64) -> Self {
        let pairs = days.iter().map(|day| (amount(day.spend_cents), metric(day)));
        let (spend, metric): (Vec<f64>, Vec<f64>) = pairs.filter(|&(s, m)| s > 0.0 && m > 0.0).unzip();
        let days = u32::try_from(spend.len()).unwrap_or(u32::MAX);
        match fit(&spend, &metric) {
            Some(fit) => Self::around(fit.beta, Z_95 * fit.standard_error, days).measured(fit),
            None => Self::around(default, ASSUMED_HALF_WIDTH, days),
        }
    }

    fn around(beta: f64, half_width: f64, days: u32) -> Self {
        let beta = beta.clamp(BETA_RANGE.0, BETA_RANGE.1);
        Self {
            beta: round9(beta),
            lower: round9(beta - half_width),
            upper: round9(beta + half_width),
            assumed: true,
            standard_error: None,
            days,
        }
    }

    fn measured(mut self, fit: Fit) -> Self {
        self.assumed = false;
        self.standard_error = Some(round9(fit.standard_error));
        self
    }
}

#[derive(Debug, Clone, Copy)]
struct Fit {
    beta: f64,
    standard_error: f64,
}

/// The slope of ln metric on ln spend by ordinary least squares (Gauss, 1809), if the days bear one. All are above 0.
fn fit(spend: &[f64], metric: &[f64]) -> Option<Fit> {
    if spend.len() < MIN_FIT_DAYS || round9(sample_std(spend)? / mean(spend)?) < MIN_VARIATION {
        return None;
    }
    let (x, y) = (log_deviations(spend)?, log_deviations(metric)?);
    let sum_of = |term: &dyn Fn(f64, f64) -> f64| {
        sum(&x.iter().zip(&y).map(|(&x, &y)| term(x, y)).collect::<Vec<_>>())
    };
    let spread = sum_of(&|x, _| x * x);
    let beta = sum_of(&|x, y| x * y) / spread;
    let residual = sum_of(&|x, y| (y - beta * x) * (y - beta * x));
    let standard_error = (residual / (length(spend) - 2.0) / spread).sqrt();
    (round9(standard_error) <= MAX_STANDARD_ERROR).then_some(Fit { beta, standard_error })
}

/// The logarithms less their mean.
fn log_deviations(values: &[f64]) -> Option<Vec<f64>> {
    let logs: Vec<f64> = values.iter().map(|&value| ln(value)).collect();
    let mean = mean(&logs)?;
    Some(logs.iter().map(|log| log - mean).collect())
}
