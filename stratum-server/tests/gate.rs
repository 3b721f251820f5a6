//! The gate over HTTP: policy, decisions with their records, deciding again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

mod common;

use common::{TestServer, TestTenant};
use serde_json::{Value, json};
use stratum_autopilot::audit::{ChainHead, StoredRecord, Verification};
use stratum_autopilot::decision::DecisionRecord;
use stratum_core::vocabulary::Role;

/// Pushes signals so that META stands at `emq` (0 to 10) and perfect otherwise, and evaluates.
async fn health(tenant: &TestTenant<'_>, emq_rating: f64) -> Value {
    let at = tenant.server.clock.now();
    let signal = |name: &str, value: f64| json!({"type": "METRIC", "name": name, "platform": "META", "value": value, "observed_at": at});
    let mut signals = vec![
        signal("emq_rating", emq_rating),
        signal("api_requests", 100.0),
        signal("api_failures", 0.0),
        signal("credentials_valid", 1.0),
        signal("events_expected", 100.0),
        signal("events_received", 100.0),
        signal("sync_ok", 10.0),
        signal("records_total", 10.0),
        signal("records_valid", 10.0),
        signal("records_complete", 10.0),
    ];
    signals.push(json!({"type": "EVENT", "name": "platform_data", "platform": "META", "observed_at": at}));
    let pushed = tenant.post(Role::Manager, &tenant.path("/signals"), json!({ "signals": signals })).await;
    assert_eq!(pushed.data()["rejected"], 0, "{}", pushed.body);
    tenant
        .post(Role::Manager, &tenant.path("/signal-health/evaluate"), json!({"platform": "META"}))
        .await
        .data()
        .clone()
}

async fn ask(tenant: &TestTenant<'_>) -> Value {
    let body = json!({"action_type": "BUDGET_INCREASE", "platforms": ["meta"], "entity_type": "CAMPAIGN", "entity_id": "c1"});
    let answer = tenant.post(Role::Analyst, &tenant.path("/trust-gate/evaluate"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.data().clone()
}

#[tokio::test]
async fn a_change_is_held_below_the_threshold_and_the_answer_says_what_would_pass() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let nothing = ask(&tenant).await;
    assert_eq!(nothing["decision"], "BLOCK");
    assert_eq!(nothing["reasons"][0]["code"], "NO_DATA");

    // 35 % of 10 and 65 % of at most 96 (stability is 60 without daily EMQ): 3.5 + 61 = 64.5.
    health(&tenant, 1.0).await;
    let held = ask(&tenant).await;
    assert_eq!((held["decision"].as_str(), held["score"].as_f64()), (Some("HOLD"), Some(64.5)));
    assert_eq!(held["reasons"][0]["code"], "HEALTH_BELOW_THRESHOLD");
    let remedies: Vec<&str> =
        held["remedies"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
    assert!(remedies.iter().any(|remedy| remedy.contains("EMQ of META from 10 to")), "{remedies:?}");

    server.clock.advance_ms(11_000);
    health(&tenant, 9.0).await;
    assert_eq!(ask(&tenant).await["decision"], "PASS");
}

#[tokio::test]
async fn every_decision_is_recorded_and_decides_the_same_again() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let stranger = server.tenant("Stranger").await;
    health(&tenant, 9.0).await;
    let asked = ask(&tenant).await;
    let id = asked["id"].as_str().unwrap();

    let log = tenant.get(Role::Analyst, &tenant.path("/trust-gate/decisions?decision=PASS")).await;
    assert_eq!(log.body["meta"]["total"], 1);
    assert_eq!(log.data()[0]["id"], id);

    let one = tenant.get(Role::Analyst, &tenant.path(&format!("/trust-gate/decisions/{id}"))).await;
    assert_eq!(one.data()["audit_seq"], 1);
    assert_eq!(one.data()["facts"]["gate"]["action_type"], "BUDGET_INCREASE");
    assert_eq!(one.data()["facts_digest"].as_str().unwrap().len(), 64);
    let record: DecisionRecord = serde_json::from_value(one.data().clone()).unwrap();
    assert!(
        stratum_autopilot::decision::replay(&record).unwrap().identical,
        "whoever has the answer can decide again"
    );
    let elsewhere = stranger.get(Role::Analyst, &stranger.path(&format!("/trust-gate/decisions/{id}"))).await;
    assert_eq!(elsewhere.status, 404);

    let replay =
        tenant.post(Role::Analyst, &tenant.path("/trust-gate/replay"), json!({"decision_ids": [id]})).await;
    assert_eq!((replay.data()["replayed"].as_u64(), replay.data()["identical"].as_u64()), (Some(1), Some(1)));

    // A record that somebody changed behind the server's back does not pass for the one that was decided.
    let mut owner = server.owner().await;
    sqlx::query(
        "UPDATE gate_decision SET record = replace(record::text, '\"score\":92.5', '\"score\":99.5')::json",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let replay =
        tenant.post(Role::Analyst, &tenant.path("/trust-gate/replay"), json!({"decision_ids": [id]})).await;
    assert_eq!(replay.data()["identical"], 0, "{}", replay.body);
}

#[tokio::test]
async fn the_policy_can_be_stricter_and_never_laxer() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let path = tenant.path("/trust-gate/config");
    let read = tenant.get(Role::Viewer, &path).await;
    assert_eq!(read.data()["preset"], "FIVE");
    assert_eq!(read.data()["execution_floor"], 70.0);
    assert_eq!(tenant.put(Role::Manager, &path, json!({})).await.code(), "FORBIDDEN");

    let lax = json!({"overrides": {"BUDGET_INCREASE": 60}, "healthy_threshold": 30});
    let refused = tenant.put(Role::Admin, &path, lax).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "VALIDATION_ERROR"));
    let mut details = refused.details();
    details.sort();
    assert_eq!(
        details,
        [
            ("/degraded_threshold".to_owned(), "THRESHOLD_ORDER".to_owned()),
            ("/overrides/BUDGET_INCREASE".to_owned(), "THRESHOLD_TOO_LOW".to_owned()),
        ]
    );

    let strict = json!({"profile": "cautious", "overrides": {"budget_increase": 97}});
    let changed = tenant.put(Role::Admin, &path, strict).await;
    assert_eq!(changed.data()["overrides"]["BUDGET_INCREASE"], 97.0);
    health(&tenant, 10.0).await;
    assert_eq!(ask(&tenant).await["decision"], "HOLD");
    let status = tenant.get(Role::Viewer, &tenant.path("/trust-status")).await;
    assert_eq!(status.data()["gate"][0]["decision"], "PASS");
    assert_eq!(status.data()["autopilot"]["kill_switch_active"], false);
}

#[tokio::test]
async fn a_policy_is_tried_on_history_before_it_is_switched_on() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let from = server.clock.now();
    health(&tenant, 9.0).await;
    ask(&tenant).await;
    let body = json!({"policy": {"healthy_threshold": 95}, "enforcement": {"max_campaign_budget": 500},
                      "from": from, "to": from.plus_hours(1)});
    let queued = tenant.post(Role::Analyst, &tenant.path("/trust-gate/backtest"), body).await;
    assert_eq!(queued.status, 202, "{}", queued.body);
    let path = format!("/api/v1/jobs/{}", queued.data()["job_id"].as_str().unwrap());
    let job = loop {
        let job = tenant.get(Role::Viewer, &path).await.data().clone();
        if job["status"] != "PENDING" && job["status"] != "RUNNING" {
            break job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(job["status"], "COMPLETED", "{job}");
    assert_eq!(job["result"]["decisions"], 1);
    assert_eq!(job["result"]["changed"][0]["to"], "HOLD");

    let bad = json!({"policy": {"healthy_threshold": 5}, "from": from, "to": from});
    let refused = tenant.post(Role::Analyst, &tenant.path("/trust-gate/backtest"), bad).await;
    assert!(refused.details().iter().any(|(_, code)| code == "INVALID_POLICY"), "{}", refused.body);

    server.clock.advance_ms(25 * 3_600_000);
    let calibration = tenant.get(Role::Viewer, &tenant.path("/trust-gate/calibration")).await;
    assert_eq!(calibration.status, 200, "{}", calibration.body);
    assert_eq!(calibration.data()["decisions"], 1);
}

#[tokio::test]
async fn a_piece_of_the_audit_chain_can_be_verified_by_whoever_reads_it() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    health(&tenant, 9.0).await;
    for _ in 0..3 {
        ask(&tenant).await;
    }
    let piece = tenant.get(Role::Admin, "/api/v1/audit-logs/records?from_seq=2&to_seq=3").await;
    assert_eq!(piece.status, 200, "{}", piece.body);
    assert_eq!(piece.data()["records"].as_array().unwrap().len(), 2);
    assert_eq!(piece.data()["from"]["seq"], 1);
    assert_eq!(piece.data()["head"]["seq"], 3);
    let check = |records: &Value| {
        let records: Vec<StoredRecord> = serde_json::from_value(records.clone()).unwrap();
        let head = |name: &str| -> ChainHead { serde_json::from_value(piece.data()[name].clone()).unwrap() };
        Verification::of(head("from"), Some(head("head")), &records)
    };
    let good = check(&piece.data()["records"]);
    assert!(good.ok, "{good:?}");
    let mut changed = piece.data()["records"].clone();
    changed[0]["entry"]["resource_type"] = json!("campaign");
    assert_eq!(check(&changed).first_bad_seq, Some(2));

    assert_eq!(tenant.get(Role::Manager, "/api/v1/audit-logs/records").await.status, 403);
    for (wrong, path) in
        [("?from_seq=0", "?from_seq"), ("?from_seq=5&to_seq=4", "?to_seq"), ("?to_seq=501", "?to_seq")]
    {
        let refused = tenant.get(Role::Admin, &format!("/api/v1/audit-logs/records{wrong}")).await;
        assert_eq!(
            (refused.status.as_u16(), refused.body["error"]["details"][0]["path"].as_str()),
            (422, Some(path))
        );
    }
}

#[tokio::test]
async fn incidents_are_listed_newest_first_with_their_beginning_and_end() {
    let server = TestServer::start().await;
    let demo = stratum_server::demo::ensure(&server.running.state.db).await.unwrap();
    let mut owner = server.owner().await;
    let written: i64 = sqlx::query_scalar("SELECT count(*) FROM incident WHERE tenant_id = $1")
        .bind(demo.tenant.as_uuid())
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!(written > 1);
    let tenant = server.tenant("Acme").await;
    sqlx::query("UPDATE incident SET tenant_id = $1")
        .bind(tenant.id.as_uuid())
        .execute(&mut owner)
        .await
        .unwrap();

    let all = tenant.get(Role::Viewer, &tenant.path("/incidents")).await;
    assert_eq!(
        (all.status.as_u16(), all.body["meta"]["total"].as_i64()),
        (200, Some(written)),
        "{}",
        all.body
    );
    let open = tenant.get(Role::Viewer, &tenant.path("/incidents?status=OPEN&platform=TIKTOK")).await;
    assert!(open.data()[0]["closed_at"].is_null());
    let closed = tenant.get(Role::Viewer, &tenant.path("/incidents?status=CLOSED&platform=TIKTOK")).await;
    assert!(closed.data()[0]["recovery_hours"].as_f64().unwrap() > 0.0, "{}", closed.body);
    assert_eq!(tenant.get(Role::Viewer, &tenant.path("/incidents?status=LOST")).await.status, 422);
}
