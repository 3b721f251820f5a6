//! Draws that a seed repeats on every machine: SplitMix64 (Steele, Lea and Flood, 2014).

#[derive(Debug, Clone)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.part() < chance
    }

    /// At least 0, below `end`, which is above 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).unwrap_or_default()
    }

    /// 0, 1, 2, …, each more with this mean, as a geometric distribution.
    pub(super) fn count(&mut self, mean: f64) -> u32 {
        let again = mean / (1.0 + mean);
        let mut count = 0;
        while count < 200 && self.happens(again) {
            count += 1;
        }
        count
    }

    pub(super) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(choices.len()).ok().filter(|&end| end > 0)?;
        usize::try_from(self.below(end)).ok().and_then(|at| choices.get(at))
    }
}
