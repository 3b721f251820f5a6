//! What is told of refusals and of changes of mind: each once, and none left out.

use serde_json::{Value, json};
use stratum_core::vocabulary::Role;

use crate::desk::{Desk, Office};

const REASON: &str = "agreed with the client on the phone";

/// What became of each override that was asked for, the newest first.
async fn overrides(desk: &Desk<'_>) -> Vec<(bool, Value)> {
    let entries = desk.logged("OVERRIDE_LOGGED").await;
    let told = |entry: &Value| {
        assert_eq!(entry["override_reason"], REASON, "{entry:#}");
        (entry["details"]["granted"].as_bool().unwrap(), entry["details"]["refused_with"].clone())
    };
    entries.iter().map(told).collect()
}

#[tokio::test]
async fn every_override_that_is_asked_for_is_logged_whatever_becomes_of_it() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let ask = async |role, id: &str| {
        let answer = desk.step(role, id, "approve", json!({ "override_reason": REASON })).await;
        answer.code().to_owned()
    };

    let id = desk.queue(11_000).await;
    assert_eq!(ask(Role::Manager, &id).await, "FORBIDDEN");
    assert_eq!(overrides(&desk).await, [(false, json!("FORBIDDEN"))]);

    let switch = desk.path("/enforcement/kill-switch");
    desk.tenant.post(Role::Manager, &switch, json!({"enabled": false})).await;
    assert_eq!(ask(Role::Admin, &id).await, "KILL_SWITCH_ACTIVE");
    assert_eq!(overrides(&desk).await[0], (false, json!("KILL_SWITCH_ACTIVE")));
    let body = json!({"enabled": true, "reason": "budgets corrected"});
    desk.tenant.post(Role::Admin, &switch, body).await;

    let mode = json!({"mode": "APPROVAL_REQUIRED", "four_eyes": true});
    assert_eq!(desk.tenant.put(Role::Admin, &desk.path("/mode"), mode).await.status, 200);
    let body = desk.change("BUDGET_INCREASE", 11_500);
    let own = desk.tenant.post(Role::Admin, &desk.path("/actions"), body).await;
    let own = own.data()["id"].as_str().unwrap().to_owned();
    assert_eq!(ask(Role::Admin, &own).await, "SELF_APPROVAL");
    assert_eq!(overrides(&desk).await[0], (false, json!("SELF_APPROVAL")));

    // Too large a step: the override is refused until somebody confirms it, and is noted all the same.
    let large = desk.queue(13_000).await;
    assert_eq!(ask(Role::Admin, &large).await, "ENFORCEMENT_CONFIRMATION_REQUIRED");
    assert_eq!(overrides(&desk).await[0], (false, json!("ENFORCEMENT_CONFIRMATION_REQUIRED")));

    desk.step(Role::Manager, &large, "dismiss", json!({})).await;
    assert_eq!(ask(Role::Admin, &large).await, "INVALID_TRANSITION");
    assert_eq!(overrides(&desk).await[0], (false, json!("INVALID_TRANSITION")));

    office.server.clock.advance_ms(25 * 3_600_000);
    // The executor may have dismissed it by now.
    let late = ask(Role::Admin, &id).await;
    assert!(["ACTION_EXPIRED", "INVALID_TRANSITION"].contains(&late.as_str()), "{late}");
    assert_eq!(overrides(&desk).await[0], (false, json!(late)));

    desk.health(false).await;
    let granted = desk.queue(11_000).await;
    assert_eq!(
        desk.step(Role::Admin, &granted, "approve", json!({ "override_reason": REASON })).await.status,
        200
    );
    assert_eq!(overrides(&desk).await[0], (true, Value::Null));
    assert_eq!(overrides(&desk).await.len(), 7);
}

#[tokio::test]
async fn an_action_that_becomes_blocked_while_it_waits_is_told_once_each_time() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let id = desk.queue(11_000).await;
    assert_eq!(desk.approve(&id).await.data()["waiting_for"], "GATE");
    assert_eq!(desk.logged("BLOCKED").await, Vec::<Value>::new());
    let decided = async |decision: &str, by: fn(&Value) -> Value, before: Value| {
        desk.once(&id, |action| action["gate"]["decision"] == decision && by(action) != before).await
    };
    let decision_id = |action: &Value| action["gate"]["id"].clone();

    let mut seen = Value::Null;
    for times in 1..=2 {
        desk.outage().await;
        seen = decision_id(&decided("BLOCK", decision_id, seen).await);
        let told = desk.logged("BLOCKED").await;
        assert_eq!(told.len(), times, "{told:#?}");
        assert_eq!((&told[0]["action_id"], &told[0]["gate_decision"]), (&json!(id), &json!("BLOCK")));
        assert_eq!(told[0]["details"]["gate_decision_before"], "HOLD");
        // Looked at again, still blocked: evaluated, and not told again.
        desk.outage().await;
        seen = decision_id(&decided("BLOCK", decision_id, seen).await);
        assert_eq!(desk.logged("BLOCKED").await.len(), times);
        desk.health(false).await;
        seen = decision_id(&decided("HOLD", decision_id, seen).await);
    }
    assert_eq!(desk.logged("BLOCKED").await.len(), 2);
}

#[tokio::test]
async fn an_action_that_is_queued_under_a_block_is_told_so_once() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.outage().await;
    let id = desk.queue(11_000).await;
    assert_eq!(desk.approve(&id).await.data()["waiting_for"], "GATE");
    let told = desk.logged("BLOCKED").await;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0]["action_id"], id);
}
