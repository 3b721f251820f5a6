//! What customers will buy and be worth: BG/NBD for how often they still come (Fader, Hardie and Lee 2005) and Gamma-Gamma
//! for how much they spend when they do (Fader and Hardie 2013), fitted by maximum likelihood, with intervals.
//!
//! A customer is a history ([`PurchaseHistory`]): repeat purchases, the age at the last one, and the age now, all in one unit
//! of time that the caller chooses.
//!
//! ```
//! use stratum_cdp::lifetime_value::{BgNbd, PurchaseHistory};
//!
//! // The published parameters of the CDNOW sample; time in weeks.
//! let model = BgNbd::new(0.242594, 4.413602, 0.792919, 2.425884).unwrap();
//! let customer = PurchaseHistory { x: 2, t_x: 30.43, age: 38.86 };
//! assert!((model.p_alive(&customer) - 0.7266086).abs() < 1e-7);
//! assert!((model.expected_purchases(&customer, 39.0) - 1.2259055).abs() < 1e-7);
//! ```
//!
//! Intervals come from the observed information: on the logarithms of the parameters, and by the delta method for what is
//! predicted from them. They say how well the model's expectation is known, not how much a single customer varies around it.

mod bgnbd;
mod bgnbd_fit;
mod called_off;
mod clv;
mod columns;
mod expectation;
mod forecast;
mod gamma_gamma;
mod history;
mod interval;
mod request;
mod value_request;

pub use bgnbd::BgNbd;
pub use bgnbd_fit::{FittedBgNbd, fit_bgnbd, fit_bgnbd_while};
pub use clv::Horizon;
pub use columns::{ClvForecast, ClvModels, ClvPolicy, ClvRow};
pub use forecast::{Estimate, PurchaseForecast, ValueForecast};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma, fit_gamma_gamma, fit_gamma_gamma_while};
pub use history::{PurchaseHistory, SpendHistory};
pub use interval::Interval;
pub use request::{
    BgNbdFitRequest, BgNbdFitResponse, BgNbdIntervals, BgNbdPredictRequest, BgNbdPredictResponse,
    BgNbdPrediction,
};
pub use value_request::{
    ClvCustomer, ClvPredictRequest, ClvPredictResponse, ClvPrediction, GammaGammaFitRequest,
    GammaGammaFitResponse, GammaGammaIntervals,
};
