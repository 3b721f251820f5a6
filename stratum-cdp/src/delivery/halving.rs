//! Finding the bad row of a batch that was refused as a whole.
//!
//! A batch that is refused is sent again in halves until the row that is wrong stands alone; the others get through. One bad
//! row among `n` takes about `2·log2(n)` requests. Where the platform names rows, those are set aside and the others sent again.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

/// A batch on its way, as it is stored between requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Halving {
    /// What is to be sent, request by request: the places in the batch.
    pending: VecDeque<Vec<u64>>,
    delivered: Vec<u64>,
    refused: Vec<u64>,
    requests: u64,
}

impl Halving {
    /// A batch of which nothing was sent yet.
    #[must_use]
    pub fn new(items: u64) -> Self {
        let all: Vec<u64> = (0..items).collect();
        let pending = (!all.is_empty()).then_some(all).into_iter().collect();
        Self { pending, delivered: Vec::new(), refused: Vec::new(), requests: 0 }
    }

    /// The places to send with the next request; `None` when every row is settled.
    #[must_use]
    pub fn next(&self) -> Option<&[u64]> {
        self.pending.front().map(Vec::as_slice)
    }

    /// That request was taken, but for the rows at `failed`: places in the request, from 0.
    pub fn taken(&mut self, failed: &[u64]) {
        let Some((named, others)) = self.part(failed) else { return };
        self.refused.extend(named);
        self.delivered.extend(others);
    }

    /// That request was refused as a whole, because of the rows at `failed` (places in the request, from 0) where the platform
    /// names them.
    pub fn refused(&mut self, failed: &[u64]) {
        let Some((named, others)) = self.part(failed) else { return };
        if named.is_empty() {
            self.halve(others);
            return;
        }
        self.refused.extend(named);
        if !others.is_empty() {
            self.pending.push_front(others);
        }
    }

    /// Refuses what is left without sending it: too many requests went into this batch.
    pub fn give_up(&mut self) {
        self.refused.extend(self.pending.drain(..).flatten());
    }

    /// The places of the rows that the platform has, ascending.
    #[must_use]
    pub fn delivered(&self) -> Vec<u64> {
        sorted(&self.delivered)
    }

    /// The places of the rows that were refused, ascending.
    #[must_use]
    pub fn refused_items(&self) -> Vec<u64> {
        sorted(&self.refused)
    }

    /// How many requests were made.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Takes the request that was answered, parted by whether a row is named.
    fn part(&mut self, failed: &[u64]) -> Option<(Vec<u64>, Vec<u64>)> {
        let sent = self.pending.pop_front()?;
        self.requests = self.requests.saturating_add(1);
        let failed: BTreeSet<u64> = failed.iter().copied().collect();
        let (named, others): (Vec<_>, Vec<_>) =
            (0_u64..).zip(sent).partition(|(place, _)| failed.contains(place));
        let items = |rows: Vec<(u64, u64)>| rows.into_iter().map(|(_, item)| item).collect();
        Some((items(named), items(others)))
    }

    fn halve(&mut self, mut rows: Vec<u64>) {
        if rows.len() <= 1 {
            self.refused.extend(rows);
            return;
        }
        let second = rows.split_off(rows.len() / 2);
        self.pending.push_front(second);
        self.pending.push_front(rows);
    }
}

fn sorted(places: &[u64]) -> Vec<u64> {
    let mut places = places.to_vec();
    places.sort_unstable();
    places
}
