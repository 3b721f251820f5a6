//! The conformance vectors: every file below some folders, each run by what its name says, counted case by case.
//!
//! A file that nothing here knows counts as one failed case: a vector that nobody runs proves nothing.

mod analytics;
mod attribution_models;
mod attribution_rules;
mod audit;
mod calibration;
mod canonical;
mod cdp;
pub mod compare;
mod delivery;
mod identity;
mod lifetime_value;
mod operations;
mod payloads;
mod statistics;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How the cases of one file, or of many, came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many came out as they should.
    pub passed: usize,
    /// What was wrong with each of the others.
    pub failures: Vec<String>,
}

impl Tally {
    /// Counts one case: `None` is passed, otherwise what was wrong.
    pub fn count(&mut self, case: &str, wrong: Option<String>) {
        match wrong {
            None => self.passed = self.passed.saturating_add(1),
            Some(wrong) => self.failures.push(format!("{case}: {wrong}")),
        }
    }

    fn add(&mut self, file: &Path, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        let named = other.failures.into_iter().map(|failure| format!("{}: {failure}", file.display()));
        self.failures.extend(named);
    }
}

/// Runs every vector file below the folders.
///
/// # Errors
/// A folder that cannot be read. A file that cannot be read is a failed case.
pub fn run(folders: &[PathBuf], mut after_file: impl FnMut(&Path, &Tally)) -> Result<Tally> {
    let mut total = Tally::default();
    for folder in folders {
        for file in files(folder)? {
            let tally = run_file(&file);
            after_file(&file, &tally);
            total.add(&file, tally);
        }
    }
    Ok(total)
}

/// The vector files below a folder (or the file itself), sorted. The schema of the vectors is no vector.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("reading {}", path.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if name.ends_with(".json") && name != "schema.json" {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Runs the cases of one file.
#[must_use]
pub fn run_file(path: &Path) -> Tally {
    let mut tally = Tally::default();
    let read = fs::read_to_string(path).map_err(anyhow::Error::from);
    let outcome = read.and_then(|text| Ok(serde_json::from_str::<Value>(&text)?)).and_then(|content| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let folder =
            path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
        run_content(folder, name, &content, &mut tally)
    });
    if let Err(error) = outcome {
        tally.failures.push(format!("{error:#}"));
    }
    tally
}

fn run_content(folder: &str, name: &str, content: &Value, tally: &mut Tally) -> Result<()> {
    // The project's own format names its operation, whatever the file is called.
    if content.get("operation").is_some() {
        return operations::run(content, tally);
    }
    match (folder, name) {
        ("analytics", "anomaly.json") => analytics::anomaly(content, tally),
        ("analytics", "anomaly_nab.json") => analytics::anomaly_nab(content, tally),
        ("analytics", "attribution_rules.json") => attribution_rules::rules(content, tally),
        ("analytics", "distributions.json") => statistics::distributions(content, tally),
        ("analytics", "markov_removal.json") => attribution_models::markov_removal(content, tally),
        ("analytics", "shapley.json") => attribution_models::shapley_values(content, tally),
        ("analytics", "bgnbd.json") => lifetime_value::bgnbd(content, tally),
        ("analytics", "gamma_gamma_clv.json") => lifetime_value::gamma_gamma(content, tally),
        ("analytics", "rfm_quintiles.json") => statistics::rfm_quintiles(content, tally),
        ("cdp", "email.json") => cdp::email(content, tally),
        ("cdp", "phone.json" | "phone-random.json") => cdp::phone(content, tally),
        ("cdp", "person-fields.json") => cdp::person(content, tally),
        ("cdp", "phone-hashes.json") => cdp::phone_hashes(content, tally),
        ("cdp", "identity-scenarios.json" | "identity-random.json") => identity::scenarios(content, tally),
        ("payloads", name) if name.ends_with("-events.json") => payloads::events(name, content, tally),
        ("payloads", name) if name.ends_with("-audience.json") => payloads::audience(name, content, tally),
        ("cdp", "delivery-answers.json") => delivery::answers(content, tally),
        ("canonical", "numbers.json") => canonical::numbers(content, tally),
        ("canonical", "values.json") => canonical::values(content, tally),
        ("calibration", "calibration.json") => calibration::reports(content, tally),
        ("calibration", "wilson.json") => calibration::intervals(content, tally),
        ("audit", "chain.json") => audit::chain(content, tally),
        _ => anyhow::bail!("nothing here knows this file"),
    }
}

/// The list `key` of a file, read.
fn list<Case: DeserializeOwned>(content: &Value, key: &str) -> Result<Vec<Case>> {
    let cases = content.get(key).with_context(|| format!("the file has no {key}"))?;
    serde_json::from_value(cases.clone()).with_context(|| format!("reading {key}"))
}

/// `None` if both are equal, else a sentence with both.
fn differs<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Option<String> {
    (found != expected).then(|| format!("{what} is {found:?}, expected {expected:?}"))
}
