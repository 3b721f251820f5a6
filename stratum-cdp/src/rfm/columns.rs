//! Many customers at once, and the only way to score by rank.

use stratum_core::math;
use stratum_core::problem::{Problem, Problems};

use super::policy::is_customer;
use super::{CompiledRfm, Order, Rfm, RfmFacts, RfmMode, Ties, quantile_scores};

/// The figures of customers, a row each. NaN is missing.
#[derive(Debug, Clone, Copy)]
pub struct RfmColumns<'a> {
    recency_days: &'a [f64],
    frequency: &'a [f64],
    monetary_cents: &'a [f64],
}

/// Fewer customers than this have no quintiles.
const LEAST_CUSTOMERS: usize = 50;

impl<'a> RfmColumns<'a> {
    /// Days since the last purchase, purchases, and money in minor units.
    ///
    /// # Errors
    /// `length_mismatch` for columns of different lengths.
    pub fn new(
        recency_days: &'a [f64],
        frequency: &'a [f64],
        monetary_cents: &'a [f64],
    ) -> Result<Self, Problems> {
        let rows = recency_days.len();
        if frequency.len() != rows || monetary_cents.len() != rows {
            return Err(Problem::new("", "length_mismatch", "the columns have different lengths").into());
        }
        Ok(Self { recency_days, frequency, monetary_cents })
    }

    /// The scores of every row, as the policy says.
    ///
    /// # Errors
    /// `insufficient_data` for quintiles of fewer than 50 customers.
    pub fn score(&self, policy: &CompiledRfm, ties: Ties) -> Result<RfmScores, Problems> {
        match policy.mode {
            RfmMode::Fixed => Ok(self.fixed(policy)),
            RfmMode::Quintile => {
                let customers = self.customers(policy.window());
                if customers < LEAST_CUSTOMERS {
                    let text = format!(
                        "{customers} customers are too few for quintiles, which need {LEAST_CUSTOMERS}"
                    );
                    return Err(Problem::new("", "insufficient_data", text)
                        .help("score by fixed limits until there are more customers")
                        .into());
                }
                Ok(self.ranked(5, ties, policy.window()))
            }
        }
    }

    fn rows(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let pairs = self.recency_days.iter().zip(self.frequency).zip(self.monetary_cents);
        pairs.map(|((&recency, &frequency), &monetary)| (recency, frequency, monetary))
    }

    fn customers(&self, window_days: f64) -> usize {
        self.rows()
            .filter(|&(recency, frequency, monetary)| is_customer(recency, frequency, monetary, window_days))
            .count()
    }

    fn fixed(&self, policy: &CompiledRfm) -> RfmScores {
        let mut scores = RfmScores::with_capacity(self.recency_days.len());
        for (recency, frequency, monetary) in self.rows() {
            let rfm = policy.score_figures(recency, frequency, monetary);
            scores.push(rfm.map_or((0, 0, 0), |rfm| (rfm.recency(), rfm.frequency(), rfm.monetary())));
        }
        scores
    }

    /// The scores by rank in so many parts, however few the customers are and however long ago they bought.
    #[must_use]
    pub fn quantiles(&self, parts: u8, ties: Ties) -> RfmScores {
        self.ranked(parts, ties, f64::INFINITY)
    }

    fn ranked(&self, parts: u8, ties: Ties, window_days: f64) -> RfmScores {
        let by_rank = |recency: &[f64], frequency: &[f64], monetary: &[f64]| RfmScores {
            recency: quantile_scores(recency, parts, Order::Descending, ties),
            frequency: quantile_scores(frequency, parts, Order::Ascending, ties),
            monetary: quantile_scores(monetary, parts, Order::Ascending, ties),
        };
        if self.customers(window_days) == self.recency_days.len() {
            return by_rank(self.recency_days, self.frequency, self.monetary_cents);
        }
        // Who is no customer takes no rank in any column.
        let masked = |column: fn((f64, f64, f64)) -> f64| -> Vec<f64> {
            self.rows()
                .map(|row| if is_customer(row.0, row.1, row.2, window_days) { column(row) } else { f64::NAN })
                .collect()
        };
        by_rank(&masked(|row| row.0), &masked(|row| row.1), &masked(|row| row.2))
    }
}

/// The scores of many customers, a row each; 0 where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RfmScores {
    /// How lately, 1 to 5.
    pub recency: Vec<u8>,
    /// How often.
    pub frequency: Vec<u8>,
    /// For how much.
    pub monetary: Vec<u8>,
}

impl RfmScores {
    fn with_capacity(rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self { recency: column(), frequency: column(), monetary: column() }
    }

    fn push(&mut self, (recency, frequency, monetary): (u8, u8, u8)) {
        self.recency.push(recency);
        self.frequency.push(frequency);
        self.monetary.push(monetary);
    }

    fn rows(&self) -> impl Iterator<Item = (u8, u8, u8)> {
        let pairs = self.recency.iter().zip(&self.frequency).zip(&self.monetary);
        pairs.map(|((&recency, &frequency), &monetary)| (recency, frequency, monetary))
    }

    /// The scores row by row.
    pub fn iter(&self) -> impl Iterator<Item = Option<Rfm>> {
        self.rows().map(|(r, f, m)| (r > 0).then(|| Rfm::new(r, f, m)))
    }

    /// The names row by row, as positions in [`super::RfmSegment::ALL`]; 255 where there is none.
    #[must_use]
    pub fn segment_codes(&self) -> Vec<u8> {
        self.looked_up(u8::MAX, |rfm| u8::try_from(rfm.segment().index()).unwrap_or(u8::MAX))
    }

    /// The cells row by row, as positions in [`RfmScores::cell_names`]; 255 where there is none.
    #[must_use]
    pub fn cell_codes(&self) -> Vec<u8> {
        self.looked_up(u8::MAX, |rfm| u8::try_from(rfm.cell_index()).unwrap_or(u8::MAX))
    }

    /// The 125 cells from `RFM111` to `RFM555`, in the order of their digits.
    pub fn cell_names() -> impl Iterator<Item = String> {
        cells().map(Rfm::cell)
    }

    /// The means row by row; NaN where there is none.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        self.looked_up(f64::NAN, Rfm::mean)
    }

    /// What each row has by its cell, worked out once for each cell.
    fn looked_up<T: Copy>(&self, none: T, of: impl Fn(Rfm) -> T) -> Vec<T> {
        let mut table = [none; PLACES];
        for rfm in cells() {
            if let Some(entry) = table.get_mut(place(rfm.recency(), rfm.frequency(), rfm.monetary())) {
                *entry = of(rfm);
            }
        }
        self.rows().map(|(r, f, m)| table.get(place(r, f, m)).copied().unwrap_or(none)).collect()
    }

    /// How many customers each cell has, from the digits (`555`) to the count; empty cells are left out.
    #[must_use]
    pub fn cells(&self) -> Vec<(u16, u64)> {
        let mut counts = [0_u64; PLACES];
        for (r, f, m) in self.rows() {
            if let Some(count) = counts.get_mut(place(r, f, m)) {
                *count = count.saturating_add(1);
            }
        }
        let digit = |place: u16, shift: u32| (place >> shift) & 7;
        (0_u16..)
            .zip(counts)
            .filter(|&(place, count)| count > 0 && place >= 1 << 6)
            .map(|(place, count)| {
                let tens = digit(place, 6).saturating_mul(10).saturating_add(digit(place, 3));
                (tens.saturating_mul(10).saturating_add(digit(place, 0)), count)
            })
            .collect()
    }
}

/// Three scores in nine bits.
const PLACES: usize = 1 << 9;

fn place(r: u8, f: u8, m: u8) -> usize {
    (usize::from(r) << 6) | (usize::from(f) << 3) | usize::from(m)
}

fn cells() -> impl Iterator<Item = Rfm> {
    let digits = || 1..=5_u8;
    digits().flat_map(move |r| digits().flat_map(move |f| digits().map(move |m| Rfm::new(r, f, m))))
}

impl From<&RfmFacts> for (f64, f64, f64) {
    fn from(facts: &RfmFacts) -> Self {
        (facts.recency_days, math::count(facts.frequency), math::amount(facts.monetary_cents))
    }
}
