//! The demo tenant in a database.

mod common;

use std::collections::BTreeSet;

use common::TestServer;
use sqlx::Row as _;
use stratum_server::audit;
use stratum_server::db::Scope;
use stratum_server::demo::{ensure, screen};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_made_once_and_shows_ninety_days_and_actions_in_every_state() {
    let server = TestServer::start().await;
    let db = &server.running.state.db;
    let demo = ensure(db).await.unwrap();
    assert!(demo.is_new);
    let again = ensure(db).await.unwrap();
    assert!(!again.is_new);
    assert_eq!(
        (again.tenant, again.anchor, again.held, again.passing),
        (demo.tenant, demo.anchor, demo.held, demo.passing)
    );

    let mut owner = server.owner().await;
    let row = sqlx::query(
        "SELECT (SELECT count(DISTINCT day) FROM daily_metric) AS days,
                (SELECT count(*) FROM daily_metric) AS rows,
                (SELECT count(*) FROM health_snapshot WHERE trigger = 'SCHEDULE') AS past,
                (SELECT count(*) FROM incident WHERE platform = 'TIKTOK' AND status = 'CLOSED') AS closed,
                (SELECT count(*) FROM incident WHERE platform = 'TIKTOK' AND status = 'OPEN') AS open",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    let count = |name: &str| row.try_get::<i64, _>(name).unwrap();
    assert_eq!((count("days"), count("rows")), (90, 90 * 12));
    assert!(count("past") >= 4 * 90 * 4);
    // The outage that passed, and the one of today.
    assert_eq!((count("closed"), count("open")), (1, 1));

    let states: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT DISTINCT state, COALESCE(status_reason, waiting_for) FROM action")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let states: BTreeSet<(&str, Option<&str>)> =
        states.iter().map(|(state, why)| (state.as_str(), why.as_deref())).collect();
    for wanted in [
        ("QUEUED", None),
        ("APPROVED", Some("GATE")),
        ("APPLIED", None),
        ("FAILED", Some("EXPIRED")),
        ("FAILED", Some("STATE_CHANGED")),
        ("DISMISSED", None),
        ("DISMISSED", Some("EXPIRED")),
    ] {
        assert!(states.contains(&wanted), "{wanted:?} is not among {states:?}");
    }

    let scope = Scope::system(demo.tenant);
    let verified = db.tenant_tx(&scope, |tx| Box::pin(audit::verify(tx, None, None))).await.unwrap();
    assert!(verified.ok, "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_on_the_screen_can_sign_in_and_the_held_action_says_why() {
    let server = TestServer::start().await;
    let demo = ensure(&server.running.state.db).await.unwrap();
    let shown = screen(&demo, "http://127.0.0.1:8080", Some("http://127.0.0.1:8090"));
    // The README has the very lines.
    let to_paste = |text: &str| -> Vec<String> {
        let starts = ["T=", "TOKEN=", "curl "];
        let lines = text.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(to_paste(&shown).len(), 6);
    assert_eq!(to_paste(&shown), to_paste(include_str!("../../README.md")));
    let mut token = String::new();
    for line in shown.lines().filter(|line| line.contains("@demo.example  ") || line.contains("  may ")) {
        let email = line.split_whitespace().next().unwrap();
        let login = server.login(email, "signals before spend").await;
        assert_eq!(login.status, 200, "{email}: {}", login.body);
        token = login.data()["access_token"].as_str().unwrap().to_owned();
    }
    let path = format!("/api/v1/tenant/{}/autopilot/actions/{}", demo.tenant, demo.held);
    let bearer = format!("Bearer {token}");
    let held = server.send(reqwest::Method::GET, &path, &[("authorization", &bearer)], None).await;
    let gate = &held.data()["gate"];
    assert_eq!(gate["decision"], "HOLD");
    assert_eq!(gate["reasons"][0]["code"], "HEALTH_BELOW_THRESHOLD");
}
