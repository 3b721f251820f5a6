//! Numbers with twice the digits of a double: what is worked out in them and rounded once is the exact result, rounded.

use std::ops::{Add, Div, Mul, Neg, Sub};

use stratum_core::math;

/// The unevaluated sum of two doubles, about 32 decimal digits (Dekker 1971; the operations after Shewchuk 1997 and
/// Hida, Li and Bailey 2001). Without fused multiply-add, so that the bits are the same on every platform.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Twofold {
    high: f64,
    /// At most half a unit in the last place of the other.
    low: f64,
}

impl Twofold {
    pub(super) const ZERO: Self = Self { high: 0.0, low: 0.0 };
    pub(super) const ONE: Self = Self { high: 1.0, low: 0.0 };

    /// The nearest double.
    pub(super) const fn value(self) -> f64 {
        self.high
    }

    pub(super) const fn parts(self) -> (f64, f64) {
        (self.high, self.low)
    }

    pub(super) const fn of_parts(high: f64, low: f64) -> Self {
        Self { high, low }
    }

    /// A double times a twofold number in parts, in parts: without a branch, so that many are worked out at a time.
    #[inline]
    pub(super) fn weighed(value: f64, high: f64, low: f64) -> (f64, f64) {
        let product = Self::product(value, high);
        Self::sum_of_ordered(product.high, product.low + value * low).parts()
    }

    /// The sum of two in parts, a little less careful than `+`: the error is in the last of the 32 digits of the larger one.
    #[inline]
    pub(super) fn added(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
        let high = Self::sum(a.0, b.0);
        Self::sum_of_ordered(high.high, high.low + (a.1 + b.1)).parts()
    }

    pub(super) fn is_positive(self) -> bool {
        self.high > 0.0
    }

    /// The largest whole number that is not above this one.
    pub(super) fn floor(self) -> Self {
        let floor = self.high.floor();
        if floor < self.high {
            return Self::from(floor);
        }
        Self::sum(floor, self.low.floor())
    }

    /// Of two doubles of any size.
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let of_b = high - a;
        Self { high, low: (a - (high - of_b)) + (b - of_b) }
    }

    /// Of two doubles of which the first is the larger one.
    fn sum_of_ordered(a: f64, b: f64) -> Self {
        let high = a + b;
        Self { high, low: b - (high - a) }
    }

    /// Of two doubles, without an error.
    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
        let low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
        Self { high, low }
    }
}

/// A double as two of 26 digits each, whose products have no error (Veltkamp 1968).
fn halves(x: f64) -> (f64, f64) {
    const SPLIT: f64 = 134_217_729.0;
    let scaled = SPLIT * x;
    let high = scaled - (scaled - x);
    (high, x - high)
}

impl From<f64> for Twofold {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl From<u64> for Twofold {
    fn from(count: u64) -> Self {
        let (high, low) = (count >> 32, count & 0xffff_ffff);
        Self::sum(math::count(high) * 4_294_967_296.0, math::count(low))
    }
}

impl From<i64> for Twofold {
    fn from(amount: i64) -> Self {
        let size = Self::from(amount.unsigned_abs());
        if amount < 0 { -size } else { size }
    }
}

impl Neg for Twofold {
    type Output = Self;

    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Add for Twofold {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.high, other.high), Self::sum(self.low, other.low));
        let middle = Self::sum_of_ordered(high.high, high.low + low.high);
        Self::sum_of_ordered(middle.high, middle.low + low.low)
    }
}

impl Sub for Twofold {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Twofold {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        let rest = product.low + (self.high * other.low + self.low * other.high);
        Self::sum_of_ordered(product.high, rest)
    }
}

impl Div for Twofold {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * Self::from(first);
        let second = rest.high / other.high;
        let rest = rest - other * Self::from(second);
        Self::sum_of_ordered(first, second) + Self::from(rest.high / other.high)
    }
}

impl std::iter::Sum for Twofold {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, |sum, term| sum + term)
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the numbers are small")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_third_has_more_digits_than_a_double() {
        let third = Twofold::ONE / Twofold::from(3.0);
        let error = Twofold::ONE - third - third - third;
        assert!(error.value().abs() < 1e-31 && third.value() == 1.0 / 3.0);
        assert_eq!(Twofold::from(-7_i64).floor().value(), -7.0);
        assert_eq!((Twofold::from(5_u64) - Twofold::from(1e-25)).floor().value(), 4.0);
        assert_eq!((Twofold::from(5_u64) + Twofold::from(1e-25)).floor().value(), 5.0);
    }

    proptest! {
        #[test]
        fn whole_numbers_beyond_a_double_are_exact(a in 1_i64..1 << 50, b in 1_i64..1 << 50) {
            let (x, y) = (Twofold::from(a), Twofold::from(b));
            let product = i128::from(a) * i128::from(b);
            let found = x * y;
            prop_assert_eq!(exact(found), product);
            prop_assert_eq!(exact(found + x), product + i128::from(a));
            prop_assert_eq!(exact(found / y), i128::from(a));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^100")]
    fn exact(x: Twofold) -> i128 {
        x.high as i128 + x.low as i128
    }
}
