//! Absorbing chains solved by elimination, without a subtraction.
//!
//! A chain is a table of weights `w(i, j)` of the steps from state to state, and for each state the weight of its steps out
//! of the chain. Eliminating a state leads the steps through it past it: what is left is the chain as seen when one looks away
//! from that state. The pivot is the sum of the weights out of the state, not the difference on the diagonal, so nothing is
//! ever subtracted and no digit cancels (Grassmann, Taksar and Heyman 1985; that every entry keeps its relative accuracy:
//! O'Cinneide 1993). Pivoting is not needed. With twice the digits of a double underneath, the result is the exact one,
//! rounded.

use super::super::twofold::Twofold;
use super::chain::Chain;

/// A chain made ready for elimination, and afterwards its factors.
#[derive(Debug)]
pub(super) struct Elimination {
    states: usize,
    /// `w(i, j)`, row by row. Afterwards the upper factor right of the diagonal, the lower one left of it.
    weights: Vec<Twofold>,
    /// Of each state, the weight of the steps that leave the chain; afterwards the pivots.
    leaving: Vec<Twofold>,
    /// Of each state, what leaving from it gains.
    gain: Vec<Twofold>,
}

impl Elimination {
    /// The states of `chain` that `keep` keeps, the start last. `gain` says what is gained by leaving for a state that is
    /// not kept, or for a conversion (`None`).
    pub(super) fn of(
        chain: &Chain<'_>,
        keep: impl Fn(usize) -> bool,
        gain: impl Fn(Option<usize>) -> Twofold,
    ) -> Self {
        let kept: Vec<usize> = (0..chain.states.len()).rev().filter(|&state| keep(state)).collect();
        let mut places = vec![None; chain.states.len()];
        for (place, &state) in kept.iter().enumerate() {
            if let Some(slot) = places.get_mut(state) {
                *slot = Some(place);
            }
        }
        let states = kept.len();
        let mut table = Self {
            states,
            weights: vec![Twofold::ZERO; states.saturating_mul(states)],
            leaving: Vec::with_capacity(states),
            gain: Vec::with_capacity(states),
        };
        for (row, state) in kept.iter().filter_map(|&state| chain.states.get(state)).enumerate() {
            let mut leaving = Twofold::from(state.conversions) + Twofold::from(state.nulls);
            let mut gained = Twofold::from(state.conversions) * gain(None);
            for &(next, count) in &state.next {
                match places.get(next).copied().flatten() {
                    // A step to where one is changes nothing about where one gets to.
                    Some(column) if column == row => {}
                    Some(column) => table.set(row, column, Twofold::from(count)),
                    None => {
                        leaving = leaving + Twofold::from(count);
                        gained = gained + Twofold::from(count) * gain(Some(next));
                    }
                }
            }
            table.leaving.push(leaving);
            table.gain.push(gained);
        }
        table
    }

    /// Eliminates the states one after the other, those that come first in the table first.
    pub(super) fn factorise(&mut self) {
        for pivot in 0..self.states {
            let after = pivot.saturating_add(1);
            let (above, below) = self.weights.split_at_mut(after.saturating_mul(self.states));
            let row = above.get(pivot.saturating_mul(self.states)..).unwrap_or_default();
            let right = row.get(after..).unwrap_or_default();
            let own = self.leaving.get(pivot).copied().unwrap_or_default();
            let out = right.iter().fold(own, |sum, &weight| sum + weight);
            for (lower, leaving) in
                below.chunks_exact_mut(self.states).zip(self.leaving.iter_mut().skip(after))
            {
                let Some(into) = lower.get_mut(pivot).filter(|into| into.is_positive()) else { continue };
                let share = *into / out;
                *into = share;
                for (through, &weight) in lower.iter_mut().skip(after).zip(right) {
                    if weight.is_positive() {
                        *through = *through + share * weight;
                    }
                }
                *leaving = *leaving + share * own;
            }
            if let Some(leaving) = self.leaving.get_mut(pivot) {
                *leaving = out;
            }
        }
    }

    /// What one gains on the way from each state, in the order of the table, where leaving gains what it was made with.
    pub(super) fn gains(&self) -> Vec<Twofold> {
        self.solve(&self.gain)
    }

    /// The solution for what each state gains by itself.
    fn solve(&self, own: &[Twofold]) -> Vec<Twofold> {
        let mut found = self.forward(own);
        for state in (0..self.states).rev() {
            let row = self.row(state);
            let after = state.saturating_add(1);
            let later = row.iter().zip(&found).skip(after).filter(|(weight, _)| weight.is_positive());
            let through: Twofold = later.map(|(&weight, &gain)| weight * gain).sum();
            let pivot = self.leaving.get(state).copied().unwrap_or(Twofold::ONE);
            if let Some(found) = found.get_mut(state) {
                *found = (*found + through) / pivot;
            }
        }
        found
    }

    fn forward(&self, own: &[Twofold]) -> Vec<Twofold> {
        let mut found: Vec<Twofold> = Vec::with_capacity(self.states);
        for state in 0..self.states {
            let earlier = self.row(state).iter().zip(&found).filter(|(weight, _)| weight.is_positive());
            let gained: Twofold = earlier.map(|(&share, &gain)| share * gain).sum();
            found.push(own.get(state).copied().unwrap_or_default() + gained);
        }
        found
    }

    /// For each state the chance that the start, the last in the table, ever gets there: what the start gains by a reward in
    /// that state, over what the state itself does, since from there the two are the same.
    pub(super) fn chances_to_reach(&self) -> Vec<Twofold> {
        let start = self.states.saturating_sub(1);
        (0..self.states)
            .map(|state| {
                let mut reward = vec![Twofold::ZERO; self.states];
                if let Some(own) = reward.get_mut(state) {
                    *own = Twofold::ONE;
                }
                let gains = self.solve(&reward);
                let at = |state: usize| gains.get(state).copied().unwrap_or_default();
                at(start) / at(state)
            })
            .collect()
    }

    fn row(&self, state: usize) -> &[Twofold] {
        let start = state.saturating_mul(self.states);
        self.weights.get(start..start.saturating_add(self.states)).unwrap_or_default()
    }

    fn set(&mut self, row: usize, column: usize, weight: Twofold) {
        if let Some(slot) = self.weights.get_mut(row.saturating_mul(self.states).saturating_add(column)) {
            *slot = weight;
        }
    }
}
