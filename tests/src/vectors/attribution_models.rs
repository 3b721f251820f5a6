//! Removal effects and Shapley values against exact solutions in fractions.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::attribution::{
    MarkovAttribution, PathCounts, PathOutcome, markov, shapley, shapley_of_table,
};
use stratum_core::money::round_minor;

use super::statistics::Tolerance;
use super::{Tally, differs, list};

#[derive(Deserialize)]
struct Path {
    path: Vec<String>,
    conversions: u64,
    #[serde(default)]
    nulls: u64,
    /// In major units; a path of a game has none.
    #[serde(default)]
    value: f64,
}

/// Rows without a visit are ignored, so that they are.
fn counted(paths: &[Path]) -> Result<PathCounts> {
    let mut counts = PathCounts::new();
    for row in paths.iter().filter(|row| row.conversions.saturating_add(row.nulls) > 0) {
        let outcome = PathOutcome {
            conversions: row.conversions,
            nulls: row.nulls,
            value_cents: round_minor(row.value * 100.0).unwrap_or_default(),
        };
        counts.add(row.path.iter().map(String::as_str), outcome)?;
    }
    Ok(counts)
}

#[derive(Deserialize)]
struct MarkovCase {
    name: String,
    input: MarkovInput,
    expect: MarkovExpected,
    tolerance: Tolerance,
}

#[derive(Deserialize)]
struct MarkovInput {
    order: u8,
    paths: Vec<Path>,
}

#[derive(Deserialize)]
struct MarkovExpected {
    p_conversion: f64,
    removal_effect: BTreeMap<String, f64>,
    conversions: BTreeMap<String, f64>,
    value: BTreeMap<String, f64>,
    states: Option<u64>,
    transitions: Option<u64>,
}

impl MarkovExpected {
    fn wrong(&self, input: &MarkovInput, found: &MarkovAttribution, tolerance: &Tolerance) -> Option<String> {
        let value: f64 =
            input.paths.iter().filter(|row| row.conversions > 0 || row.nulls > 0).map(|row| row.value).sum();
        // Cents are whole; the vectors' amounts are what they are rounded from.
        let by_channel = |of: fn(&stratum_cdp::attribution::MarkovChannel, f64) -> f64| {
            found.channels.iter().map(|row| (row.channel.clone(), of(row, value))).collect()
        };
        tolerance
            .wrong("p_conversion", found.conversion_probability, self.p_conversion)
            .or_else(|| {
                each(
                    tolerance,
                    "removal_effect",
                    &by_channel(|row, _| row.removal_effect),
                    &self.removal_effect,
                )
            })
            .or_else(|| {
                each(tolerance, "conversions", &by_channel(|row, _| row.conversions), &self.conversions)
            })
            .or_else(|| each(tolerance, "value", &by_channel(|row, value| row.weight * value), &self.value))
            .or_else(|| self.states.and_then(|states| differs("states", &found.states, &states)))
            .or_else(|| self.transitions.and_then(|count| differs("transitions", &found.transitions, &count)))
    }
}

/// Every channel that is expected; one that is expected with 0 may be missing.
fn each(
    tolerance: &Tolerance,
    name: &str,
    found: &BTreeMap<String, f64>,
    expected: &BTreeMap<String, f64>,
) -> Option<String> {
    let unknown = found.iter().find(|(channel, credit)| **credit != 0.0 && !expected.contains_key(*channel));
    unknown.map(|(channel, _)| format!("{name} has {channel}, which is not expected")).or_else(|| {
        expected.iter().find_map(|(channel, &expected)| {
            let found = found.get(channel).copied().unwrap_or_default();
            tolerance.wrong(name, found, expected).map(|wrong| format!("{channel}: {wrong}"))
        })
    })
}

pub(super) fn markov_removal(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<MarkovCase>(content, "cases")? {
        let found = counted(&case.input.paths)
            .and_then(|counts| Ok(markov(&counts, case.input.order)?))
            .map(|found| case.expect.wrong(&case.input, &found, &case.tolerance));
        tally.count(&case.name, found.unwrap_or_else(|refused| Some(refused.to_string())));
    }
    Ok(())
}

#[derive(Deserialize)]
struct ShapleyCase {
    name: String,
    input: Game,
    expect: ShapleyExpected,
    tolerance: Tolerance,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Game {
    Paths { paths: Vec<Path> },
    Table { players: Vec<String>, values: Vec<f64> },
}

#[derive(Deserialize)]
struct ShapleyExpected {
    shapley: BTreeMap<String, f64>,
    total: f64,
}

impl Game {
    fn values(self) -> Result<BTreeMap<String, f64>> {
        match self {
            Self::Paths { paths } => {
                let channels = shapley(&counted(&paths)?).channels;
                Ok(channels.into_iter().map(|row| (row.channel, row.shapley_value)).collect())
            }
            Self::Table { players, values } => {
                Ok(players.into_iter().zip(shapley_of_table(&values)?).collect())
            }
        }
    }
}

pub(super) fn shapley_values(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<ShapleyCase>(content, "cases")? {
        let wrong = case.input.values().map(|found| {
            let total = found.values().sum();
            each(&case.tolerance, "shapley", &found, &case.expect.shapley)
                .or_else(|| case.tolerance.wrong("total", total, case.expect.total))
        });
        tally.count(&case.name, wrong.unwrap_or_else(|refused| Some(refused.to_string())));
    }
    Ok(())
}
