//! Money shared among channels: whole minor units that sum to what was shared.

use stratum_core::math;
use stratum_core::money::give_remainder;

use super::twofold::Twofold;

/// `value` minor units by shares that sum to it: each is rounded towards zero, and what is left goes to those that lost most
/// ([`give_remainder`]). Of shares that do not sum to it, by whatever was wrong with them, the credits do all the same.
pub(super) fn credits(shares: &[Twofold], value: i64) -> Vec<i64> {
    let sign = |share: Twofold| if value < 0 { -share } else { share };
    let floors: Vec<Twofold> = shares.iter().map(|&share| sign(share).floor()).collect();
    let mut credits: Vec<i64> = floors.iter().map(|floor| whole(*floor)).collect();
    // To nine decimals: shares that lost the same are told apart by nothing but their place.
    let loss = |(&share, &floor): (&Twofold, &Twofold)| billionths((sign(share) - floor).value());
    let mut losses: Vec<i64> = shares.iter().zip(&floors).map(loss).collect();
    let given = credits.iter().fold(0_i64, |sum, &credit| sum.saturating_add(credit));
    give_remainder(&mut credits, &mut losses, value.saturating_abs().saturating_sub(given));
    if value < 0 {
        credits.iter_mut().for_each(|credit| *credit = credit.saturating_neg());
    }
    credits
}

/// By weights that sum to 1.
pub(super) fn credits_by_weight(weights: &[Twofold], value: i64) -> Vec<i64> {
    let value_of = Twofold::from(value);
    let shares: Vec<Twofold> = weights.iter().map(|&weight| weight * value_of).collect();
    credits(&shares, value)
}

fn billionths(fraction: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of 1")]
    let whole = (math::round9(fraction) * 1e9).round() as i64;
    whole
}

/// A whole number of minor units.
fn whole(floor: Twofold) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "money is within 2^53")]
    let whole = floor.value() as i64;
    whole
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_that_are_left_go_to_the_largest_remainder_and_of_equals_to_the_later() {
        let third = Twofold::ONE / Twofold::from(3.0);
        assert_eq!(credits_by_weight(&[third, third, third], 100), [33, 33, 34]);
        assert_eq!(credits_by_weight(&[third, third, third], -100), [-33, -33, -34]);
        let weights = [0.6, 0.4].map(|tenths| Twofold::from(tenths * 10.0) / Twofold::from(10.0));
        assert_eq!(credits_by_weight(&weights, 10_000), [6_000, 4_000]);
    }

    #[test]
    fn credits_of_shares_that_do_not_sum_to_the_value_sum_to_it_all_the_same() {
        for share in [0.0, 0.1, 0.75, f64::NAN] {
            for value in [101, -101, 0] {
                let shares = [share, share * 2.0].map(Twofold::from);
                assert_eq!(credits_by_weight(&shares, value).iter().sum::<i64>(), value, "{share} {value}");
            }
        }
        assert!(credits(&[], 5).is_empty());
    }

    proptest! {
        #[test]
        fn credits_sum_to_the_value(
            parts in prop::collection::vec(0_u64..1_000_000, 1..12),
            value in -9_007_199_254_740_991_i64..9_007_199_254_740_991,
        ) {
            let sum: Twofold = parts.iter().map(|&part| Twofold::from(part)).sum();
            prop_assume!(sum.is_positive());
            let weights: Vec<Twofold> = parts.iter().map(|&part| Twofold::from(part) / sum).collect();
            prop_assert_eq!(credits_by_weight(&weights, value).iter().sum::<i64>(), value);
        }
    }
}
