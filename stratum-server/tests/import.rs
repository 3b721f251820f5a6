//! Importing into a database, and judging over the API what was imported.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking; clippy's exception covers only functions marked as tests"
)]

mod common;

use std::io::Write as _;

use clap::Parser;
use common::TestServer;
use reqwest::Method;
use serde_json::{Value, json};
use stratum_core::vocabulary::Role;
use stratum_server::import::{ImportArgs, import};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ImportArgs,
}

fn args(file: &std::path::Path, tenant: &str, more: &[&str]) -> ImportArgs {
    let file = file.to_str().unwrap();
    let base = ["import", file, "--tenant", tenant, "--platform", "google", "--campaign", "exchange-2 cpc"];
    let columns = ["--date-column", "timestamp", "--spend-column", "value", "--aggregate", "max"];
    let rest = ["--conversions-constant", "1", "--spend-scale", "1000"];
    Line::try_parse_from(base.iter().chain(&columns).chain(&rest).chain(more)).unwrap().args
}

fn series(last_price: f64) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "timestamp,value").unwrap();
    for day in 1..=20 {
        for hour in [3, 15] {
            let price = if day == 20 { last_price } else { 0.09 + f64::from(day % 3) * 0.001 };
            writeln!(file, "2011-07-{day:02} {hour:02}:00:01,{price}").unwrap();
        }
    }
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_repeatable_and_its_last_day_can_be_judged_over_the_api() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let db = &server.running.state.db;
    let id = tenant.id.to_string();
    let preset = json!({"preset": "FOUR"});
    let set =
        tenant.request(Role::Admin, Method::PUT, &tenant.path("/trust-gate/config"), Some(&preset)).await;
    assert_eq!(set.status, 200, "{}", set.body);

    let calm = series(0.091);
    let first = import(db, &args(calm.path(), &id, &["--last-day", "yesterday"])).await.unwrap();
    let again = import(db, &args(calm.path(), &id, &["--last-day", "yesterday"])).await.unwrap();
    assert_eq!(first, again);
    assert_eq!((first.rows, first.days), (40, 20));
    let anomaly = async || {
        let path = tenant.path("/signal-health/evaluate");
        let answer = tenant.post(Role::Manager, &path, json!({"platform": "GOOGLE"})).await;
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
        let shown = tenant.get(Role::Viewer, &tenant.path("/signal-health?platform=google")).await;
        let components = shown.data()["components"].as_array().unwrap().clone();
        components.into_iter().find(|component| component["name"] == "ANOMALY").unwrap()["score"].clone()
    };
    assert_eq!(anomaly().await, Value::from(100.0));

    // The same series with a last day at three times the price: the row is replaced, and the anomaly seen.
    let spike = series(0.3);
    import(db, &args(spike.path(), &id, &["--last-day", "yesterday"])).await.unwrap();
    server.clock.advance_ms(60_000);
    assert_eq!(anomaly().await, Value::from(0.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_one_bad_line_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let mut file = series(0.091);
    writeln!(file, "2011-07-21 03:00:01,cheap").unwrap();
    let id = tenant.id.to_string();
    let error = import(&server.running.state.db, &args(file.path(), &id, &[])).await.unwrap_err();
    assert!(error.to_string().contains("line 42: value is \"cheap\", no number"), "{error}");
    let mut owner = server.owner().await;
    let rows: i64 =
        sqlx::query_scalar("SELECT (SELECT count(*) FROM campaign) + (SELECT count(*) FROM daily_metric)")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(rows, 0);
}
