//! Will a customer leave, and what will the next year bring? Two models, and every answer names the one that made it.
//!
//! The heuristic compares the days since the last purchase with the customer's own rhythm. A tenant with enough buyers over
//! a year may choose [`BG/NBD and Gamma-Gamma`](crate::lifetime_value) instead. Nobody without a purchase is predicted.
//!
//! ```
//! use stratum_cdp::prediction::{Base, ChurnBand, PredictionFacts};
//! use stratum_core::Currency;
//!
//! let base = Base::new(Currency::USD).with_average_order(8_000);
//! // Buys every 30 days, and has not for 60.
//! let facts = PredictionFacts { median_gap_days: Some(30.0), ..PredictionFacts::new(4, 60.0, 40_000) };
//! let prediction = base.predict(&facts).unwrap();
//! assert_eq!(prediction.churn_probability, 0.5);
//! assert_eq!(prediction.churn_band, ChurnBand::High);
//! // (4 · 100 + 3 · 80) / 7 = 91.43 for each of 365/30 purchases, of which half are still to be expected
//! assert_eq!(prediction.ltv_365_cents, 55_619);
//! ```

mod bands;
mod heuristic;
mod request;
#[cfg(test)]
mod tests;

pub use bands::{ChurnBand, CustomerModel, GapSource, LtvClass};
pub use heuristic::{Base, Prediction, PredictionFacts, median_gap_days};
pub use request::{
    BuyTillYouDie, CustomerPrediction, PredictionBase, PredictionRequest, PredictionResponse, Predictor,
    may_choose_bgnbd,
};
