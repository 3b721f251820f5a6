//! What a customer will be worth: purchases to expect, month by month, times the amount to expect, discounted.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector};

use super::{BgNbd, GammaGamma, PurchaseHistory, SpendHistory};

/// How far ahead is looked, and what the future is worth today.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Horizon {
    /// Months, 1 to 120.
    pub months: u32,
    /// By how much a month makes money worth less, 0 to 1.
    #[serde(default)]
    pub monthly_discount: f64,
    /// How many units of time of the histories a month has: 4.345 for weeks, 30.4375 for days.
    pub periods_per_month: f64,
}

impl Horizon {
    pub(super) fn check(&self, path: &str, found: &mut ProblemCollector) {
        if !(1..=120).contains(&self.months) {
            let text = format!("the months are 1 to 120, not {}", self.months);
            found.push(Problem::new(format!("{path}/months"), "out_of_range", text));
        }
        if !(0.0..=1.0).contains(&self.monthly_discount) {
            let text = "the monthly discount is from 0 to 1";
            found.push(
                Problem::new(format!("{path}/monthly_discount"), "out_of_range", text)
                    .help("write 0.01 for 1 % a month"),
            );
        }
        if !(self.periods_per_month.is_finite() && self.periods_per_month > 0.0) {
            let text = "a month has a finite number above 0 of the unit of time";
            found.push(Problem::new(format!("{path}/periods_per_month"), "out_of_range", text));
        }
    }

    /// The value of a customer: Σ average · (E(i s) − E((i − 1) s)) / (1 + d)ⁱ over the months i, s periods to a month. None
    /// where the average is not known.
    #[must_use]
    pub fn value(
        &self,
        purchases: &BgNbd,
        spend: &GammaGamma,
        customer: &PurchaseHistory,
        mean_amount: f64,
    ) -> Option<f64> {
        let average = spend.expected_average(&SpendHistory { x: customer.x, m: mean_amount })?;
        Some(average * self.discounted_purchases(purchases, customer))
    }

    /// The purchases to expect, each as much worth as its money today: Σ (E(i s) − E((i − 1) s)) / (1 + d)ⁱ.
    #[must_use]
    pub fn discounted_purchases(&self, purchases: &BgNbd, customer: &PurchaseHistory) -> f64 {
        let expected =
            |month: u32| purchases.expected_purchases(customer, f64::from(month) * self.periods_per_month);
        // What is worth the same whenever it comes need not be taken apart.
        if self.monthly_discount == 0.0 {
            return expected(self.months);
        }
        let mut worth = 1.0;
        let mut before = 0.0;
        let mut sum = 0.0;
        for month in 1..=self.months {
            worth /= 1.0 + self.monthly_discount;
            let until = expected(month);
            sum += (until - before) * worth;
            before = until;
        }
        sum
    }

    /// So many units of time are looked ahead.
    #[must_use]
    pub fn periods(&self) -> f64 {
        f64::from(self.months) * self.periods_per_month
    }
}
