//! The words for probabilities and amounts.

use stratum_core::math::{amount, round9};
use stratum_core::{Currency, enumeration};

enumeration! {
    /// How likely a customer is to have left.
    pub enum ChurnBand "churn band" {
        /// Below 0.25.
        Low = "LOW",
        /// From 0.25.
        Medium = "MEDIUM",
        /// From 0.5.
        High = "HIGH",
        /// From 0.75.
        Critical = "CRITICAL",
    }
}

impl ChurnBand {
    /// The band of a probability.
    #[must_use]
    pub fn of(probability: f64) -> Self {
        match round9(probability) {
            p if p < 0.25 => Self::Low,
            p if p < 0.5 => Self::Medium,
            p if p < 0.75 => Self::High,
            _ => Self::Critical,
        }
    }
}

enumeration! {
    /// What a customer will bring in a year.
    pub enum LtvClass "lifetime value class" {
        /// From 1000, in major units.
        Vip = "VIP",
        /// From 500.
        High = "HIGH",
        /// From 200.
        Medium = "MEDIUM",
        /// Less.
        Low = "LOW",
    }
}

impl LtvClass {
    /// The class of an amount in minor units of a currency.
    #[must_use]
    pub fn of(cents: i64, currency: Currency) -> Self {
        match amount(cents) / amount(currency.minor_per_major()) {
            major if major >= 1000.0 => Self::Vip,
            major if major >= 500.0 => Self::High,
            major if major >= 200.0 => Self::Medium,
            _ => Self::Low,
        }
    }
}

enumeration! {
    /// The model that made a prediction.
    pub enum CustomerModel "customer model" {
        /// The days since the last purchase beside the customer's rhythm.
        Heuristic = "HEURISTIC",
        /// BG/NBD with Gamma-Gamma.
        BgNbd = "BG_NBD",
    }
}

enumeration! {
    /// Whose rhythm was used.
    pub enum GapSource "gap source" {
        /// The customer's own: three purchases or more.
        Own = "OWN",
        /// That of all customers: thirty who came back, or more.
        Tenant = "TENANT",
        /// Nobody's: 90 days.
        Default = "DEFAULT",
    }
}
