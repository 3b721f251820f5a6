//! Shares of one conversion, in whole parts, so that they sum exactly.

use std::cmp::Reverse;

use stratum_core::math::count;

/// How one conversion is counted: in billionths.
pub const CONVERSION_PARTS: i64 = 1_000_000_000;

/// The share of each touch in one conversion: whole parts of their total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares {
    pub(super) parts: Vec<u64>,
    pub(super) total: u64,
}

impl Shares {
    /// Shares by these parts, whose sum is at most 2⁶⁰.
    #[must_use]
    pub fn new(parts: Vec<u64>) -> Self {
        let mut shares = Self { parts, total: 0 };
        shares.sum_up();
        shares
    }

    pub(super) fn sum_up(&mut self) {
        self.total = self.parts.iter().fold(0_u64, |total, &part| total.saturating_add(part));
    }

    /// The weight of each touch, 0 to 1.
    pub fn weights(&self) -> impl Iterator<Item = f64> {
        self.parts.iter().map(|&part| count(part) / count(self.total))
    }

    /// The whole value, shared in minor units: each touch gets its share rounded down, and the units that are left go to
    /// those that lost most by rounding, to the later of two that lost the same (largest remainder).
    ///
    /// A negative value is shared as its opposite is, so that a refund takes back what was credited.
    #[must_use]
    pub fn credits(&self, value: i64) -> Vec<i64> {
        let (mut credits, mut losses) = (Vec::new(), Vec::new());
        self.credits_into(value, &mut credits, &mut losses);
        credits
    }

    /// The same into lists that are used again and again.
    pub(super) fn credits_into(&self, value: i64, credits: &mut Vec<i64>, losses: &mut Vec<u64>) {
        credits.clear();
        losses.clear();
        let whole = value.unsigned_abs();
        let divide = Division::by(self.total);
        let mut left = whole;
        for &part in &self.parts {
            let (credit, loss) = divide.product(whole, part);
            left = left.saturating_sub(credit);
            credits.push(i64::try_from(credit).unwrap_or(i64::MAX));
            losses.push(loss);
        }
        raise_largest(credits, losses, usize::try_from(left).unwrap_or_default());
        if value < 0 {
            credits.iter_mut().for_each(|credit| *credit = credit.saturating_neg());
        }
    }

    /// One conversion in billionths: the share of each touch to the nearest, what is missing with the last.
    #[must_use]
    pub fn conversion_parts(&self) -> Vec<i64> {
        let mut parts = Vec::new();
        self.conversion_parts_into(&mut parts);
        parts
    }

    pub(super) fn conversion_parts_into(&self, shares: &mut Vec<i64>) {
        shares.clear();
        let divide = Division::by(self.total);
        let mut left = CONVERSION_PARTS;
        let before = self.parts.len().saturating_sub(1);
        for &part in self.parts.iter().take(before) {
            let (share, loss) = divide.product(CONVERSION_PARTS.unsigned_abs(), part);
            let up = loss.saturating_mul(2) >= self.total;
            let share = i64::try_from(share).unwrap_or(left).saturating_add(i64::from(up)).min(left);
            left = left.saturating_sub(share);
            shares.push(share);
        }
        if !self.parts.is_empty() {
            shares.push(left);
        }
    }
}

/// One more for each of those that lost most, the later of two that lost the same.
fn raise_largest(credits: &mut [i64], losses: &[u64], left: usize) {
    let mut raise = |touch: usize| {
        if let Some(credit) = credits.get_mut(touch) {
            *credit = credit.saturating_add(1);
        }
    };
    match left {
        0 => {}
        // Most journeys are a few touches long, and then one unit is left, hardly ever more than two.
        1 => {
            let largest = losses.iter().enumerate().max_by_key(|&(touch, &loss)| (loss, touch));
            largest.into_iter().for_each(|(touch, _)| raise(touch));
        }
        _ => {
            let mut by_loss: Vec<(u64, usize)> =
                losses.iter().enumerate().map(|(touch, &loss)| (loss, touch)).collect();
            by_loss.sort_unstable_by_key(|&entry| Reverse(entry));
            by_loss.into_iter().take(left).for_each(|(_, touch)| raise(touch));
        }
    }
}

/// Exact division of products by one total, at the cost of a multiplication of floats.
struct Division {
    total: u64,
    inverse: f64,
}

impl Division {
    fn by(total: u64) -> Self {
        Self { total, inverse: 1.0 / count(total) }
    }

    /// The quotient of `whole · part` by the total, and what remains; `part` is at most the total.
    fn product(&self, whole: u64, part: u64) -> (u64, u64) {
        // Below 2^50 the quotient in floats is off by one at most, and the remainder shows by how much: its true value lies within
        // 64 bits, so that whatever overflows on the way does not matter.
        if whole >= 1 << 50 {
            return self.wide_product(whole, part);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^50")]
        let quotient = (count(whole) * count(part) * self.inverse) as u64;
        let remainder = whole.wrapping_mul(part).wrapping_sub(quotient.wrapping_mul(self.total));
        if remainder < self.total {
            (quotient, remainder)
        } else if remainder > u64::MAX / 2 {
            (quotient.saturating_sub(1), remainder.wrapping_add(self.total))
        } else {
            (quotient.saturating_add(1), remainder.saturating_sub(self.total))
        }
    }

    fn wide_product(&self, whole: u64, part: u64) -> (u64, u64) {
        let (product, total) = (u128::from(whole).saturating_mul(u128::from(part)), u128::from(self.total));
        let narrow = |wide: Option<u128>| wide.and_then(|wide| u64::try_from(wide).ok()).unwrap_or_default();
        (narrow(product.checked_div(total)), narrow(product.checked_rem(total)))
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn credits_sum_to_the_value_and_none_is_a_unit_away_from_its_share(
            parts in vec(0_u64..1 << 55, 1..20), value in -(1_i64 << 53)..1 << 53, small in any::<bool>(),
        ) {
            let parts: Vec<u64> = if small { parts.iter().map(|part| part % 11 + 1).collect() } else { parts };
            let shares = Shares::new(parts.clone());
            prop_assume!(shares.total > 0);
            for value in [value, value % 100_000, value % 10] {
                let credits = shares.credits(value);
                prop_assert_eq!(credits.iter().sum::<i64>(), value);
                for (credit, part) in credits.iter().zip(&parts) {
                    let off = i128::from(*credit) * i128::from(shares.total) - i128::from(value) * i128::from(*part);
                    prop_assert!(off.abs() < i128::from(shares.total), "{} of {}", credit, part);
                }
                let taken_back: Vec<i64> = shares.credits(-value).iter().map(|credit| -credit).collect();
                prop_assert_eq!(taken_back, credits);
            }
            prop_assert_eq!(shares.conversion_parts().iter().sum::<i64>(), CONVERSION_PARTS);
        }
    }

    #[test]
    fn a_unit_goes_to_the_later_of_two_that_lost_the_same() {
        assert_eq!(Shares::new(vec![1, 1, 1]).credits(5), [1, 2, 2]);
        // 3 in 0.4, three times 0.0667, 0.4: 1.2, 0.2, 0.2, 0.2, 1.2.
        assert_eq!(Shares::new(vec![6, 1, 1, 1, 6]).credits(3), [1, 0, 0, 0, 2]);
    }
}
