//! The chain against exact fractions, and what must hold of every chain.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::super::twofold::Twofold;
use super::super::{Bootstrap, PathCounts, PathOutcome};
use super::chain::Chain;
use super::elimination::Elimination;
use super::model::{lost_without, solve, solve_by};
use super::{
    MOST_MARKOV_CHANNELS, MarkovAttribution, TransitionCounts, markov, markov_with_intervals, sweeps,
};

type Row = (Vec<u8>, u64, u64);

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn counted(rows: &[Row]) -> PathCounts {
    let mut counts = PathCounts::new();
    for (path, conversions, nulls) in rows {
        let outcome = PathOutcome { conversions: *conversions, nulls: *nulls, value_cents: 7 };
        counts.add(path.iter().map(|&channel| NAMES[usize::from(channel)]), outcome).unwrap();
    }
    counts
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((prop::collection::vec(0_u8..5, 1..9), 0_u64..5, 0_u64..5), 1..20)
}

/// Whether two answers say the same within 10⁻¹².
fn near(found: &MarkovAttribution, expected: &MarkovAttribution) -> Result<(), TestCaseError> {
    prop_assert!((found.conversion_probability - expected.conversion_probability).abs() <= 1e-12);
    prop_assert_eq!(found.channels.len(), expected.channels.len());
    for (found, expected) in found.channels.iter().zip(&expected.channels) {
        prop_assert!((found.removal_effect - expected.removal_effect).abs() <= 1e-12);
        prop_assert!((found.weight - expected.weight).abs() <= 1e-12);
    }
    Ok(())
}

#[test]
fn a_state_of_order_two_that_holds_the_removed_channel_is_out_of_reach() {
    // By hand: without a, only b → conversion is left, 1 of 4 journeys; without b, only a → conversion, 1 of 4.
    let counts = counted(&[(vec![0], 1, 0), (vec![0, 1], 1, 0), (vec![1], 1, 0), (vec![1, 0], 0, 1)]);
    let found = markov(&counts, 2).unwrap();
    assert_eq!(found.conversion_probability, 0.75);
    assert_eq!(found.channels[0].removal_effect, 2.0 / 3.0);
    assert_eq!(found.channels[1].removal_effect, 2.0 / 3.0);
    assert_eq!((found.states, found.transitions), (4, 8));
}

#[test]
fn without_a_conversion_all_is_zero_and_the_value_is_unattributed() {
    let mut counts = counted(&[(vec![0, 1], 0, 4)]);
    counts.add([], PathOutcome::conversion(500)).unwrap();
    let found = markov(&counts, 1).unwrap();
    assert_eq!(found.conversion_probability, 0.0);
    assert!(found.channels.iter().all(|channel| channel.weight == 0.0 && channel.value_cents == 0));
    assert_eq!((found.unattributed_conversions, found.unattributed_value_cents), (1, 507));
    assert!(markov(&PathCounts::new(), 3).unwrap().channels.is_empty());
    assert_eq!(markov(&counts, 5).unwrap_err().code, "out_of_range");
}

#[test]
fn a_chain_that_hardly_ever_ends_keeps_its_digits() {
    // Journeys of a and b in turn, ten steps each, that come to nothing, and one that converts at once. By hand: a → b and
    // b → a are taken 5n times, a ends n + 1 times; so P = 1/(n + 1), and without b it is 1/(6n + 1).
    let n: u64 = 1 << 40;
    let around = vec![0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0];
    let counts = counted(&[(around, 0, n), (vec![0], 1, 0)]);
    let found = markov(&counts, 1).unwrap();
    let ends = stratum_core::math::count(n + 1);
    assert_eq!(found.conversion_probability, 1.0 / ends);
    assert_eq!(found.channels[0].removal_effect, 1.0);
    let expected = stratum_core::math::count(5 * n) / stratum_core::math::count(6 * n + 1);
    assert_eq!(found.channels[1].removal_effect, expected);
}

#[test]
fn many_channels_of_order_one_are_swept_and_too_many_are_refused() {
    // By hand: each channel converts once by itself, so each is worth the same; one in two journeys converts.
    let mut counts = PathCounts::new();
    for channel in 0..900 {
        counts
            .add([format!("c{channel}").as_str()], PathOutcome { conversions: 1, nulls: 1, value_cents: 3 })
            .unwrap();
    }
    let found = markov(&counts, 1).unwrap();
    assert_eq!(found.conversion_probability, 0.5);
    assert!(found.channels.iter().all(|channel| (channel.removal_effect - 1.0 / 900.0).abs() < 1e-15));
    assert!(found.channels.iter().all(|channel| channel.value_cents == 3));
    for channel in 900..=MOST_MARKOV_CHANNELS {
        counts.add([format!("c{channel}").as_str()], PathOutcome::null()).unwrap();
    }
    assert_eq!(markov(&counts, 1).unwrap_err().code, "too_many_channels");
}

#[test]
fn a_problem_of_the_intervals_stands_under_them() {
    let settings = Bootstrap { resamples: 1, seed: 1, confidence: 0.9 };
    let counts = counted(&[(vec![0], 1, 1)]);
    let problems = markov_with_intervals(&counts, 1, Some(&settings)).unwrap_err();
    assert!(problems.to_string().contains("/intervals/resamples"), "{problems}");
}

proptest! {
    #[test]
    fn credits_are_the_conversions_and_their_value(rows in rows(), order in 1_u8..=4) {
        let counts = counted(&rows);
        let found = markov(&counts, order).unwrap();
        let total = counts.total();
        let credited: i64 = found.channels.iter().map(|channel| channel.value_cents).sum();
        prop_assert_eq!(credited + found.unattributed_value_cents, total.value_cents);
        if total.conversions > 0 {
            let conversions: f64 = found.channels.iter().map(|channel| channel.conversions).sum();
            let all = stratum_core::math::count(total.conversions);
            prop_assert!((conversions - all).abs() <= 1e-12 * all);
            let weights: f64 = found.channels.iter().map(|channel| channel.weight).sum();
            prop_assert!((weights - 1.0).abs() <= 1e-12);
        }
        prop_assert!(found.channels.iter().all(|channel| (0.0..=1.0).contains(&channel.removal_effect)));
    }

    #[test]
    fn journeys_counted_many_times_over_change_no_effect(rows in rows(), order in 1_u8..=4, times in 2_u64..1000) {
        let many: Vec<Row> = rows.iter().map(|(path, a, b)| (path.clone(), a * times, b * times)).collect();
        near(&markov(&counted(&many), order).unwrap(), &markov(&counted(&rows), order).unwrap())?;
    }

    #[test]
    fn repeated_touches_change_nothing_in_order_one(rows in rows()) {
        let mut collapsed = rows.clone();
        collapsed.iter_mut().for_each(|row| row.0.dedup());
        near(&markov(&counted(&collapsed), 1).unwrap(), &markov(&counted(&rows), 1).unwrap())?;
    }

    #[test]
    fn channels_that_change_places_change_credits(rows in rows(), order in 1_u8..=4) {
        let mirrored: Vec<Row> =
            rows.iter().map(|(path, a, b)| (path.iter().map(|c| 4 - c).collect(), *a, *b)).collect();
        let mut other = markov(&counted(&mirrored), order).unwrap();
        let one = markov(&counted(&rows), order).unwrap();
        other.channels.reverse();
        near(&other, &one)?;
    }

    #[test]
    fn the_one_factorisation_of_order_one_says_what_removing_each_channel_says(rows in rows()) {
        let counts = counted(&rows);
        let chain = Chain::of(&counts.canonical(), 1);
        let fast = solve(&chain).unwrap();
        prop_assume!(fast.probability.is_positive());
        let gains = solve_by(&chain, |_| true, |_| Twofold::ONE).unwrap();
        for (channel, fast) in (0_u16..).zip(&fast.effects) {
            let plain = lost_without(&chain, channel, &gains).unwrap() / gains[0];
            prop_assert!((fast.value() - plain.value()).abs() <= 1e-15);
        }
    }

    #[test]
    fn sweeps_say_what_elimination_says(rows in rows(), order in 1_u8..=4) {
        let counts = counted(&rows);
        let chain = Chain::of(&counts.canonical(), order);
        let keep = |state: usize| !chain.states[state].contains(2);
        let gain = |state: Option<usize>| Twofold::from(state.map_or(1.0, |state| 0.5 + 0.01 * f64::from(u8::try_from(state % 7).unwrap())));
        let mut table = Elimination::of(&chain, keep, gain);
        table.factorise();
        let (exact, swept) = (table.gains(), sweeps::gains(&chain, keep, gain).unwrap());
        if let (Some(exact), Some(swept)) = (exact.last(), swept.first()) {
            prop_assert!((exact.value() - swept.value()).abs() <= 1e-15);
        }
    }

    #[test]
    fn steps_counted_without_paths_say_the_same_to_the_last_bit(rows in rows()) {
        let counts = counted(&rows);
        let mut steps = TransitionCounts::new(["e", "z", "d", "c", "b", "a"].map(str::to_owned).to_vec()).unwrap();
        for (path, conversions, nulls) in &rows {
            let path: Vec<u16> = path.iter().map(|&channel| [5, 4, 3, 2, 0][usize::from(channel)]).collect();
            steps.add(&path, PathOutcome { conversions: *conversions, nulls: *nulls, value_cents: 7 });
        }
        let (mut found, mut expected) = (steps.markov().unwrap(), markov(&counts, 1).unwrap());
        // A channel whose paths no journey took has a path, but no step.
        expected.channels.retain(|channel| found.channels.iter().any(|known| known.channel == channel.channel));
        found.unattributed_value_cents = expected.unattributed_value_cents;
        prop_assert_eq!(found, expected);
    }
}
