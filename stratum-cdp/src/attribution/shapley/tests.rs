//! Every game against its definition: the mean of what a player adds, over every order.

use proptest::prelude::*;

use super::super::{PathCounts, PathOutcome};
use super::{sample_shapley, shapley, shapley_of_table};

/// By every order in which the players can join.
fn by_orders(worth: &[f64]) -> Vec<f64> {
    let players = worth.len().ilog2() as usize;
    let mut sums = vec![0.0; players];
    let mut orders = 0.0;
    let mut order: Vec<usize> = (0..players).collect();
    permute(&mut order, 0, &mut |order| {
        let mut set = 0_usize;
        for &player in order {
            sums[player] += worth[set | (1 << player)] - worth[set];
            set |= 1 << player;
        }
        orders += 1.0;
    });
    sums.into_iter().map(|sum| sum / orders).collect()
}

fn permute(items: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == items.len() {
        visit(items);
    }
    for other in from..items.len() {
        items.swap(from, other);
        permute(items, from + 1, visit);
        items.swap(from, other);
    }
}

fn table() -> impl Strategy<Value = Vec<f64>> {
    (0_u32..7).prop_flat_map(|players| prop::collection::vec(-50.0_f64..50.0, 1_usize << players))
}

fn counted(rows: &[(Vec<u8>, u64, i64)]) -> PathCounts {
    let mut counts = PathCounts::new();
    for (path, conversions, value_cents) in rows {
        let outcome = PathOutcome { conversions: *conversions, nulls: 1, value_cents: *value_cents };
        counts
            .add(path.iter().map(|&channel| ["a", "b", "c", "d", "e"][usize::from(channel)]), outcome)
            .unwrap();
    }
    counts
}

fn rows() -> impl Strategy<Value = Vec<(Vec<u8>, u64, i64)>> {
    prop::collection::vec((prop::collection::vec(0_u8..5, 1..7), 0_u64..9, -300_i64..900), 1..20)
}

#[test]
fn a_table_that_is_none_is_refused() {
    assert_eq!(shapley_of_table(&[0.0; 3]).unwrap_err().iter().next().unwrap().code, "wrong_length");
    assert_eq!(shapley_of_table(&[]).unwrap_err().iter().next().unwrap().code, "wrong_length");
    assert_eq!(shapley_of_table(&[0.0, f64::NAN]).unwrap_err().iter().next().unwrap().path, "/1");
    assert!(shapley_of_table(&[3.0]).unwrap().is_empty());
}

#[test]
fn sixteen_players_who_are_all_alike_share_alike() {
    // Worth the square of how many there are: each adds 16 on average, by symmetry and efficiency.
    let worth: Vec<f64> = (0..1_u32 << 16).map(|set| f64::from(set.count_ones().pow(2))).collect();
    assert_eq!(shapley_of_table(&worth).unwrap(), [16.0; 16]);
}

#[test]
fn a_journey_of_tens_of_thousands_of_channels_needs_no_table_of_all_sizes() {
    let names: Vec<String> = (0..40_000).map(|channel| format!("c{channel}")).collect();
    let mut counts = PathCounts::new();
    counts.add(names.iter().map(String::as_str), PathOutcome::conversion(80_000)).unwrap();
    let found = shapley(&counts);
    assert!(found.channels.iter().all(|channel| channel.shapley_value == 1.0 / 40_000.0));
    assert!(found.channels.iter().all(|channel| channel.value_cents == Some(2)));
}

proptest! {
    #[test]
    fn a_table_says_what_every_order_says(worth in table()) {
        for (found, expected) in shapley_of_table(&worth).unwrap().iter().zip(by_orders(&worth)) {
            prop_assert!((found - expected).abs() <= 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn a_null_player_gets_nothing_and_players_alike_get_alike(worth in table()) {
        let players = worth.len().ilog2();
        // One more who adds nothing, and one more who is worth 5 to whomever he joins.
        let doubled: Vec<f64> = [worth.clone(), worth.clone()].concat();
        let fives: Vec<f64> = doubled.iter().copied().chain(doubled.iter().map(|value| value + 5.0)).collect();
        let found = shapley_of_table(&fives).unwrap();
        prop_assert!(found[players as usize].abs() <= 1e-12);
        prop_assert!((found[players as usize + 1] - 5.0).abs() <= 1e-12);
        for (found, alone) in found.iter().zip(shapley_of_table(&worth).unwrap()) {
            prop_assert!((found - alone).abs() <= 1e-12);
        }
    }

    #[test]
    fn paths_say_what_the_table_of_their_game_says(rows in rows()) {
        let counts = counted(&rows);
        let found = shapley(&counts);
        let names = counts.channels();
        let worth: Vec<f64> = (0..1_usize << names.len())
            .map(|set| {
                let within = |path: &[&str]| {
                    path.iter().all(|channel| set >> names.iter().position(|name| name == channel).unwrap() & 1 == 1)
                };
                let inside = counts.paths().into_iter().filter(|(path, _)| within(path));
                inside.map(|(_, outcome)| stratum_core::math::count(outcome.conversions)).sum()
            })
            .collect();
        for (found, expected) in found.channels.iter().zip(shapley_of_table(&worth).unwrap()) {
            prop_assert!((found.shapley_value - expected).abs() <= 1e-12);
            prop_assert!(found.shapley_value >= 0.0);
        }
        let credited: i64 = found.channels.iter().filter_map(|channel| channel.value_cents).sum();
        prop_assert_eq!(credited, counts.total().value_cents);
    }

    #[test]
    fn a_sampled_value_is_within_its_bound(worth in prop::collection::vec(0.0_f64..1.0, 32), seed in any::<u64>()) {
        let exact = shapley_of_table(&[vec![0.0], worth[1..].to_vec()].concat()).unwrap();
        let found = sample_shapley(5, 1.0, 400, seed, 0.999_999, |order, along| {
            let mut set = 0_usize;
            for (&player, slot) in order.iter().zip(along) {
                set |= 1 << player;
                *slot = worth[set];
            }
        })
        .unwrap();
        for (found, exact) in found.iter().zip(&exact) {
            prop_assert!((found.value - exact).abs() <= found.error_bound);
        }
        let sum: f64 = found.iter().map(|found| found.value).sum();
        prop_assert!((sum - worth[31]).abs() <= 1e-12);
    }
}
