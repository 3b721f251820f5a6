//! The float functions of Stratum: their bits do not depend on the platform.
//!
//! `exp`, `ln` and `pow` of the standard library differ between glibc and WebAssembly; these come from `libm`, and
//! clippy refuses the others. `+ - * /`, `sqrt`, `abs`, `floor` and `round` are exact everywhere and stay.

/// eˣ.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// 2ˣ, exact for whole numbers.
#[must_use]
pub fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// The natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// xʸ.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// eˣ − 1, exact to the last digits near zero too.
#[must_use]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// ln(1 + x), exact to the last digits near zero too.
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The complementary error function.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The logarithm of the gamma function, for positive numbers.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The number rounded to nine decimals, half away from zero: removes float noise before a limit is applied.
///
/// NaN and infinities come back unchanged.
///
/// ```
/// use stratum_core::math::round9;
/// assert_eq!(round9(0.1 + 0.2), 0.3);
/// assert_eq!(round9(69.999_999_999_9), 70.0);
/// assert_eq!(round9(69.999_9), 69.999_9);
/// ```
#[must_use]
pub fn round9(x: f64) -> f64 {
    const SCALE: f64 = 1e9;
    // Beyond 2^53 / 10^9 a double has no ninth decimal to round.
    if x.abs() < 9_007_199.0 { (x * SCALE).round() / SCALE } else { x }
}

/// A finite number, or nothing: NaN and infinities count as missing.
#[must_use]
pub fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// An integer count as a float; exact up to 2⁵³, the nearest double beyond.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts beyond 2^53 lose digits that no score shows")]
pub fn count(n: u64) -> f64 {
    n as f64
}

/// Minor units of money as a float; exact up to ±2⁵³.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "amounts beyond 2^53 are refused where money enters")]
pub fn amount(minor: i64) -> f64 {
    minor as f64
}

/// The piecewise-linear function through `points` (x ascending), flat outside them.
///
/// ```
/// use stratum_core::math::lerp;
/// const FRESHNESS: [(f64, f64); 2] = [(24.0, 100.0), (48.0, 0.0)];
/// assert_eq!(lerp(&FRESHNESS, 36.0), 50.0);
/// assert_eq!(lerp(&FRESHNESS, 3.0), 100.0);
/// assert_eq!(lerp(&FRESHNESS, 72.0), 0.0);
/// ```
#[must_use]
pub fn lerp(points: &[(f64, f64)], x: f64) -> f64 {
    let Some(&(first_x, first_y)) = points.first() else { return f64::NAN };
    if x <= first_x {
        return first_y;
    }
    let mut from = (first_x, first_y);
    for &to in points.iter().skip(1) {
        if x <= to.0 {
            return from.1 + (x - from.0) * (to.1 - from.1) / (to.0 - from.0);
        }
        from = to;
    }
    from.1
}

/// A sum that carries its lost low-order digits along (Neumaier, 1974).
///
/// ```
/// use stratum_core::math::CompensatedSum;
/// let sum: CompensatedSum = [1e100, 1.0, -1e100].into_iter().collect();
/// assert_eq!(sum.value(), 1.0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let total = self.sum + term;
        self.lost +=
            if self.sum.abs() >= term.abs() { (self.sum - total) + term } else { (term - total) + self.sum };
        self.sum = total;
    }

    /// The sum so far.
    #[must_use]
    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}

impl FromIterator<f64> for CompensatedSum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        for term in terms {
            sum.add(term);
        }
        sum
    }
}

/// The mean, or `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(sum(values) / length(values))
}

/// The compensated sum of a slice.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    values.iter().copied().collect::<CompensatedSum>().value()
}

/// The standard deviation with `n - 1` below the line, or `None` for fewer than two values.
#[must_use]
pub fn sample_std(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    Some((squared_deviations(values)? / (length(values) - 1.0)).sqrt())
}

/// The standard deviation with `n` below the line, or `None` of nothing.
#[must_use]
pub fn population_std(values: &[f64]) -> Option<f64> {
    Some((squared_deviations(values)? / length(values)).sqrt())
}

fn squared_deviations(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    Some(values.iter().map(|x| (x - mean) * (x - mean)).collect::<CompensatedSum>().value())
}

/// The length of a slice as a float.
#[must_use]
pub fn length<T>(values: &[T]) -> f64 {
    count(values.len() as u64)
}
