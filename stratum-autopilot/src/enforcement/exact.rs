//! Limits compared without rounding: exactly at the limit is allowed, one cent more is not.
//!
//! A limit is written as a decimal with at most nine digits after the point. It is held as an integer in units of 10⁻¹⁸
//! (so that the product of two such decimals is exact too), and ratios are compared by cross-multiplication in 128 bits.
//! Multiplications saturate; amounts are below 2⁵³, so only a limit beyond every real figure reaches that, on its own side
//! of the comparison, where the answer stays the right one.

use stratum_core::money::MAX_MINOR;

const BILLION: i128 = 1_000_000_000;
const ONE: i128 = BILLION * BILLION;
const HUNDRED: i128 = 100;

/// A decimal in units of 10⁻¹⁸.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exact(i128);

impl Exact {
    /// The decimal that the number was written as, to nine digits after the point. The number is finite.
    pub(super) fn of(number: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from float saturates, and so may a limit"
        )]
        let billionths = (number * 1e9).round() as i128;
        Self(billionths.saturating_mul(BILLION))
    }

    /// The exact product of two decimals of at most nine digits.
    pub(super) const fn times(self, other: Self) -> Self {
        let (a, b) = (self.0.checked_div(BILLION), other.0.checked_div(BILLION));
        match (a, b) {
            (Some(a), Some(b)) => Self(a.saturating_mul(b)),
            _ => Self(i128::MAX),
        }
    }
}

/// Whether `part / whole` lies below the limit; `whole` is above 0.
pub(super) fn ratio_below(part: i128, whole: i128, limit: Exact) -> bool {
    product(part, ONE) < product(limit.0, whole)
}

/// Whether `part / whole` lies above the limit; `whole` is above 0.
pub(super) fn ratio_above(part: i128, whole: i128, limit: Exact) -> bool {
    product(part, ONE) > product(limit.0, whole)
}

/// The product, saturated. Two numbers of 64 bits have one of 128, and finding that out is cheaper than looking for an
/// overflow, in a browser by far.
fn product(a: i128, b: i128) -> i128 {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => i128::from(a).wrapping_mul(i128::from(b)),
        _ => a.saturating_mul(b),
    }
}

/// Whether `after` exceeds `opening` by more than `pct` percent; `opening` is above 0.
pub(super) fn increase_exceeds(after: i64, opening: i64, pct: Exact) -> bool {
    let increase = i128::from(after).saturating_sub(i128::from(opening));
    ratio_above(increase.saturating_mul(HUNDRED), i128::from(opening), pct)
}

/// The largest amount that does not exceed `opening` by more than `pct` percent.
pub(super) fn largest_after(opening: i64, pct: Exact) -> i64 {
    let increase = pct
        .0
        .saturating_mul(i128::from(opening))
        .checked_div(ONE.saturating_mul(HUNDRED))
        .unwrap_or_default();
    clamp_minor(i128::from(opening).saturating_add(increase))
}

/// An amount within ±[`MAX_MINOR`], the nearest one beyond.
pub(super) fn clamp_minor(amount: i128) -> i64 {
    let bound = i128::from(MAX_MINOR);
    i64::try_from(amount.clamp(bound.saturating_neg(), bound)).unwrap_or(MAX_MINOR)
}

/// `amount / parts`, rounded up: a share is never counted smaller than it is. `None` for no parts.
pub(super) fn divided_up(amount: i64, parts: u32) -> Option<i64> {
    let parts = i64::from(parts);
    let whole = amount.checked_div(parts)?;
    Some(if amount.checked_rem(parts)? > 0 { whole.saturating_add(1) } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_the_decimal_that_was_written_not_the_double_next_to_it() {
        // 0.1 as a double is above one tenth; the limit is one tenth.
        assert!(!increase_exceeds(10_010, 10_000, Exact::of(0.1)));
        assert!(increase_exceeds(10_011, 10_000, Exact::of(0.1)));
        assert_eq!(Exact::of(0.1).times(Exact::of(0.2)), Exact::of(0.02));
    }

    #[test]
    fn the_largest_amount_is_rounded_down() {
        assert_eq!(largest_after(999, Exact::of(20.0)), 1_198); // 1198.8
        assert_eq!(largest_after(10_000, Exact::of(20.0)), 12_000);
        assert_eq!(largest_after(MAX_MINOR, Exact::of(100.0)), MAX_MINOR);
    }

    #[test]
    fn a_share_is_rounded_up() {
        assert_eq!(divided_up(100, 3), Some(34));
        assert_eq!(divided_up(99, 3), Some(33));
        assert_eq!(divided_up(99, 0), None);
    }

    #[test]
    fn amounts_at_the_edge_of_the_range_compare_without_overflow() {
        assert!(increase_exceeds(MAX_MINOR, 1, Exact::of(100.0)));
        assert!(!increase_exceeds(MAX_MINOR, MAX_MINOR, Exact::of(0.000_000_001)));
        let most = i128::from(u64::MAX);
        assert!(ratio_below(most, most, Exact::of(f64::MAX)));
        assert!(!ratio_above(most, most, Exact::of(f64::MAX)));
    }
}
