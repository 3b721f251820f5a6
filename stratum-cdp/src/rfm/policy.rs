//! The limits of a tenant, and the score of one customer by them.

use serde::{Deserialize, Serialize};
use stratum_core::math::amount;
use stratum_core::money::round_minor;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Currency, enumeration};

use super::{Rfm, RfmFacts};

enumeration! {
    /// How customers are scored.
    pub enum RfmMode "RFM mode" {
        /// By fixed limits.
        Fixed = "FIXED",
        /// By rank among all customers, in five equal parts.
        Quintile = "QUINTILE",
    }
}

/// How a tenant scores its customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RfmPolicy {
    /// By fixed limits, or by rank.
    pub mode: RfmMode,
    /// Purchases of so many days count, 30 to 1095.
    pub window_days: u32,
    /// Up to so many days since the last purchase score 5, 4, 3 and 2; beyond the last 1. Increasing, 1 to 1095.
    pub recency_days: [u32; 4],
    /// From so many purchases on the score is 2, 3, 4 and 5. Increasing, at least 1.
    pub frequency: [u32; 4],
    /// From so much money on, in major units, the score is 2, 3, 4 and 5. Increasing, above 0.
    pub monetary: [f64; 4],
}

impl Default for RfmPolicy {
    fn default() -> Self {
        Self {
            mode: RfmMode::Fixed,
            window_days: 365,
            recency_days: [7, 30, 90, 180],
            frequency: [2, 5, 10, 20],
            monetary: [50.0, 200.0, 500.0, 1000.0],
        }
    }
}

const WINDOW: (u32, u32) = (30, 1095);
/// More money than this, in major units, is a slip of the pen.
const MOST_MONEY: f64 = 1e9;

impl RfmPolicy {
    /// The policy, checked, for money of this currency.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `not_increasing`.
    pub fn compile(&self, currency: Currency) -> Result<CompiledRfm, Problems> {
        let mut found = ProblemCollector::new();
        if !(WINDOW.0..=WINDOW.1).contains(&self.window_days) {
            let text = format!("a window is of {} to {} days, not {}", WINDOW.0, WINDOW.1, self.window_days);
            found.push(Problem::new("/window_days", "out_of_range", text));
        }
        limits("/recency_days", self.recency_days.map(f64::from), 1.0, f64::from(WINDOW.1), &mut found);
        limits("/frequency", self.frequency.map(f64::from), 1.0, 1e9, &mut found);
        limits("/monetary", self.monetary, 0.0, MOST_MONEY, &mut found);
        let minor = self.monetary.map(|major| {
            round_minor(major * amount(currency.minor_per_major())).map_or(f64::INFINITY, amount)
        });
        found.into_result(CompiledRfm {
            mode: self.mode,
            window_days: self.window_days,
            recency: self.recency_days.map(f64::from),
            frequency: self.frequency.map(f64::from),
            monetary_cents: minor,
        })
    }
}

/// Notes limits that do not rise, or that leave their range.
fn limits(path: &str, limits: [f64; 4], least: f64, most: f64, found: &mut ProblemCollector) {
    let mut before = f64::NEG_INFINITY;
    for (place, limit) in limits.into_iter().enumerate() {
        // Zero money is no limit: nobody who bought would be below it.
        let in_range = limit.is_finite() && limit >= least && limit <= most && limit > 0.0;
        if !in_range {
            found.push(Problem::new(
                format!("{path}/{place}"),
                "out_of_range",
                format!("this limit is above 0, at least {least} and at most {most}"),
            ));
        } else if limit <= before {
            found.push(
                Problem::new(
                    format!("{path}/{place}"),
                    "not_increasing",
                    "each limit is above the one before",
                )
                .help("write four limits from the smallest to the largest"),
            );
        }
        before = limit;
    }
}

/// A policy that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledRfm {
    pub(super) mode: RfmMode,
    pub(super) window_days: u32,
    pub(super) recency: [f64; 4],
    pub(super) frequency: [f64; 4],
    pub(super) monetary_cents: [f64; 4],
}

impl CompiledRfm {
    /// How customers are scored.
    #[must_use]
    pub const fn mode(&self) -> RfmMode {
        self.mode
    }

    /// Purchases of so many days count.
    #[must_use]
    pub const fn window_days(&self) -> u32 {
        self.window_days
    }

    /// The window as a number of days.
    pub(super) fn window(&self) -> f64 {
        f64::from(self.window_days)
    }

    /// The scores by the fixed limits, whatever the mode; none without a purchase in the window, and none for a recency that is
    /// no number or lies in the future.
    #[must_use]
    pub fn score(&self, facts: &RfmFacts) -> Option<Rfm> {
        let (recency, frequency, monetary) = facts.into();
        self.score_figures(recency, frequency, monetary)
    }

    /// The same from columns.
    pub(super) fn score_figures(&self, recency: f64, frequency: f64, monetary: f64) -> Option<Rfm> {
        is_customer(recency, frequency, monetary, self.window()).then(|| {
            Rfm::new(
                passed(self.recency.map(|limit| recency <= limit)),
                passed(self.frequency.map(|limit| frequency >= limit)),
                passed(self.monetary_cents.map(|limit| monetary >= limit)),
            )
        })
    }
}

/// Whether these are the figures of a customer: a purchase less than the days of the window ago, and numbers throughout.
#[inline]
pub(super) fn is_customer(recency: f64, frequency: f64, monetary: f64, window_days: f64) -> bool {
    // Without a branch: it is asked of every row.
    (0.0..window_days).contains(&recency) & (frequency >= 1.0) & monetary.is_finite()
}

/// One, and one more for each limit that is passed.
fn passed(limits: [bool; 4]) -> u8 {
    limits.into_iter().fold(1, |score, passed| score.saturating_add(u8::from(passed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(recency_days: f64, frequency: u64, monetary_cents: i64) -> (u8, u8, u8) {
        let policy = RfmPolicy::default().compile(Currency::USD).unwrap();
        let rfm = policy.score(&RfmFacts { recency_days, frequency, monetary_cents }).unwrap();
        (rfm.recency(), rfm.frequency(), rfm.monetary())
    }

    #[test]
    fn each_limit_belongs_to_the_better_score() {
        let days = [
            (0.0, 5),
            (7.0, 5),
            (7.001, 4),
            (30.0, 4),
            (31.0, 3),
            (90.0, 3),
            (91.0, 2),
            (180.0, 2),
            (181.0, 1),
            (364.999, 1),
        ];
        for (recency, score) in days {
            assert_eq!(scores(recency, 1, 0).0, score, "{recency} days");
        }
        for (count, score) in [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (19, 4), (20, 5), (900, 5)] {
            assert_eq!(scores(0.0, count, 0).1, score, "{count} purchases");
        }
        let money = [
            (-500, 1),
            (4_999, 1),
            (5_000, 2),
            (19_999, 2),
            (20_000, 3),
            (50_000, 4),
            (99_999, 4),
            (100_000, 5),
        ];
        for (cents, score) in money {
            assert_eq!(scores(0.0, 1, cents).2, score, "{cents} cents");
        }
    }

    #[test]
    fn money_is_compared_in_the_major_unit_of_its_currency() {
        let facts = RfmFacts { recency_days: 0.0, frequency: 1, monetary_cents: 1_000 };
        let score = |code: &str| {
            RfmPolicy::default().compile(code.parse().unwrap()).unwrap().score(&facts).unwrap().monetary()
        };
        assert_eq!((score("USD"), score("JPY"), score("KWD")), (1, 5, 1));
    }

    #[test]
    fn without_a_purchase_in_the_window_there_is_no_score() {
        let policy = RfmPolicy::default().compile(Currency::USD).unwrap();
        for (recency_days, frequency) in [(3.0, 0), (-0.1, 2), (f64::NAN, 2), (365.0, 2)] {
            assert_eq!(policy.score(&RfmFacts { recency_days, frequency, monetary_cents: 1 }), None);
        }
    }

    #[test]
    fn every_wrong_limit_is_named() {
        let policy = RfmPolicy {
            window_days: 29,
            recency_days: [7, 7, 90, 2000],
            frequency: [0, 5, 4, 20],
            monetary: [0.0, 200.0, f64::NAN, 1e12],
            ..RfmPolicy::default()
        };
        let problems = policy.compile(Currency::USD).unwrap_err();
        let found: Vec<_> = problems.iter().map(|p| (p.path.as_str(), p.code.as_ref())).collect();
        assert_eq!(
            found,
            [
                ("/window_days", "out_of_range"),
                ("/recency_days/1", "not_increasing"),
                ("/recency_days/3", "out_of_range"),
                ("/frequency/0", "out_of_range"),
                ("/frequency/2", "not_increasing"),
                ("/monetary/0", "out_of_range"),
                ("/monetary/2", "out_of_range"),
                ("/monetary/3", "out_of_range"),
            ]
        );
    }
}
