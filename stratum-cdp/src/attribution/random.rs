//! Chance that is an argument: the same seed gives the same draws on every platform.

use stratum_core::math::{self, exp, ln, ln_gamma};

/// SplitMix64 (Steele, Lea and Flood 2014): 64 bits of state, passes the usual test batteries, and its bits depend on
/// nothing but the seed.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of at least 0 and below 1, with 53 bits.
    pub(super) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
        math::count(self.bits() >> 11) * STEP
    }

    /// A whole number below `bound`, each as likely (Lemire 2019).
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let threshold = bound.wrapping_neg().checked_rem(bound).unwrap_or_default();
        loop {
            let product = u128::from(self.bits()).wrapping_mul(u128::from(bound));
            let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or_default();
            if low >= threshold {
                return u64::try_from(product >> 64).unwrap_or_default();
            }
        }
    }

    /// Puts the items into an order, each as likely (Fisher and Yates; Durstenfeld 1964).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below((last as u64).saturating_add(1));
            items.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }

    /// A Poisson count of this mean: by inversion where it is small, else by transformed rejection (Hörmann 1993, PTRS).
    pub(super) fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        if mean < 10.0 { self.poisson_by_inversion(mean) } else { self.poisson_by_rejection(mean) }
    }

    fn poisson_by_inversion(&mut self, mean: f64) -> u64 {
        let mut left = self.unit();
        let mut chance = exp(-mean);
        let mut count = 0_u64;
        // Beyond 200 the chance is below the last digit of what is left.
        while left >= chance && count < 200 {
            left -= chance;
            count = count.saturating_add(1);
            chance *= mean / math::count(count);
        }
        count
    }

    fn poisson_by_rejection(&mut self, mean: f64) -> u64 {
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let squeeze = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.unit() - 0.5;
            let v = self.unit();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            let quick = us >= 0.07 && v <= squeeze;
            let hopeless = k < 0.0 || (us < 0.013 && v > us);
            if quick && k >= 0.0 {
                return whole(k);
            }
            if hopeless {
                continue;
            }
            let chance = ln(v * inverse_alpha / (a / (us * us) + b));
            if chance <= k * ln(mean) - mean - ln_gamma(k + 1.0) {
                return whole(k);
            }
        }
    }
}

/// A count of at most a few times 2⁵³.
fn whole(count: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and whole")]
    let whole = count as u64;
    whole
}

#[cfg(test)]
mod tests {
    use stratum_core::math::count;

    use super::*;

    #[test]
    fn the_bits_are_those_of_the_published_generator() {
        // The first outputs of the authors' reference program for the seed 1234567.
        let mut random = Random::new(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn poisson_counts_have_their_mean_and_variance() {
        for mean in [0.3, 4.0, 9.9, 10.1, 60.0, 4_000.0] {
            let mut random = Random::new(5);
            let draws: Vec<f64> = (0..40_000).map(|_| count(random.poisson(mean))).collect();
            let found = math::mean(&draws).unwrap();
            let spread = math::sample_std(&draws).unwrap();
            // Five standard errors of either.
            assert!((found - mean).abs() < 5.0 * (mean / 40_000.0).sqrt(), "{mean}: {found}");
            assert!((spread * spread / mean - 1.0).abs() < 0.06, "{mean}: {spread}");
        }
    }

    #[test]
    fn every_order_of_three_comes_about_as_often() {
        let mut random = Random::new(9);
        let mut orders = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            random.shuffle(&mut items);
            *orders.entry(items).or_insert(0) += 1;
        }
        // Four standard deviations of a binomial count of 6000 in sixths.
        assert!(orders.len() == 6 && orders.values().all(|&n| (884..=1_116).contains(&n)), "{orders:?}");
    }
}
