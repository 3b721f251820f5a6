//! What a file becomes, and what it is refused for.

use clap::Parser;
use stratum_core::Problems;

use super::{ImportArgs, Table, read};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ImportArgs,
}

fn args(more: &[&str]) -> ImportArgs {
    let base = ["import", "file.csv", "--tenant", "acme", "--platform", "meta", "--campaign", "Spring"];
    Line::try_parse_from(base.iter().chain(more)).unwrap().args
}

fn table(text: &str, currency: &str, zone: &str, more: &[&str]) -> Result<Table, Problems> {
    read(text.as_bytes(), &args(more), zone.parse().unwrap(), currency.parse().unwrap())
}

const PLAIN: &[&str] = &["--spend-column", "cost", "--conversions-column", "sales"];

#[test]
fn decimals_become_minor_units_by_the_exponent_of_the_currency() {
    let text = "date,cost,sales\n2026-03-01,12.345,3\n";
    for (currency, cents) in [("USD", 1235), ("JPY", 12), ("KWD", 12_345)] {
        assert_eq!(table(text, currency, "UTC", PLAIN).unwrap().days[0].spend_cents, cents, "{currency}");
    }
}

#[test]
fn hours_become_days_by_sum_maximum_or_mean() {
    let text =
        "date,cost,sales\n2026-03-01 00:30:00,1.00,1\n2026-03-01 13:30:00,3.00,4\n2026-03-02 00:00:00,5,2\n";
    for (how, spend, sales) in [("sum", 400, 5), ("max", 300, 4), ("mean", 200, 3)] {
        let more: Vec<&str> = PLAIN.iter().copied().chain(["--aggregate", how]).collect();
        let days = table(text, "USD", "UTC", &more).unwrap().days;
        assert_eq!(days.len(), 2);
        assert_eq!((days[0].spend_cents, days[0].conversions), (spend, sales), "{how}");
    }
}

#[test]
fn an_instant_with_an_offset_belongs_to_the_day_of_the_tenants_zone() {
    let text = "date,cost,sales\n2026-03-01T23:30:00Z,1,1\n2026-03-02T00:30:00+01:00,1,1\n";
    let days = table(text, "EUR", "Europe/Berlin", PLAIN).unwrap().days;
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].date.to_string(), "2026-03-02");
}

#[test]
fn a_file_without_conversions_takes_a_constant_for_each_day() {
    let more = &[
        "--spend-column",
        "value",
        "--date-column",
        "timestamp",
        "--aggregate",
        "max",
        "--conversions-constant",
        "1",
        "--spend-scale",
        "1000",
    ];
    let text = "timestamp,value\n2011-07-01 00:00:01,0.0819\n2011-07-01 01:00:01,0.0989\n";
    let days = table(text, "USD", "UTC", more).unwrap().days;
    assert_eq!((days[0].spend_cents, days[0].conversions), (9890, 1));
}

#[test]
fn every_problem_is_told_at_once_with_its_line() {
    let text = "date,cost,sales\n2026-03-01,1,1\nyesterday,x,1\n2026-03-03,-4,1\n2026-03-04,NaN,\n2026-03-05,1e300,1\n";
    let problems = table(text, "USD", "UTC", PLAIN).unwrap_err();
    let told: Vec<(String, String)> =
        problems.iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
    assert_eq!(
        told,
        [
            ("line 3", "invalid_date"),
            ("line 3", "invalid_number"),
            ("line 4", "out_of_range"),
            ("line 5", "invalid_number"),
            ("line 5", "invalid_number"),
            ("2026-03-05", "amount_too_large"),
        ]
    );
}

#[test]
fn a_column_that_is_not_there_is_named_beside_those_that_are() {
    let problems = table("day,price\n2026-03-01,1\n", "USD", "UTC", PLAIN).unwrap_err();
    assert_eq!(problems.iter().count(), 3);
    let first = problems.iter().next().unwrap();
    assert_eq!((first.path.as_str(), first.help.as_deref()), ("line 1", Some("the file has day, price")));
    assert!(table("date,cost,sales\n", "USD", "UTC", PLAIN).is_err());
}

#[test]
fn days_outside_the_asked_for_are_left_out() {
    let text = "date,cost,sales\n2026-03-01,1,1\n2026-03-02,1,1\n2026-03-03,1,1\n";
    let more: Vec<&str> =
        PLAIN.iter().copied().chain(["--from", "2026-03-02", "--to", "2026-03-02"]).collect();
    let days = table(text, "USD", "UTC", &more).unwrap().days;
    assert_eq!(days.iter().map(|day| day.date.to_string()).collect::<Vec<_>>(), ["2026-03-02"]);
}
