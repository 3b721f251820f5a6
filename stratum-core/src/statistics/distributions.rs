//! The distributions: normal, Student's t, chi-squared, gamma, beta.

use super::incomplete_beta::{self, Point};
use super::{Tails, incomplete_gamma};
use crate::math::{erfc, exp, ln};
use crate::problem::{Problem, ProblemCollector, Problems};

const SQRT_2PI: f64 = 2.506_628_274_631_000_7;

/// A continuous distribution. NaN in, or a probability outside 0 to 1, gives NaN.
pub trait Distribution {
    /// P(X ≤ x).
    fn cdf(&self, x: f64) -> f64;
    /// P(X > x), the upper tail, by itself and not as 1 − [`Distribution::cdf`].
    fn sf(&self, x: f64) -> f64;
    /// The x with `cdf(x) = probability`.
    fn ppf(&self, probability: f64) -> f64;
    /// The x with `sf(x) = probability`.
    fn isf(&self, probability: f64) -> f64;
}

/// Both tails from one of them; `None` outside 0 to 1.
fn from_lower(lower: f64) -> Option<Tails> {
    (0.0..=1.0).contains(&lower).then_some(Tails { lower, upper: 1.0 - lower })
}

fn from_upper(upper: f64) -> Option<Tails> {
    from_lower(upper).map(Tails::swapped)
}

fn positive(name: &str, what: &str, value: f64, found: &mut ProblemCollector) {
    if !(value.is_finite() && value > 0.0) {
        found.push(Problem::new(
            format!("/{name}"),
            "out_of_range",
            format!("{what} is a finite number above 0"),
        ));
    }
}

/// Writes [`Distribution`] for a type with `tails(x)` and `quantile(tails)`.
macro_rules! distribution {
    ($name:ident) => {
        impl Distribution for $name {
            fn cdf(&self, x: f64) -> f64 {
                if x.is_nan() { x } else { self.tails(x).lower }
            }

            fn sf(&self, x: f64) -> f64 {
                if x.is_nan() { x } else { self.tails(x).upper }
            }

            fn ppf(&self, probability: f64) -> f64 {
                from_lower(probability).map_or(f64::NAN, |tails| self.quantile(tails))
            }

            fn isf(&self, probability: f64) -> f64 {
                from_upper(probability).map_or(f64::NAN, |tails| self.quantile(tails))
            }
        }
    };
}

/// The normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    /// Mean 0, standard deviation 1.
    pub const STANDARD: Self = Self { mean: 0.0, sd: 1.0 };

    /// The distribution with this mean and standard deviation.
    ///
    /// # Errors
    /// `out_of_range` for a mean that is not finite and a deviation that is not finite and above 0.
    pub fn new(mean: f64, sd: f64) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        if !mean.is_finite() {
            found.push(Problem::new("/mean", "out_of_range", "the mean is a finite number"));
        }
        positive("sd", "the standard deviation", sd, &mut found);
        found.into_result(Self { mean, sd })
    }

    fn tails(&self, x: f64) -> Tails {
        let z = (x - self.mean) / self.sd;
        Tails { lower: standard_upper(-z), upper: standard_upper(z) }
    }

    fn quantile(&self, tails: Tails) -> f64 {
        self.mean + self.sd * standard_quantile(tails)
    }
}

distribution!(Normal);

fn standard_upper(z: f64) -> f64 {
    0.5 * erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The standard normal quantile: Abramowitz and Stegun 26.2.23, then Newton's method on the logarithm of the tail.
pub(super) fn standard_quantile(tails: Tails) -> f64 {
    let (tail, sign) = if tails.lower < tails.upper { (tails.lower, -1.0) } else { (tails.upper, 1.0) };
    if tail <= 0.0 {
        return sign * f64::INFINITY;
    }
    if tails.lower == tails.upper {
        return 0.0;
    }
    let t = (-2.0 * ln(tail)).sqrt();
    let mut z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..8 {
        let upper = standard_upper(z);
        let density = exp(-0.5 * z * z) / SQRT_2PI;
        let step = (ln(upper) - ln(tail)) * upper / density;
        z += step;
        if step.abs() <= 1e-16 * z.abs() {
            break;
        }
    }
    sign * z
}

/// Student's t distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentT {
    df: f64,
}

impl StudentT {
    /// From here on t and the normal distribution agree in every digit, in every tail.
    const NORMAL_FROM: f64 = 1e18;

    /// The distribution with this many degrees of freedom, whole or not.
    ///
    /// # Errors
    /// `out_of_range` unless they are finite and above 0.
    pub fn new(df: f64) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        positive("df", "the number of degrees of freedom", df, &mut found);
        found.into_result(Self { df })
    }

    fn tails(&self, t: f64) -> Tails {
        if self.df >= Self::NORMAL_FROM {
            return Normal::STANDARD.tails(t);
        }
        let u = t.abs() / self.df.sqrt();
        if u == 0.0 {
            return Tails { lower: 0.5, upper: 0.5 };
        }
        let at = Point::from_odds_against(u * u, 2.0 * ln(u));
        let both = incomplete_beta::tails(self.df / 2.0, 0.5, at);
        // Near the middle the two outer tails are almost one; the part between them has the digits.
        let outer = 0.5 * both.lower;
        let tails = Tails { lower: 0.5 + 0.5 * both.upper, upper: outer };
        if t < 0.0 { tails.swapped() } else { tails }
    }

    fn quantile(&self, tails: Tails) -> f64 {
        if self.df >= Self::NORMAL_FROM {
            return standard_quantile(tails);
        }
        let (tail, sign) = if tails.lower < tails.upper { (tails.lower, -1.0) } else { (tails.upper, 1.0) };
        if tails.lower == tails.upper {
            return 0.0;
        }
        let point = incomplete_beta::quantile(
            self.df / 2.0,
            0.5,
            Tails { lower: 2.0 * tail, upper: 1.0 - 2.0 * tail },
        );
        sign * exp(0.5 * (ln(self.df) + point.ln_odds_against()))
    }
}

distribution!(StudentT);

/// The gamma distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale: f64,
}

impl Gamma {
    /// The distribution with this shape and scale (the mean is their product).
    ///
    /// # Errors
    /// `out_of_range` unless both are finite and above 0.
    pub fn new(shape: f64, scale: f64) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        positive("shape", "the shape", shape, &mut found);
        positive("scale", "the scale", scale, &mut found);
        found.into_result(Self { shape, scale })
    }

    fn tails(&self, x: f64) -> Tails {
        incomplete_gamma::tails(self.shape, x / self.scale)
    }

    fn quantile(&self, tails: Tails) -> f64 {
        incomplete_gamma::quantile(self.shape, tails) * self.scale
    }
}

distribution!(Gamma);

/// The chi-squared distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquared {
    gamma: Gamma,
}

impl ChiSquared {
    /// The distribution with this many degrees of freedom, whole or not.
    ///
    /// # Errors
    /// `out_of_range` unless they are finite and above 0.
    pub fn new(df: f64) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        positive("df", "the number of degrees of freedom", df, &mut found);
        found.into_result(Self { gamma: Gamma { shape: df / 2.0, scale: 2.0 } })
    }

    fn tails(&self, x: f64) -> Tails {
        self.gamma.tails(x)
    }

    fn quantile(&self, tails: Tails) -> f64 {
        self.gamma.quantile(tails)
    }
}

distribution!(ChiSquared);

/// The beta distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
}

impl Beta {
    /// The distribution with these shapes (the mean is a / (a + b)).
    ///
    /// # Errors
    /// `out_of_range` unless both are finite and above 0.
    pub fn new(a: f64, b: f64) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        positive("a", "the first shape", a, &mut found);
        positive("b", "the second shape", b, &mut found);
        found.into_result(Self { a, b })
    }

    fn tails(&self, x: f64) -> Tails {
        if x <= 0.0 {
            Tails { lower: 0.0, upper: 1.0 }
        } else if x >= 1.0 {
            Tails { lower: 1.0, upper: 0.0 }
        } else {
            incomplete_beta::tails(self.a, self.b, Point::from_x(x))
        }
    }

    fn quantile(&self, tails: Tails) -> f64 {
        incomplete_beta::quantile(self.a, self.b, tails).x()
    }
}

distribution!(Beta);
