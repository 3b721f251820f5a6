//! The anomaly detectors against numpy, and on labelled real series.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_core::anomaly::detectors::{Detection, ewma, mad, rolling_zscore, zscore};

use super::{Tally, differs, list};

#[derive(Deserialize)]
#[serde(tag = "detector", rename_all = "snake_case")]
enum Detector {
    Zscore { threshold: f64 },
    RollingZscore { threshold: f64, window: usize },
    Ewma { threshold: f64, alpha: f64, warmup: usize },
    Mad { threshold: f64 },
}

impl Detector {
    fn run(&self, y: &[f64]) -> Result<Detection, String> {
        let detection = match *self {
            Self::Zscore { threshold } => zscore(y, threshold),
            Self::RollingZscore { threshold, window } => rolling_zscore(y, window, threshold),
            Self::Ewma { threshold, alpha, warmup } => ewma(y, alpha, warmup, threshold),
            Self::Mad { threshold } => mad(y, threshold),
        };
        detection.map_err(|refused| refused.to_string())
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Zscore { .. } => "zscore",
            Self::RollingZscore { .. } => "rolling_zscore",
            Self::Ewma { .. } => "ewma",
            Self::Mad { .. } => "mad",
        }
    }
}

#[derive(Deserialize)]
struct AnomalyCase {
    name: String,
    input: AnomalyInput,
    expect: AnomalyExpected,
    tolerance: Tolerance,
}

#[derive(Deserialize)]
struct AnomalyInput {
    y: Vec<f64>,
    #[serde(flatten)]
    detector: Detector,
}

#[derive(Deserialize)]
struct AnomalyExpected {
    flags: Vec<usize>,
    scores: Vec<Option<f64>>,
}

#[derive(Deserialize)]
struct Tolerance {
    rel: f64,
    abs: f64,
}

pub(super) fn anomaly(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<AnomalyCase>(content, "cases")? {
        let wrong = match case.input.detector.run(&case.input.y) {
            Err(refused) => Some(refused),
            Ok(found) => differs("the flags", &found.flags, &case.expect.flags)
                .or_else(|| wrong_scores(&found.scores, &case.expect.scores, &case.tolerance)),
        };
        tally.count(&case.name, wrong);
    }
    Ok(())
}

fn wrong_scores(found: &[Option<f64>], expected: &[Option<f64>], tolerance: &Tolerance) -> Option<String> {
    let close = |found: &Option<f64>, expected: &Option<f64>| match (found, expected) {
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= tolerance.abs + tolerance.rel * expected.abs()
        }
        (None, None) => true,
        _ => false,
    };
    let pairs = found.iter().zip(expected).enumerate();
    let first = pairs.into_iter().find(|(_, (found, expected))| !close(found, expected));
    first
        .map(|(position, (found, expected))| format!("score {position} is {found:?}, expected {expected:?}"))
        .or_else(|| differs("the number of scores", &found.len(), &expected.len()))
}

#[derive(Deserialize)]
struct SeriesCase {
    name: String,
    input: SeriesInput,
    expect: BTreeMap<String, SeriesExpected>,
}

#[derive(Deserialize)]
struct SeriesInput {
    y: Vec<f64>,
    label_windows: Vec<(usize, usize)>,
    detectors: Vec<Detector>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct SeriesExpected {
    flags: Vec<usize>,
    windows_hit: usize,
    flags_outside: usize,
}

/// Each detector on each series is one case.
pub(super) fn anomaly_nab(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<SeriesCase>(content, "cases")? {
        for detector in &case.input.detectors {
            let found =
                detector.run(&case.input.y).map(|found| summed_up(found.flags, &case.input.label_windows));
            let expected = case.expect.get(detector.name());
            let wrong = differs(
                "the detection",
                &found.as_ref().map_err(String::as_str),
                &expected.ok_or("no entry"),
            );
            tally.count(&format!("{} {}", case.name, detector.name()), wrong);
        }
    }
    Ok(())
}

fn summed_up(flags: Vec<usize>, windows: &[(usize, usize)]) -> SeriesExpected {
    let inside = |flag: &usize, (from, to): (usize, usize)| (from..=to).contains(flag);
    let hit = windows.iter().filter(|window| flags.iter().any(|flag| inside(flag, **window))).count();
    let outside = flags.iter().filter(|flag| !windows.iter().any(|window| inside(flag, *window))).count();
    SeriesExpected { flags, windows_hit: hit, flags_outside: outside }
}
