//! Reading the hourly cost series and their labelled incidents.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::{NaiveDate, NaiveDateTime};

/// One series of hourly prices, taken together by day.
pub(crate) struct Series {
    /// The file's name without its ending.
    pub(crate) name: String,
    /// The dearest hour of each day, in major units.
    pub(crate) days: BTreeMap<NaiveDate, f64>,
    /// The labelled incidents, first and last day.
    pub(crate) incidents: Vec<(NaiveDate, NaiveDate)>,
}

impl Series {
    /// Whether a day lies in a labelled incident.
    pub(crate) fn is_incident(&self, day: NaiveDate) -> bool {
        self.incidents.iter().any(|(first, last)| (*first..=*last).contains(&day))
    }
}

/// Reads every series of `folder/realAdExchange` with its windows of `folder/windows.json`, by name.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Series>> {
    let windows: BTreeMap<String, Vec<(String, String)>> =
        serde_json::from_str(&fs::read_to_string(folder.join("windows.json"))?).context("windows.json")?;
    let mut list = Vec::new();
    for entry in fs::read_dir(folder.join("realAdExchange"))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else { continue };
        let labelled = windows.get(&format!("realAdExchange/{name}.csv")).cloned().unwrap_or_default();
        let incidents = labelled
            .iter()
            .map(|(first, last)| Ok((instant(first)?.date(), instant(last)?.date())))
            .collect::<Result<_>>()?;
        list.push(Series { days: dearest_hours(&path)?, name, incidents });
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(list)
}

fn dearest_hours(path: &Path) -> Result<BTreeMap<NaiveDate, f64>> {
    let mut days = BTreeMap::new();
    for row in csv::Reader::from_path(path)?.deserialize() {
        let (at, price): (String, f64) = row.with_context(|| path.display().to_string())?;
        let dearest: &mut f64 = days.entry(instant(&at)?.date()).or_insert(price);
        *dearest = dearest.max(price);
    }
    Ok(days)
}

fn instant(text: &str) -> Result<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").with_context(|| text.to_owned())
}
