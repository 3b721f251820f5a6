//! Probability distributions with both tails to 1e-300, the special functions below them, and maximum likelihood.
//!
//! The libraries for this that could be found compute with the functions of the platform, whose last bits differ
//! between a server and a browser, and take the upper tail as one minus the lower. These stand on `libm` alone, and each
//! tail is computed by itself: a p-value of 1e-200 is 1e-200.
//!
//! ```
//! use stratum_core::statistics::{Distribution, Normal, StudentT};
//! assert!((Normal::STANDARD.sf(37.0) / 5.725571222524577e-300 - 1.0).abs() < 1e-10);
//! assert!((Normal::STANDARD.ppf(0.975) - 1.959963984540054).abs() < 1e-14);
//! assert!(StudentT::new(0.0).is_err());
//! ```
//!
//! | file | subject |
//! |---|---|
//! | `special` | digamma, trigamma, what Stirling's formula leaves out |
//! | `incomplete_gamma`, `incomplete_beta` | the regularised incomplete functions and their inverses |
//! | `distributions` | normal, Student's t, chi-squared, gamma, beta |
//! | `likelihood` | Newton's method for the best parameters and their covariance |

mod distributions;
mod incomplete_beta;
mod incomplete_gamma;
mod likelihood;
mod quantile;
mod special;
#[cfg(test)]
mod tests;

pub use distributions::{Beta, ChiSquared, Distribution, Gamma, Normal, StudentT};
pub use likelihood::{Evaluation, LogLikelihood, Maximum, maximise};
pub use special::{digamma, trigamma};

/// The two tails of a distribution at one point, each exact by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tails {
    lower: f64,
    upper: f64,
}

impl Tails {
    const fn swapped(self) -> Self {
        Self { lower: self.upper, upper: self.lower }
    }
}
