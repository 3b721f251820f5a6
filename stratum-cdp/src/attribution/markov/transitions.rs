//! Steps of order 1 counted as journeys come, without keeping their paths: a table of channels by channels.

use std::collections::BTreeSet;

use stratum_core::problem::Problem;

use super::super::path_counts::{CountFault, PathOutcome};
use super::chain::{Chain, Steps};
use super::model::{MarkovAttribution, of_chain};

/// How often each step of order 1 was taken, by channels that the caller has numbered from 0. For columns of millions of
/// journeys; [`super::markov()`] of the same journeys says the same, to the last bit.
///
/// ```
/// use stratum_cdp::attribution::{PathOutcome, TransitionCounts};
/// let mut counts = TransitionCounts::new(vec!["a".to_owned(), "b".to_owned()]).unwrap();
/// counts.add(&[0], PathOutcome::conversion(60_00));
/// counts.add(&[0, 1], PathOutcome::conversion(40_00));
/// counts.add(&[1], PathOutcome::null());
/// assert_eq!(counts.markov().unwrap().channels[0].weight, 0.6);
/// ```
#[derive(Debug, Clone)]
pub struct TransitionCounts {
    channels: Vec<String>,
    /// A row for the start and each channel; a column for conversion, null and each channel.
    table: Vec<u64>,
    /// The channels of journeys that were paid back, which took no step.
    paid_back: BTreeSet<usize>,
    total: PathOutcome,
    /// What came of the journeys without a touch.
    unknown: PathOutcome,
}

impl TransitionCounts {
    /// More channels than this are better counted by path.
    pub const MOST_CHANNELS: usize = 1_000;

    /// No step yet between these channels.
    ///
    /// # Errors
    /// [`CountFault::TooManyChannels`] for more than 1000.
    pub fn new(channels: Vec<String>) -> Result<Self, CountFault> {
        if channels.len() > Self::MOST_CHANNELS {
            return Err(CountFault::TooManyChannels);
        }
        let (rows, columns) = (channels.len().saturating_add(1), channels.len().saturating_add(2));
        Ok(Self {
            table: vec![0; rows.saturating_mul(columns)],
            channels,
            paid_back: BTreeSet::new(),
            total: PathOutcome::default(),
            unknown: PathOutcome::default(),
        })
    }

    /// Counts journeys along channels; what came of those without a channel is unattributed, and a number that stands for no
    /// channel is left out.
    pub fn add(&mut self, path: &[u16], outcome: PathOutcome) {
        add(&mut self.total, &outcome);
        if path.is_empty() {
            add(&mut self.unknown, &outcome);
            return;
        }
        let journeys = outcome.journeys();
        if journeys == 0 && outcome.value_cents != 0 {
            self.paid_back.extend(path.iter().map(|&channel| usize::from(channel)));
        }
        let mut row = 0_usize;
        for &channel in path {
            let channel = usize::from(channel);
            self.step(row, channel.saturating_add(2), journeys);
            row = channel.saturating_add(1);
        }
        self.step(row, 0, outcome.conversions);
        self.step(row, 1, outcome.nulls);
    }

    #[inline]
    fn step(&mut self, row: usize, column: usize, count: u64) {
        let columns = self.channels.len().wrapping_add(2);
        if let Some(known) = self.table.get_mut(row.wrapping_mul(columns).wrapping_add(column)) {
            *known = known.saturating_add(count);
        }
    }

    /// What each channel has earned.
    ///
    /// # Errors
    /// `amount_too_large` beyond 2^53 journeys or minor units.
    pub fn markov(&self) -> Result<MarkovAttribution, Problem> {
        if !self.total.is_countable() {
            return Err(CountFault::TooMany.into());
        }
        let columns = self.channels.len().saturating_add(2);
        let mut by_name: Vec<(&str, usize)> = Vec::new();
        for (place, (name, row)) in
            self.channels.iter().zip(self.table.chunks_exact(columns).skip(1)).enumerate()
        {
            if row.iter().any(|&count| count > 0) || self.paid_back.contains(&place) {
                by_name.push((name, place));
            }
        }
        by_name.sort_unstable();
        // From the number of a channel to its place by name.
        let mut ranks = vec![None; self.channels.len()];
        for (rank, &(_, place)) in (0_u16..).zip(&by_name) {
            if let Some(slot) = ranks.get_mut(place) {
                *slot = Some(rank);
            }
        }
        let mut steps = Steps::new(1);
        let froms = std::iter::once(None).chain(ranks.iter().map(|rank| Some(*rank)));
        for (from, row) in froms.zip(self.table.chunks_exact(columns)) {
            // A channel without a journey has no step.
            let from = match from {
                None => None,
                Some(None) => continue,
                Some(rank) => rank,
            };
            let (ends, onward) = row.split_at(2.min(row.len()));
            steps.of_order_one(
                from,
                ends,
                ranks.iter().zip(onward).filter_map(|(rank, &count)| Some(((*rank)?, count))),
            );
        }
        let names = by_name.into_iter().map(|(name, _)| name).collect();
        of_chain(&Chain::new(names, &steps), self.total, self.unknown)
    }
}

fn add(sum: &mut PathOutcome, more: &PathOutcome) {
    sum.conversions = sum.conversions.saturating_add(more.conversions);
    sum.nulls = sum.nulls.saturating_add(more.nulls);
    sum.value_cents = sum.value_cents.saturating_add(more.value_cents);
}
