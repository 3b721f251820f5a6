//! Shares of one conversion, in whole parts, so that they sum exactly.

use stratum_core::math::{amount, count};

/// How one conversion is counted: in parts of 10⁻¹².
pub const CONVERSION_PARTS: i64 = 1_000_000_000_000;

/// The share of each touch in one conversion: whole parts of their total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    parts: Vec<u64>,
    total: u64,
}

impl Shares {
    /// Shares by these parts, whose sum is below 2⁶³.
    #[must_use]
    pub fn new(parts: Vec<u64>) -> Self {
        let total = parts.iter().fold(0_u64, |total, &part| total.saturating_add(part));
        Self { parts, total }
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
        let (total, whole) = (u128::from(self.total), u128::from(value.unsigned_abs()));
        let shared = |part: &u64| {
            let product = whole.saturating_mul(u128::from(*part));
            Some((product.checked_div(total)?, product.checked_rem(total)?))
        };
        let shared: Vec<(u128, u128)> = self.parts.iter().filter_map(shared).collect();
        let mut credits: Vec<i64> =
            shared.iter().map(|&(credit, _)| i64::try_from(credit).unwrap_or(i64::MAX)).collect();
        let given = shared.iter().fold(0_u128, |given, &(credit, _)| given.saturating_add(credit));
        let left = usize::try_from(whole.saturating_sub(given)).unwrap_or_default();
        let mut by_loss: Vec<usize> = (0..shared.len()).collect();
        by_loss.sort_by_key(|&touch| {
            std::cmp::Reverse((shared.get(touch).map(|&(_, remainder)| remainder), touch))
        });
        for touch in by_loss.into_iter().take(left) {
            if let Some(credit) = credits.get_mut(touch) {
                *credit = credit.saturating_add(1);
            }
        }
        if value < 0 {
            credits.iter_mut().for_each(|credit| *credit = credit.saturating_neg());
        }
        credits
    }

    /// One conversion in parts of 10⁻¹²: each share rounded down, the rest with the last touch.
    #[must_use]
    pub fn conversion_parts(&self) -> Vec<i64> {
        let mut left = CONVERSION_PARTS;
        let last = self.parts.len().saturating_sub(1);
        let scale = amount(CONVERSION_PARTS) / count(self.total);
        let parts = self.parts.iter().enumerate();
        parts
            .map(|(touch, &part)| {
                let share = if touch == last { left } else { floor(count(part) * scale).min(left) };
                left = left.saturating_sub(share);
                share
            })
            .collect()
    }
}

/// The whole part of a number from 0 to 10¹².
fn floor(share: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "0 to 10^12")]
    let whole = share as i64;
    whole
}
