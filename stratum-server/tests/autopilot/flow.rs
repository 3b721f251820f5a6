//! The way of an action through gate, limits and platform.

use serde_json::json;
use stratum_core::vocabulary::Role;
use stratum_server::audit;
use stratum_server::db::Scope;

use crate::desk::{BUDGET, Office};

#[tokio::test]
async fn an_approved_action_waits_for_health_and_is_then_applied_once() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;

    let id = desk.queue(11_500).await;
    let queued = desk.get(&id).await;
    assert_eq!((&queued["status"], &queued["gate"]["decision"]), (&json!("QUEUED"), &json!("HOLD")));
    assert_eq!(queued["violations"], json!([]), "{queued:#}");
    assert_eq!(queued["proposed_value"]["after_cents"], 11_500);
    assert_eq!(queued["current_value"]["before_cents"], BUDGET);

    let approved = desk.approve(&id).await;
    assert_eq!(approved.status, 200, "{}", approved.body);
    assert_eq!(approved.data()["status"], "APPROVED");
    assert_eq!(approved.data()["waiting_for"], "GATE");
    assert_eq!(desk.accepted(), 0);

    desk.health(true).await;
    let applied = desk.until(&id, "status", "APPLIED").await;
    assert_eq!(applied["waiting_for"], json!(null));
    assert_eq!(applied["applied_value"]["after_cents"], 11_500);
    assert_eq!(applied["attempts"], 1);
    assert_eq!((desk.accepted(), desk.shown().daily_budget_cents), (1, Some(11_500)));
    let history: Vec<&str> =
        applied["history"].as_array().unwrap().iter().map(|entry| entry["to"].as_str().unwrap()).collect();
    assert_eq!(history, ["QUEUED", "APPROVED", "APPLIED"]);
    let log = desk.log().await;
    for expected in ["QUEUED", "APPROVED", "INTENT", "APPLIED", "GATE_EVALUATED"] {
        assert!(log.iter().any(|entry| entry == expected), "{expected} is not in {log:?}");
    }

    let state = &office.server.running.state;
    let scope = Scope::system(desk.tenant.id);
    let verified =
        state.db.tenant_read(&scope, |tx| Box::pin(async move { audit::verify(tx, None, None).await }));
    assert!(verified.await.unwrap().ok);
}

#[tokio::test]
async fn a_soft_block_is_confirmed_with_its_token_and_then_applied() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    // 30 % in a day, where 20 % are allowed.
    let id = desk.queue(13_000).await;
    assert_eq!(desk.get(&id).await["violations"][0]["kind"], "DAILY_INCREASE");
    assert_eq!(desk.get(&id).await["violations"][0]["allowed_max_cents"], 12_000);

    let refused = desk.approve(&id).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "ENFORCEMENT_CONFIRMATION_REQUIRED"));
    let token = refused.body["error"]["confirmation_token"].as_str().unwrap().to_owned();
    assert!(refused.details().contains(&("/confirmation_token".into(), "CONFIRMATION_TOKEN".into())));

    let unconfirmed = desk.step(Role::Manager, &id, "approve", json!({"confirmation_token": token})).await;
    assert_eq!(unconfirmed.code(), "ENFORCEMENT_CONFIRMATION_REQUIRED");

    let confirm = desk.path("/enforcement/confirm");
    let short = json!({"confirmation_token": token, "override_reason": "why not"});
    assert_eq!(desk.tenant.post(Role::Manager, &confirm, short).await.details()[0].0, "/override_reason");
    let body = json!({"confirmation_token": token, "override_reason": "the sale begins tomorrow"});
    let confirmed = desk.tenant.post(Role::Manager, &confirm, body.clone()).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(confirmed.data()["entity_id"], desk.campaign);
    assert_eq!(desk.tenant.post(Role::Manager, &confirm, body).await.code(), "TOKEN_USED");
    let unknown =
        json!({"confirmation_token": "00".repeat(32), "override_reason": "the sale begins tomorrow"});
    assert_eq!(desk.tenant.post(Role::Manager, &confirm, unknown).await.code(), "TOKEN_NOT_FOUND");

    let approved = desk.step(Role::Manager, &id, "approve", json!({"confirmation_token": token})).await;
    assert_eq!(approved.status, 200, "{}", approved.body);
    desk.until(&id, "status", "APPLIED").await;
    assert_eq!(desk.shown().daily_budget_cents, Some(13_000));
    let log = desk.log().await;
    for expected in ["CONFIRMATION_ISSUED", "CONFIRMED", "WARNED"] {
        assert!(log.iter().any(|entry| entry == expected), "{expected} is not in {log:?}");
    }
}

#[tokio::test]
async fn a_hard_block_refuses_the_proposal_and_is_logged() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    desk.settings(json!({"default_mode": "hard_block"})).await;
    let body = desk.change("BUDGET_INCREASE", 13_000);
    let refused = desk.tenant.post(Role::Manager, &desk.path("/actions"), body).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "ENFORCEMENT_BLOCKED"));
    assert_eq!(refused.body["error"]["violations"][0]["kind"], "DAILY_INCREASE");
    assert!(desk.log().await.contains(&"BLOCKED".to_owned()));
    let list = desk.tenant.get(Role::Viewer, &desk.path("/actions")).await;
    assert_eq!(list.body["meta"]["total"], 0);
}

#[tokio::test]
async fn an_applied_action_is_reverted_by_another_one_and_only_once() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    desk.settings(json!({"min_hours_between_changes": 0})).await;
    let id = desk.queue(11_000).await;
    let reason = json!({"reason": "it did not help"});
    assert_eq!(desk.step(Role::Manager, &id, "rollback", reason.clone()).await.code(), "INVALID_TRANSITION");
    desk.approve(&id).await;
    desk.until(&id, "status", "APPLIED").await;

    let back = desk.step(Role::Manager, &id, "rollback", reason.clone()).await;
    assert_eq!(back.status, 201, "{}", back.body);
    assert_eq!(back.data()["action_type"], "BUDGET_DECREASE");
    assert_eq!(back.data()["reverts"], id);
    let reversal = back.data()["id"].as_str().unwrap().to_owned();
    assert!(back.header("location").unwrap().ends_with(&reversal));
    assert_eq!(desk.step(Role::Manager, &id, "rollback", reason).await.code(), "ALREADY_REVERTED");
    desk.approve(&reversal).await;
    desk.until(&reversal, "status", "APPLIED").await;
    assert_eq!(desk.shown().daily_budget_cents, Some(BUDGET));
    assert!(desk.log().await.contains(&"ROLLED_BACK".to_owned()));
}

#[tokio::test]
async fn the_system_approves_what_guarded_automation_lets_it() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let mode = desk.path("/mode");
    let chosen = desk.tenant.put(Role::Admin, &mode, json!({"mode": "GUARDED_AUTO"})).await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);

    let lower = desk.change("BUDGET_DECREASE", 9_000);
    let queued = desk.tenant.post(Role::Manager, &desk.path("/actions"), lower).await;
    let id = queued.data()["id"].as_str().unwrap();
    let applied = desk.until(id, "status", "APPLIED").await;
    assert_eq!(applied["approved_by"], json!(null));
    assert_eq!(desk.shown().daily_budget_cents, Some(9_000));

    // Raising is on no automatic list.
    desk.settings(json!({"min_hours_between_changes": 0})).await;
    let raise = desk.queue(9_500).await;
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(desk.get(&raise).await["status"], "QUEUED");
}
