//! Scores by rank, without sorting: where the parts begin is found by counting the leading bits of the numbers, and each
//! number is then compared with the few borders.

use serde::{Deserialize, Serialize};

/// Which rank equal values have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// All share the lowest: the scores do not depend on the order of the rows.
    #[default]
    Min,
    /// In the order of the rows: the parts are equally large.
    First,
}

/// Which values are best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Large ones score high.
    Ascending,
    /// Small ones score high, as days since the last purchase do.
    Descending,
}

/// 1 + ⌊bins (rank − 1) / n⌋ for each value, with ranks from 1 for the worst. NaN scores 0 and has no rank.
#[must_use]
pub fn quantile_scores(values: &[f64], bins: u8, order: Order, ties: Ties) -> Vec<u8> {
    let mut scores = vec![0; values.len()];
    let borders = Borders::new(values, bins, order, ties);
    match ties {
        Ties::Min => borders.score(values, &mut scores),
        Ties::First => borders.score_in_order(values, &mut scores),
    }
    scores
}

/// The number as an integer of the same order; the smallest of all for NaN.
fn key(value: f64, order: Order) -> u64 {
    const SIGN: u64 = 1 << 63;
    if value.is_nan() {
        return 0;
    }
    // Adding zero turns −0 into 0.
    let value = match order {
        Order::Ascending => value + 0.0,
        Order::Descending => 0.0 - value,
    };
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn unkey(key: u64) -> f64 {
    const SIGN: u64 = 1 << 63;
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

/// Where one part ends and the next begins.
struct Border {
    /// The number that begins the part, or stands across its beginning.
    at: f64,
    /// How many of those that are equal to it still belong to the part before.
    below: u64,
}

struct Borders {
    order: Order,
    ties: Ties,
    borders: Vec<Border>,
}

const BUCKET_BITS: u32 = 16;

fn bucket(key: u64) -> usize {
    usize::try_from(key >> (u64::BITS - BUCKET_BITS)).unwrap_or_default()
}

impl Borders {
    fn new(values: &[f64], bins: u8, order: Order, ties: Ties) -> Self {
        let mut counts = vec![0_u64; 1 << BUCKET_BITS];
        for &value in values {
            if let Some(count) = counts.get_mut(bucket(key(value, order))) {
                *count = count.saturating_add(1);
            }
        }
        // The keys of NaN, and no others, are zero.
        let missing = counts.first_mut().map_or(0, std::mem::take);
        let n = (values.len() as u64).saturating_sub(missing);
        // The part k begins with the rank (from 0) of ⌈k n / bins⌉.
        let ranks: Vec<u64> = (1..u64::from(bins))
            .map(|part| u128::from(part).saturating_mul(u128::from(n)))
            .map(|ranks| u64::try_from(ranks.div_ceil(u128::from(bins))).unwrap_or(u64::MAX))
            .filter(|&rank| rank < n)
            .collect();
        let places = places(&counts, &ranks);
        let mut members = members(values, order, &places);
        let borders = places
            .iter()
            .zip(&ranks)
            .filter_map(|(place, &rank)| {
                let members = &mut members.iter_mut().find(|(bucket, _)| *bucket == place.bucket)?.1;
                let inside = rank.saturating_sub(place.before);
                let at = *members.select_nth_unstable(usize::try_from(inside).ok()?).1;
                let smaller = members.iter().filter(|&&key| key < at).count() as u64;
                Some(Border { at: unkey(at), below: inside.saturating_sub(smaller) })
            })
            .collect();
        Self { order, ties, borders }
    }

    /// Sharing ranks: a value that stands across a border belongs below it.
    fn score(&self, values: &[f64], scores: &mut [u8]) {
        debug_assert_eq!(self.ties, Ties::Min);
        let firsts: Vec<f64> = self
            .borders
            .iter()
            .map(|border| if border.below == 0 { border.at } else { border.at.next_up() })
            .collect();
        // In blocks that stay in the nearest cache while each border passes over them.
        const BLOCK: usize = 2048;
        for (values, scores) in values.chunks(BLOCK).zip(scores.chunks_mut(BLOCK)) {
            for (score, value) in scores.iter_mut().zip(values) {
                *score = u8::from(!value.is_nan());
            }
            for &first in &firsts {
                let beats = |value: f64| match self.order {
                    Order::Ascending => value >= first,
                    Order::Descending => -value >= first,
                };
                for (score, &value) in scores.iter_mut().zip(values) {
                    *score = score.wrapping_add(u8::from(beats(value)));
                }
            }
        }
    }

    /// In the order of the rows: of those that stand across a border the first rows belong below it.
    fn score_in_order(&self, values: &[f64], scores: &mut [u8]) {
        let mut left: Vec<u64> = self.borders.iter().map(|border| border.below).collect();
        for (score, &value) in scores.iter_mut().zip(values) {
            let value = if self.order == Order::Descending { 0.0 - value } else { value };
            if value.is_nan() {
                continue;
            }
            let mut passed = 1_u8;
            for (border, left) in self.borders.iter().zip(&mut left) {
                let above = if value == border.at {
                    let none_left = *left == 0;
                    *left = left.saturating_sub(1);
                    none_left
                } else {
                    value > border.at
                };
                passed = passed.saturating_add(u8::from(above));
            }
            *score = passed;
        }
    }
}

/// The bucket in which a rank lies, and how many values lie in the buckets before.
struct Place {
    bucket: usize,
    before: u64,
}

fn places(counts: &[u64], ranks: &[u64]) -> Vec<Place> {
    let mut found = Vec::with_capacity(ranks.len());
    let mut before = 0_u64;
    let mut wanted = ranks.iter().peekable();
    for (bucket, &count) in counts.iter().enumerate() {
        let until = before.saturating_add(count);
        while wanted.next_if(|&&rank| rank < until).is_some() {
            found.push(Place { bucket, before });
        }
        before = until;
    }
    found
}

/// The keys of the values in the buckets of these places.
fn members(values: &[f64], order: Order, places: &[Place]) -> Vec<(usize, Vec<u64>)> {
    let mut members: Vec<(usize, Vec<u64>)> = Vec::new();
    // To which list a bucket belongs; most belong to none.
    let mut list = vec![u8::MAX; 1 << BUCKET_BITS];
    for place in places {
        if members.last().is_none_or(|(bucket, _)| *bucket != place.bucket) {
            if let Some(list) = list.get_mut(place.bucket) {
                *list = u8::try_from(members.len()).unwrap_or(u8::MAX);
            }
            members.push((place.bucket, Vec::new()));
        }
    }
    for &value in values {
        let key = key(value, order);
        let list = list.get(bucket(key)).copied().unwrap_or(u8::MAX);
        if list != u8::MAX
            && let Some((_, keys)) = members.get_mut(usize::from(list))
        {
            keys.push(key);
        }
    }
    members
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the numbers are small")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By sorting, as the definition reads.
    fn by_sorting(values: &[f64], bins: u8, ties: Ties) -> Vec<u8> {
        let rank = |place: usize| match ties {
            Ties::Min => values.iter().filter(|&&other| other < values[place]).count(),
            Ties::First => {
                let smaller = values.iter().filter(|&&other| other < values[place]).count();
                smaller + values[..place].iter().filter(|&&other| other == values[place]).count()
            }
        };
        let score = |place| 1 + usize::from(bins) * rank(place) / values.len();
        (0..values.len()).map(|place| u8::try_from(score(place)).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn counting_and_sorting_give_the_same_scores(
            values in prop::collection::vec(prop_oneof![(-5_i32..5).prop_map(f64::from), -1e300_f64..1e300, 0.0_f64..1.0], 1..80),
            bins in 1_u8..12,
        ) {
            for ties in [Ties::Min, Ties::First] {
                prop_assert_eq!(quantile_scores(&values, bins, Order::Ascending, ties), by_sorting(&values, bins, ties));
                let negated: Vec<f64> = values.iter().map(|value| -value).collect();
                prop_assert_eq!(quantile_scores(&values, bins, Order::Descending, ties), by_sorting(&negated, bins, ties));
            }
        }

        #[test]
        fn shared_ranks_do_not_depend_on_the_order_of_rows_and_never_fall_as_values_rise(
            values in prop::collection::vec((-9_i32..9).prop_map(f64::from), 1..60),
            turned in 0_usize..60,
        ) {
            let scores = quantile_scores(&values, 5, Order::Ascending, Ties::Min);
            let mut rows: Vec<(f64, u8)> = values.iter().copied().zip(scores).collect();
            let mut moved = values.clone();
            moved.rotate_left(turned % values.len());
            let mut moved_rows: Vec<(f64, u8)> =
                moved.iter().copied().zip(quantile_scores(&moved, 5, Order::Ascending, Ties::Min)).collect();
            rows.sort_by(|a, b| a.partial_cmp(b).unwrap());
            moved_rows.sort_by(|a, b| a.partial_cmp(b).unwrap());
            prop_assert!(rows.is_sorted_by_key(|row| row.1));
            prop_assert_eq!(rows, moved_rows);
        }
    }

    #[test]
    fn what_is_no_number_has_no_score_and_counts_for_nobody() {
        let values = [f64::NAN, 1.0, 2.0, f64::NAN, 3.0, 4.0, 5.0];
        for ties in [Ties::Min, Ties::First] {
            assert_eq!(quantile_scores(&values, 5, Order::Ascending, ties), [0, 1, 2, 0, 3, 4, 5]);
            assert_eq!(quantile_scores(&values, 5, Order::Descending, ties), [0, 5, 4, 0, 3, 2, 1]);
        }
        assert_eq!(quantile_scores(&[0.0, -0.0], 2, Order::Ascending, Ties::Min), [1, 1]);
        assert_eq!(quantile_scores(&[], 5, Order::Ascending, Ties::Min), Vec::<u8>::new());
    }
}
