//! Shares of one conversion, in whole parts, so that they sum exactly.

use stratum_core::math::{amount, count};
use stratum_core::money::give_remainder;

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

    fn are_equal(&self) -> bool {
        self.parts.first().is_some_and(|first| self.parts.iter().all(|part| part == first))
    }

    /// The weight of each touch, 0 to 1.
    pub fn weights(&self) -> impl Iterator<Item = f64> {
        self.parts.iter().map(|&part| count(part) / count(self.total))
    }

    /// The whole value, shared in minor units: each touch gets its share rounded down, and the units that are left go to
    /// those that lost most by rounding, to the later of two that lost the same ([`give_remainder`]).
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
        credits.resize(self.parts.len(), 0);
        losses.resize(self.parts.len(), 0);
        let touches = i64::try_from(self.parts.len()).unwrap_or(i64::MAX);
        if let Some((share, left)) = value.checked_div(touches).zip(value.checked_rem(touches))
            && self.are_equal()
        {
            credits.fill(share);
            let more = usize::try_from(left.unsigned_abs()).unwrap_or(usize::MAX);
            credits
                .iter_mut()
                .rev()
                .take(more)
                .for_each(|credit| *credit = credit.saturating_add(left.signum()));
            return;
        }
        let mut divide = Division::of(value.unsigned_abs(), self.total);
        let mut left = value;
        for (&part, (credit, loss)) in self.parts.iter().zip(credits.iter_mut().zip(losses.iter_mut())) {
            let (share, lost) = divide.share(part);
            *credit = if value < 0 {
                0_i64.wrapping_sub_unsigned(share)
            } else {
                0_i64.wrapping_add_unsigned(share)
            };
            left = left.wrapping_sub(*credit);
            *loss = lost;
        }
        give_remainder(credits, losses, left);
    }

    /// One conversion in billionths: the share of each touch to the nearest, what is missing with the last.
    #[must_use]
    pub fn conversion_parts(&self) -> Vec<i64> {
        let mut parts = Vec::new();
        self.conversion_parts_into(&mut parts);
        parts
    }

    pub(super) fn conversion_parts_into(&self, shares: &mut Vec<i64>) {
        shares.resize(self.parts.len(), 0);
        let Some((last, before)) = shares.split_last_mut() else { return };
        let mut divide = Division::of(CONVERSION_PARTS.unsigned_abs(), self.total);
        let mut left = CONVERSION_PARTS;
        for (share, &part) in before.iter_mut().zip(&self.parts) {
            let (down, loss) = divide.share(part);
            let up = u64::from(loss >= self.total.saturating_sub(loss));
            *share = down.saturating_add(up).cast_signed().min(left);
            left = left.saturating_sub(*share);
        }
        *last = left;
    }
}

/// Exact shares of one whole number by parts of one total, at the cost of a multiplication of floats.
struct Division {
    whole: u64,
    total: u64,
    inverse: f64,
    /// The last part with its share and what that lost: most models give many touches the same part.
    before: (u64, (u64, u64)),
}

impl Division {
    fn of(whole: u64, total: u64) -> Self {
        Self { whole, total, inverse: 1.0 / amount(total.cast_signed()), before: (0, (0, 0)) }
    }

    /// The quotient of `whole · part` by the total, and what remains; `part` is at most the total.
    fn share(&mut self, part: u64) -> (u64, u64) {
        if part != self.before.0 {
            self.before = (part, self.divide(part));
        }
        self.before.1
    }

    fn divide(&self, part: u64) -> (u64, u64) {
        // Below 2^50 the quotient in floats is off by one at most, and the remainder shows by how much: its true value lies within
        // 64 bits, so that whatever overflows on the way does not matter.
        if self.whole >= 1 << 50 {
            return self.divide_wide(part);
        }
        // By way of signed numbers, which processors turn into floats and back in one step.
        #[expect(clippy::cast_possible_truncation, reason = "0 to 2^50")]
        let quotient = (amount(self.whole.cast_signed()) * amount(part.cast_signed()) * self.inverse) as i64;
        let quotient = quotient.cast_unsigned();
        let remainder = self.whole.wrapping_mul(part).wrapping_sub(quotient.wrapping_mul(self.total));
        if remainder < self.total {
            (quotient, remainder)
        } else if remainder > u64::MAX / 2 {
            (quotient.saturating_sub(1), remainder.wrapping_add(self.total))
        } else {
            (quotient.saturating_add(1), remainder.saturating_sub(self.total))
        }
    }

    fn divide_wide(&self, part: u64) -> (u64, u64) {
        let (product, total) =
            (u128::from(self.whole).saturating_mul(u128::from(part)), u128::from(self.total));
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
