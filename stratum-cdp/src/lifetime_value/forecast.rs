//! What the models say of a customer, and how well it is known: the same for a request and for columns.

use stratum_core::math::round9;

use super::interval::{of_chance, of_positive, reach, standard_error};
use super::{BgNbd, GammaGamma, Horizon, Interval, PurchaseHistory, SpendHistory};

/// A number that a model predicts, rounded to nine decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Between which it lies; none where nobody said how well the model is known.
    pub interval: Option<Interval>,
}

impl Estimate {
    fn new(value: f64, interval: Option<Interval>) -> Self {
        let interval =
            interval.map(|Interval { low, high }| Interval { low: round9(low), high: round9(high) });
        Self { value: round9(value), interval }
    }
}

/// How often customers will come, by a BG/NBD model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PurchaseForecast {
    model: BgNbd,
    covariance: Option<[[f64; 4]; 4]>,
    reach: f64,
}

impl PurchaseForecast {
    /// By a model, with the covariance of the logarithms of its parameters as a fit gives it (without it nothing has an
    /// interval), and how sure the intervals are, 0.5 to 0.999999.
    #[must_use]
    pub fn new(model: BgNbd, covariance: Option<[[f64; 4]; 4]>, confidence: f64) -> Self {
        Self { model, covariance, reach: reach(confidence) }
    }

    /// The chance that the customer still comes.
    #[must_use]
    pub fn p_alive(&self, customer: &PurchaseHistory) -> Estimate {
        let chance = self.model.p_alive(customer);
        let error = self.standard_error(|model| model.p_alive(customer));
        Estimate::new(chance, error.map(|error| of_chance(chance, error, self.reach)))
    }

    /// The purchases to expect in the next `t`, in the unit of time of the history.
    #[must_use]
    pub fn expected_purchases(&self, customer: &PurchaseHistory, t: f64) -> Estimate {
        let expected = self.model.expected_purchases(customer, t);
        let error = self.standard_error(|model| model.expected_purchases(customer, t));
        Estimate::new(expected, error.map(|error| of_positive(expected, error, self.reach)))
    }

    fn standard_error(&self, predicted: impl Fn(&BgNbd) -> f64) -> Option<f64> {
        let covariance = self.covariance.as_ref()?;
        let error = standard_error(self.model.as_array(), covariance, |parameters| {
            predicted(&BgNbd::from_array(parameters))
        });
        (!error.is_nan()).then_some(error)
    }
}

/// What customers will be worth, by BG/NBD and Gamma-Gamma.
///
/// The two are fitted apart and share no parameter, as what a customer spends does not depend on how often they come (Fader and
/// Hardie 2013); so their variances add.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueForecast {
    purchases: PurchaseForecast,
    spend: GammaGamma,
    covariance: Option<[[f64; 3]; 3]>,
    horizon: Horizon,
}

impl ValueForecast {
    /// By how often customers come, a model of what they spend with the covariance of the logarithms of its parameters, and
    /// how far is looked ahead. A value has an interval where both models have a covariance.
    #[must_use]
    pub const fn new(
        purchases: PurchaseForecast,
        spend: GammaGamma,
        covariance: Option<[[f64; 3]; 3]>,
        horizon: Horizon,
    ) -> Self {
        Self { purchases, spend, covariance, horizon }
    }

    /// The mean amount to expect; none where it is not known.
    #[must_use]
    pub fn expected_average(&self, customer: &SpendHistory) -> Option<Estimate> {
        let average = self.spend.expected_average(customer)?;
        let error = self.error_of_average(customer);
        Some(Estimate::new(average, error.map(|error| of_positive(average, error, self.purchases.reach))))
    }

    /// The value of a customer whose repeat purchases came to this mean amount; none where the average is not known.
    #[must_use]
    pub fn value(&self, customer: &PurchaseHistory, mean_amount: f64) -> Option<Estimate> {
        let spent = SpendHistory { x: customer.x, m: mean_amount };
        let average = self.spend.expected_average(&spent)?;
        let bought = self.horizon.discounted_purchases(&self.purchases.model, customer);
        let value = average * bought;
        let of_average = self.error_of_average(&spent).map(|error| error * bought);
        let of_bought = self
            .purchases
            .standard_error(|model| self.horizon.discounted_purchases(model, customer))
            .map(|error| error * average);
        let error = of_average.zip(of_bought).map(|(one, other)| (one * one + other * other).sqrt());
        Some(Estimate::new(value, error.map(|error| of_positive(value, error, self.purchases.reach))))
    }

    fn error_of_average(&self, customer: &SpendHistory) -> Option<f64> {
        let covariance = self.covariance.as_ref()?;
        // A mean that is infinite a little further on has no error that could be told.
        let error = standard_error(self.spend.as_array(), covariance, |parameters| {
            GammaGamma::from_array(parameters).expected_average(customer).unwrap_or(f64::NAN)
        });
        (!error.is_nan()).then_some(error)
    }
}

#[cfg(test)]
mod tests {
    use stratum_core::math::{exp, ln};

    use super::*;

    const MODEL: BgNbd = BgNbd { r: 0.242_594, alpha: 4.413_602, a: 0.792_919, b: 2.425_884 };
    const SPEND: GammaGamma = GammaGamma { p: 6.25, q: 3.74, v: 15.44 };
    const CUSTOMER: PurchaseHistory = PurchaseHistory { x: 2, t_x: 30.43, age: 38.86 };

    fn forecast(first: f64, second: f64, months: u32) -> ValueForecast {
        let horizon = Horizon { months, monthly_discount: 0.01, periods_per_month: 4.345 };
        let alone = |variance: f64| {
            let mut covariance = [[0.0; 4]; 4];
            covariance[1][1] = variance;
            covariance
        };
        let mut spend = [[0.0; 3]; 3];
        spend[2][2] = second;
        ValueForecast::new(
            PurchaseForecast::new(MODEL, Some(alone(first)), 0.95),
            SPEND,
            Some(spend),
            horizon,
        )
    }

    /// Only v varies: the mean amount is linear in it, so what is v's share of the amount is known on paper.
    #[test]
    fn a_value_is_as_uncertain_as_the_amount_where_the_purchases_are_sure() {
        let found = forecast(0.0, 0.04, 12).value(&CUSTOMER, 22.35).unwrap();
        let own = SPEND.p * 2.0;
        let share = SPEND.v * SPEND.p / (SPEND.v * SPEND.p + own * 22.35);
        let wide = exp(1.959_963_984_540_054 * 0.2 * share);
        let interval = found.interval.unwrap();
        assert!((interval.high / found.value - wide).abs() < 1e-7);
        assert!((found.value / interval.low - wide).abs() < 1e-7);
    }

    #[test]
    fn variances_of_the_two_models_add() {
        let logarithm = |first, second| {
            let found = forecast(first, second, 6).value(&CUSTOMER, 22.35).unwrap();
            ln(found.interval.unwrap().high / found.value)
        };
        let (one, other, both) = (logarithm(0.09, 0.0), logarithm(0.0, 0.04), logarithm(0.09, 0.04));
        assert!(one > 0.0 && other > 0.0);
        assert!((both * both - one * one - other * other).abs() < 1e-8);
    }

    #[test]
    fn without_a_covariance_nothing_has_an_interval() {
        let horizon = Horizon { months: 1, monthly_discount: 0.0, periods_per_month: 4.0 };
        let purchases = PurchaseForecast::new(MODEL, None, 0.95);
        let forecast = ValueForecast::new(purchases, SPEND, Some([[0.1; 3]; 3]), horizon);
        assert_eq!(purchases.p_alive(&CUSTOMER).interval, None);
        assert_eq!(forecast.value(&CUSTOMER, 20.0).unwrap().interval, None);
        assert!(forecast.expected_average(&SpendHistory { x: 2, m: 20.0 }).unwrap().interval.is_some());
    }
}
