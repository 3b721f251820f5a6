//! The detectors against numpy: `tests/vectors/analytics/anomaly.json`, and, where they are at hand, the labelled real series
//! of the Numenta Anomaly Benchmark, which stay outside the project.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads files and may panic")]

use std::path::{Path, PathBuf};

use serde::Deserialize;
use stratum_core::anomaly::detectors::{Detection, ewma, mad, rolling_zscore, zscore};

#[derive(Deserialize)]
struct File<Case> {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(tag = "detector", rename_all = "snake_case")]
enum Detector {
    Zscore { threshold: f64 },
    RollingZscore { threshold: f64, window: usize },
    Ewma { threshold: f64, alpha: f64, warmup: usize },
    Mad { threshold: f64 },
}

impl Detector {
    fn run(&self, y: &[f64]) -> Detection {
        match *self {
            Self::Zscore { threshold } => zscore(y, threshold),
            Self::RollingZscore { threshold, window } => rolling_zscore(y, window, threshold),
            Self::Ewma { threshold, alpha, warmup } => ewma(y, alpha, warmup, threshold),
            Self::Mad { threshold } => mad(y, threshold),
        }
        .unwrap()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Zscore { .. } => "zscore",
            Self::RollingZscore { .. } => "rolling_zscore",
            Self::Ewma { .. } => "ewma",
            Self::Mad { .. } => "mad",
        }
    }
}

fn read<Case: for<'de> Deserialize<'de>>(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<File<Case>>(&text).unwrap().cases
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_detector_agrees_with_numpy_within_the_stated_tolerance() {
    #[derive(Deserialize)]
    struct Case {
        name: String,
        input: Input,
        expect: Expect,
        tolerance: Tolerance,
    }
    #[derive(Deserialize)]
    struct Input {
        y: Vec<f64>,
        #[serde(flatten)]
        detector: Detector,
    }
    #[derive(Deserialize)]
    struct Expect {
        flags: Vec<usize>,
        scores: Vec<Option<f64>>,
    }
    #[derive(Deserialize)]
    struct Tolerance {
        rel: f64,
        abs: f64,
    }

    let cases: Vec<Case> = read(&root().join("tests/vectors/analytics/anomaly.json"));
    assert_eq!(cases.len(), 22);
    for case in cases {
        let found = case.input.detector.run(&case.input.y);
        assert_eq!(found.flags, case.expect.flags, "{}", case.name);
        assert_eq!(found.scores.len(), case.expect.scores.len(), "{}", case.name);
        for (position, (ours, theirs)) in found.scores.iter().zip(&case.expect.scores).enumerate() {
            // What the vectors leave undefined we leave undefined too, although the format does not ask for it.
            assert_eq!(ours.is_some(), theirs.is_some(), "{} at {position}", case.name);
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                let allowed = case.tolerance.abs + case.tolerance.rel * theirs.abs();
                assert!((ours - theirs).abs() <= allowed, "{} at {position}: {ours} for {theirs}", case.name);
            }
        }
    }
}

#[test]
fn the_real_series_are_flagged_where_the_formulas_flag_them() {
    #[derive(Deserialize)]
    struct Case {
        name: String,
        input: Input,
        expect: std::collections::BTreeMap<String, Expect>,
    }
    #[derive(Deserialize)]
    struct Input {
        y: Vec<f64>,
        label_windows: Vec<(usize, usize)>,
        detectors: Vec<Detector>,
    }
    #[derive(Deserialize)]
    struct Expect {
        flags: Vec<usize>,
        windows_hit: usize,
        flags_outside: usize,
    }

    let path = root().join("../shared/vectors/analytics/anomaly_nab.json");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    for case in read::<Case>(&path) {
        for detector in &case.input.detectors {
            let found = detector.run(&case.input.y).flags;
            let expected = &case.expect[detector.name()];
            let inside = |flag: &usize, (from, to): (usize, usize)| (from..=to).contains(flag);
            let windows = &case.input.label_windows;
            let hit = windows.iter().filter(|window| found.iter().any(|flag| inside(flag, **window))).count();
            let outside =
                found.iter().filter(|flag| !windows.iter().any(|window| inside(flag, *window))).count();
            assert_eq!(found, expected.flags, "{} {}", case.name, detector.name());
            assert_eq!((hit, outside), (expected.windows_hit, expected.flags_outside), "{}", case.name);
        }
    }
}
