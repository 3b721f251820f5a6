//! Reads the file: rows become days, and everything that is wrong is told with its line.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use stratum_core::Currency;
use stratum_core::math;
use stratum_core::money::{MAX_MINOR, round_minor};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::args::{Aggregate, Figure, ImportArgs};
use crate::campaigns::wire::DayInput;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// One entry for each day, oldest first.
    pub days: Vec<DayInput>,
    /// How many rows were read.
    pub rows: usize,
}

/// Days of the file with the values of each figure.
type Values = BTreeMap<NaiveDate, BTreeMap<Figure, Vec<f64>>>;

/// Reads a CSV file for a tenant with this time zone and currency.
///
/// # Errors
/// Every problem at once, each with its line: a column that is not there, a date or number that cannot be read, an amount
/// that is negative or too large, a file without rows.
pub fn read(file: impl Read, args: &ImportArgs, zone: Tz, currency: Currency) -> Result<Table, Problems> {
    let mut found = ProblemCollector::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(file);
    let columns = match reader.headers() {
        Ok(names) => Columns::find(args, names, &mut found),
        Err(error) => {
            found.push(at(1, "invalid_csv", error.to_string()));
            None
        }
    };
    let Some(columns) = columns else { return Err(only_problems(found)) };
    let mut values = Values::new();
    let mut rows = 0_usize;
    for record in reader.records() {
        match record {
            Ok(record) => {
                rows = rows.saturating_add(1);
                let line = record.position().map_or(0, csv::Position::line);
                columns.take(&record, line, zone, &mut values, &mut found);
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                found.push(at(line, "invalid_csv", error.to_string()));
            }
        }
    }
    values.retain(|day, _| args.from.is_none_or(|from| *day >= from) && args.to.is_none_or(|to| *day <= to));
    let days: Vec<DayInput> =
        values.iter().map(|(day, figures)| to_day(*day, figures, args, currency, &mut found)).collect();
    if days.is_empty() && found.is_empty() {
        found.push(at(1, "no_rows", "the file has no row within the days asked for".to_owned()));
    }
    found.into_result(Table { days, rows })
}

fn only_problems(found: ProblemCollector) -> Problems {
    let nothing = || Problem::new("", "invalid_csv", "the file cannot be read").into();
    found.into_problems().unwrap_or_else(nothing)
}

fn at(line: u64, code: &'static str, message: String) -> Problem {
    Problem::new(format!("line {line}"), code, message)
}

/// Where the columns stand.
struct Columns {
    date: usize,
    figures: Vec<(Figure, String, usize)>,
}

impl Columns {
    fn find(args: &ImportArgs, names: &csv::StringRecord, found: &mut ProblemCollector) -> Option<Self> {
        let mut position = |wanted: &str| {
            let position = names.iter().position(|name| name == wanted);
            if position.is_none() {
                let there = names.iter().collect::<Vec<_>>().join(", ");
                found.push(
                    at(1, "missing_column", format!("there is no column {wanted:?}"))
                        .help(format!("the file has {there}")),
                );
            }
            position
        };
        let date = position(&args.date_column);
        let figures: Vec<(Figure, String, Option<usize>)> = args
            .columns()
            .into_iter()
            .map(|(figure, name)| (figure, name.to_owned(), position(name)))
            .collect();
        let figures =
            figures.into_iter().map(|(figure, name, at)| Some((figure, name, at?))).collect::<Option<_>>()?;
        Some(Self { date: date?, figures })
    }

    fn take(
        &self,
        record: &csv::StringRecord,
        line: u64,
        zone: Tz,
        values: &mut Values,
        found: &mut ProblemCollector,
    ) {
        let text = record.get(self.date).unwrap_or_default();
        let day = date(text, zone);
        if day.is_none() {
            found.push(
                at(line, "invalid_date", format!("{text:?} is no date"))
                    .help("write 2026-03-01, 2026-03-01 14:00:00 or 2026-03-01T14:00:00Z"),
            );
        }
        for (figure, name, position) in &self.figures {
            let text = record.get(*position).unwrap_or_default();
            match (text.parse::<f64>().ok().and_then(math::finite), day) {
                (Some(value), Some(day)) if value >= 0.0 => {
                    values.entry(day).or_default().entry(*figure).or_default().push(value);
                }
                (Some(value), Some(_)) if value < 0.0 => {
                    found.push(at(line, "out_of_range", format!("{name} is {text}, below 0")));
                }
                (None, _) => {
                    found.push(at(line, "invalid_number", format!("{name} is {text:?}, no number")));
                }
                _ => {}
            }
        }
    }
}

/// A date, or the day of an instant: of one without offset its own date, of one with offset that of the tenant's zone.
fn date(text: &str, zone: Tz) -> Option<NaiveDate> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&zone).date_naive());
    }
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|instant| instant.date())
}

fn to_day(
    date: NaiveDate,
    figures: &BTreeMap<Figure, Vec<f64>>,
    args: &ImportArgs,
    currency: Currency,
    found: &mut ProblemCollector,
) -> DayInput {
    let mut figure = |figure: Figure| -> Option<i64> {
        let values = figures.get(&figure)?;
        let one = match args.aggregate {
            Aggregate::Sum => math::sum(values),
            Aggregate::Max => values.iter().copied().fold(0.0, f64::max),
            Aggregate::Mean => math::mean(values)?,
        };
        let scale = if figure == Figure::Spend { args.spend_scale } else { 1.0 };
        let unit = if figure.is_money() { math::amount(currency.minor_per_major()) } else { 1.0 };
        let rounded = math::finite(one * scale * unit)
            .and_then(round_minor)
            .filter(|amount| (0..=MAX_MINOR).contains(amount));
        if rounded.is_none() {
            let message = format!("the {figure:?} of {date} is beyond what can be stored");
            found.push(Problem::new(date.to_string(), "amount_too_large", message));
        }
        rounded
    };
    DayInput {
        date,
        impressions: figure(Figure::Impressions).unwrap_or(0),
        clicks: figure(Figure::Clicks).unwrap_or(0),
        conversions: figure(Figure::Conversions).or(args.conversions_constant).unwrap_or(0),
        spend_cents: figure(Figure::Spend).unwrap_or(0),
        revenue_cents: figure(Figure::Revenue).unwrap_or(0),
        ga4_revenue_cents: figure(Figure::Ga4Revenue),
        ga4_conversions: figure(Figure::Ga4Conversions),
        reach_7d: None,
    }
}
