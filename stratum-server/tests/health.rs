//! Signals in, health out: over HTTP, against a real database.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

mod common;

use common::TestServer;
use reqwest::Method;
use serde_json::{Value, json};
use stratum_core::vocabulary::Role;
use stratum_server::auth::sources::SourceType;

/// Signals of a platform that score as the specification's first worked example: 88.5.
fn worked_example(at: &str) -> Value {
    let metric = |name: &str, value: f64| json!({"type": "METRIC", "name": name, "platform": "meta", "value": value, "observed_at": at});
    let stability = |day: i32| {
        json!({"type": "METRIC", "name": "sync_ok", "platform": "META", "value": 1.0, "observed_at": at,
               "signal_id": format!("sync-{day}")})
    };
    json!({"signals": [
        metric("emq_rating", 8.0),
        metric("api_requests", 100.0),
        metric("api_failures", 2.0),
        metric("credentials_valid", 1.0),
        metric("events_expected", 1000.0),
        metric("events_received", 950.0),
        metric("records_total", 10.0),
        metric("records_valid", 10.0),
        metric("records_complete", 10.0),
        metric("records_duplicate", 0.0),
        {"type": "EVENT", "name": "platform_data", "platform": "META", "observed_at": at},
        stability(1),
    ]})
}

#[tokio::test]
async fn pushed_signals_become_health_and_a_repetition_changes_nothing() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let path = |rest: &str| tenant.path(&format!("/{rest}"));

    let before = tenant.get(Role::Viewer, &path("signal-health")).await;
    assert_eq!(before.status, 200);
    assert_eq!(before.body["data"]["score"], 0.0);
    assert_eq!(before.body["data"]["status"], "UNHEALTHY");
    assert_eq!(before.body["data"]["issues"][0]["code"], "NO_DATA");
    assert_eq!(before.body["data"]["autopilot_allowed"], false);

    let batch = worked_example(&server.clock.now().to_string());
    let receipt = tenant.post(Role::Manager, &path("signals"), batch.clone()).await;
    assert_eq!(receipt.status, 202);
    assert_eq!(receipt.body["data"]["accepted"], 12);
    let again = tenant.post(Role::Manager, &path("signals"), batch).await;
    assert_eq!(again.body["data"]["duplicates"], 12);
    assert_eq!(again.body["data"]["accepted"], 0);

    let evaluated =
        tenant.post(Role::Manager, &path("signal-health/evaluate"), json!({"platform": "META"})).await;
    assert_eq!(evaluated.status, 200);
    let health = &evaluated.body["data"];
    // EMQ 80, error rate 2 %, loss 5 %, quality 100 as in the worked example; stability 60, for nothing is known of
    // the swings of EMQ: 28 + 22.5 + 18 + 6 + 10.
    assert_eq!(health["score"], 84.5);
    assert_eq!(health["status"], "HEALTHY");
    assert_eq!(health["coverage_pct"], 100.0);
    assert_eq!(health["autopilot_allowed"], true);
    let too_soon =
        tenant.post(Role::Manager, &path("signal-health/evaluate"), json!({"platform": "META"})).await;
    assert_eq!((too_soon.status.as_u16(), too_soon.code()), (429, "RATE_LIMITED"));
}

#[tokio::test]
async fn a_bad_signal_is_refused_on_its_own_with_its_reason() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let path = tenant.path("/signals");
    let now = server.clock.now();
    let answer = tenant
        .post(
            Role::Manager,
            &path,
            json!({"signals": [
                {"type": "METRIC", "name": "emq_score", "platform": "META", "value": 70, "observed_at": now},
                {"type": "METRIC", "name": "emq_score", "value": 70, "observed_at": now},
                {"type": "METRIC", "name": "emq_score", "platform": "META", "value": -1, "observed_at": now},
                {"type": "METRIC", "name": "emq_score", "platform": "META", "value": 1, "observed_at": now.plus_minutes(6)},
                {"type": "NOISE", "name": "emq_score", "platform": "META", "value": 1, "observed_at": now},
                {"type": "METRIC", "name": "mood", "value": 3, "observed_at": now},
            ]}),
        )
        .await;
    assert_eq!(answer.status, 202);
    let statuses: Vec<&str> = answer.body["data"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["accepted", "rejected", "rejected", "rejected", "rejected", "accepted"]);
    let listed = tenant.get(Role::Analyst, &path).await;
    assert_eq!(listed.body["meta"]["total"], 2);
}

#[tokio::test]
async fn a_public_source_key_cannot_raise_health() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let path = tenant.path("/signals");
    let batch = worked_example(&server.clock.now().to_string());
    let website = tenant.source_key(SourceType::Website).await;
    let send =
        async |key: &str| server.send(Method::POST, &path, &[("x-source-key", key)], Some(&batch)).await;
    let refused = send(&website).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "SOURCE_TYPE_NOT_ALLOWED"));
    let accepted = send(&tenant.source_key(SourceType::Server).await).await;
    assert_eq!(accepted.status, 202);
}
