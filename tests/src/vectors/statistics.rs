//! Probability distributions against mpmath, and customers by rank against scipy.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::rfm::{RfmColumns, Ties};
use stratum_core::Problems;
use stratum_core::statistics::{Beta, ChiSquared, Distribution, Gamma, Normal, StudentT};

use super::{Tally, differs, list};

/// By how much a number may differ, and the fields that may differ by something else.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tolerance {
    rel: f64,
    abs: f64,
    #[serde(default)]
    fields: BTreeMap<String, Bounds>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Bounds {
    rel: f64,
    abs: f64,
}

impl Tolerance {
    /// `None` if the number of this field is close enough, else a sentence with both.
    pub(super) fn wrong(&self, field: &str, found: f64, expected: f64) -> Option<String> {
        let own = Bounds { rel: self.rel, abs: self.abs };
        let bounds = self.fields.get(field).unwrap_or(&own);
        let close = found == expected || (found - expected).abs() <= bounds.abs + bounds.rel * expected.abs();
        (!close).then(|| format!("{field} is {found:e}, expected {expected:e}"))
    }
}

#[derive(Deserialize)]
struct DistributionCase {
    name: String,
    input: DistributionInput,
    expect: DistributionExpected,
    tolerance: Tolerance,
}

#[derive(Deserialize)]
struct DistributionInput {
    #[serde(flatten)]
    distribution: Family,
    op: Op,
    x: f64,
}

#[derive(Deserialize)]
#[serde(tag = "dist", content = "params", rename_all = "snake_case")]
enum Family {
    Normal { mean: f64, sd: f64 },
    StudentT { df: f64 },
    Chi2 { df: f64 },
    Gamma { shape: f64, scale: f64 },
    Beta { a: f64, b: f64 },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Op {
    Cdf,
    Sf,
    Ppf,
    Isf,
}

#[derive(Deserialize)]
struct DistributionExpected {
    value: f64,
}

impl DistributionInput {
    fn value(&self) -> Result<f64, Problems> {
        Ok(match self.distribution {
            Family::Normal { mean, sd } => self.of(&Normal::new(mean, sd)?),
            Family::StudentT { df } => self.of(&StudentT::new(df)?),
            Family::Chi2 { df } => self.of(&ChiSquared::new(df)?),
            Family::Gamma { shape, scale } => self.of(&Gamma::new(shape, scale)?),
            Family::Beta { a, b } => self.of(&Beta::new(a, b)?),
        })
    }

    fn of(&self, distribution: &impl Distribution) -> f64 {
        match self.op {
            Op::Cdf => distribution.cdf(self.x),
            Op::Sf => distribution.sf(self.x),
            Op::Ppf => distribution.ppf(self.x),
            Op::Isf => distribution.isf(self.x),
        }
    }
}

pub(super) fn distributions(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<DistributionCase>(content, "cases")? {
        let wrong = match case.input.value() {
            Err(refused) => Some(refused.to_string()),
            Ok(found) => case.tolerance.wrong("value", found, case.expect.value),
        };
        tally.count(&case.name, wrong);
    }
    Ok(())
}

#[derive(Deserialize)]
struct RfmCase {
    name: String,
    input: RfmInput,
    expect: RfmExpected,
}

#[derive(Deserialize)]
struct RfmInput {
    bins: u8,
    ties: Ties,
    recency_days: Vec<f64>,
    frequency: Vec<f64>,
    monetary: Vec<f64>,
}

#[derive(Deserialize)]
struct RfmExpected {
    r: Vec<u8>,
    f: Vec<u8>,
    m: Vec<u8>,
    cells: BTreeMap<String, u64>,
}

pub(super) fn rfm_quintiles(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<RfmCase>(content, "cases")? {
        let wrong =
            match RfmColumns::new(&case.input.recency_days, &case.input.frequency, &case.input.monetary) {
                Err(refused) => Some(refused.to_string()),
                Ok(columns) => {
                    let scores = columns.quantiles(case.input.bins, case.input.ties);
                    let cells =
                        scores.cells().into_iter().map(|(cell, count)| (cell.to_string(), count)).collect();
                    differs("recency", &scores.recency, &case.expect.r)
                        .or_else(|| differs("frequency", &scores.frequency, &case.expect.f))
                        .or_else(|| differs("monetary", &scores.monetary, &case.expect.m))
                        .or_else(|| differs("the cells", &cells, &case.expect.cells))
                }
            };
        tally.count(&case.name, wrong);
    }
    Ok(())
}
