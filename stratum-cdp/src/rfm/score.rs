//! One customer: the three figures, and what they score.

use serde::{Deserialize, Serialize};

use super::RfmSegment;

/// What is known of a customer's purchases in the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RfmFacts {
    /// Days since the last purchase, with fractions; at least 0. As many as the window has, or more: no purchase in it, and no
    /// score.
    pub recency_days: f64,
    /// Purchases in the window, fully refunded ones left out. With none there is no score.
    pub frequency: u64,
    /// What they brought, refunds subtracted, in minor units.
    pub monetary_cents: i64,
}

/// Three scores from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rfm {
    recency: u8,
    frequency: u8,
    monetary: u8,
}

impl Rfm {
    /// The scores, each held to 1 to 5.
    #[must_use]
    pub fn new(recency: u8, frequency: u8, monetary: u8) -> Self {
        let held = |score: u8| score.clamp(1, 5);
        Self { recency: held(recency), frequency: held(frequency), monetary: held(monetary) }
    }

    /// How lately: 5 is best.
    #[must_use]
    pub const fn recency(self) -> u8 {
        self.recency
    }

    /// How often.
    #[must_use]
    pub const fn frequency(self) -> u8 {
        self.frequency
    }

    /// For how much.
    #[must_use]
    pub const fn monetary(self) -> u8 {
        self.monetary
    }

    /// `RFM` and the three digits.
    #[must_use]
    pub fn cell(self) -> String {
        format!("RFM{}{}{}", self.recency, self.frequency, self.monetary)
    }

    /// The position of the cell among the 125, from 0 for `RFM111`.
    pub(super) fn cell_index(self) -> usize {
        let digit = |score: u8| usize::from(score.saturating_sub(1));
        let tens = digit(self.recency).saturating_mul(5).saturating_add(digit(self.frequency));
        tens.saturating_mul(5).saturating_add(digit(self.monetary))
    }

    /// The mean of the three, to two decimals, half away from zero.
    #[must_use]
    pub fn mean(self) -> f64 {
        let sum = f64::from(self.recency) + f64::from(self.frequency) + f64::from(self.monetary);
        (sum * 100.0 / 3.0).round() / 100.0
    }

    /// The name of the cell.
    #[must_use]
    pub const fn segment(self) -> RfmSegment {
        RfmSegment::of(self.recency, self.frequency, self.monetary)
    }
}

#[cfg(test)]
mod tests {
    use super::super::RfmScores;
    use super::*;

    #[test]
    fn the_mean_of_the_scores_has_two_decimals() {
        assert_eq!(Rfm::new(5, 5, 5).mean(), 5.0);
        assert_eq!(Rfm::new(1, 1, 2).mean(), 1.33);
        assert_eq!(Rfm::new(1, 2, 2).mean(), 1.67);
        assert_eq!(Rfm::new(0, 9, 3), Rfm::new(1, 5, 3));
    }

    #[test]
    fn a_column_of_cells_and_means_says_what_each_score_says() {
        let scores =
            RfmScores { recency: vec![1, 0, 5, 3], frequency: vec![1, 0, 5, 4], monetary: vec![2, 0, 5, 1] };
        let names: Vec<String> = RfmScores::cell_names().collect();
        let cells = scores.cell_codes().into_iter().map(|code| names.get(usize::from(code)).cloned());
        assert_eq!(
            cells.collect::<Vec<_>>(),
            scores.iter().map(|rfm| rfm.map(Rfm::cell)).collect::<Vec<_>>()
        );
        assert_eq!((names.len(), names[0].as_str(), names[124].as_str()), (125, "RFM111", "RFM555"));
        let means = scores.means();
        assert!(means[1].is_nan());
        assert_eq!([means[0], means[2], means[3]], [1.33, 5.0, 2.67]);
    }
}
