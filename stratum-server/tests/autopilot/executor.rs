//! What the executor makes of platforms that fail, and of executors that die.

use serde_json::json;
use stratum_autopilot::platform::PlatformErrorCode;
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, SandboxCall};
use stratum_core::vocabulary::Role;

use crate::common::{TestServer, Wishes};
use crate::desk::Office;

#[tokio::test]
async fn a_lost_answer_is_asked_for_when_the_lease_lapses_and_the_change_is_made_once() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let _ = office.sandbox.service.inject([Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost)]);
    let id = desk.queue(11_000).await;
    desk.approve(&id).await;
    desk.until_attempted(&id).await;
    // Claimed, and nobody knows: shown as approved.
    assert_eq!(desk.get(&id).await["status"], "APPROVED");
    let revoked = desk.step(Role::Manager, &id, "revoke", json!({})).await;
    assert_eq!(revoked.code(), "INVALID_TRANSITION");
    office.server.clock.advance_ms(3 * 60_000);
    let applied = desk.until(&id, "status", "APPLIED").await;
    assert_eq!(applied["attempts"], 1);
    assert_eq!(desk.accepted(), 1);
}

#[tokio::test]
async fn a_call_that_never_arrived_is_made_again_under_the_same_key() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let lost = FaultEffect::ErrorBefore { error: PlatformErrorCode::Unknown, retry_after_ms: None };
    let _ = office.sandbox.service.inject([Fault::next(SandboxCall::Apply, lost)]);
    let id = desk.queue(11_000).await;
    desk.approve(&id).await;
    desk.until_attempted(&id).await;
    office.server.clock.advance_ms(3 * 60_000);
    let applied = desk.until(&id, "status", "APPLIED").await;
    assert_eq!((&applied["attempts"], desk.accepted()), (&json!(2), 1));
}

#[tokio::test]
async fn a_value_that_changed_on_the_platform_ends_the_action() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    desk.show(10_001);
    let id = desk.queue(11_000).await;
    desk.approve(&id).await;
    let failed = desk.until(&id, "status", "FAILED").await;
    assert_eq!(
        (&failed["status_reason"], &failed["error"]["code"]),
        (&json!("STATE_CHANGED"), &json!("STATE_CHANGED"))
    );
    assert_eq!(desk.accepted(), 0);
}

#[tokio::test]
async fn a_limit_that_became_hard_after_the_approval_fails_the_action() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let id = desk.queue(11_000).await;
    desk.approve(&id).await;
    desk.settings(json!({"max_daily_budget_increase_pct": 5, "default_mode": "HARD_BLOCK"})).await;
    desk.health(true).await;
    let failed = desk.until(&id, "status", "FAILED").await;
    assert_eq!(failed["status_reason"], "ENFORCEMENT_BLOCKED");
    assert_eq!(desk.accepted(), 0);
}

#[tokio::test]
async fn the_second_change_of_an_entity_waits_until_the_interval_is_over() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let first = desk.queue(11_000).await;
    let mut body = desk.change("BUDGET_INCREASE", 11_500);
    body["current_value"] = json!({"before_cents": 11_000});
    let second = desk.tenant.post(Role::Manager, &desk.path("/actions"), body).await;
    let second = second.data()["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.approve(&first).await.status, 200);
    assert_eq!(desk.approve(&second).await.status, 200);
    desk.health(true).await;
    desk.until(&first, "status", "APPLIED").await;
    desk.until(&second, "waiting_for", "MIN_INTERVAL").await;
    assert_eq!(desk.accepted(), 1);
}

#[tokio::test]
async fn two_servers_side_by_side_apply_every_action_once() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let url = format!("http://{}", office.sandbox.address);
    let second = TestServer::beside(
        office.server.connections.clone(),
        Wishes::default(),
        Some(url),
        office.server.clock.clone(),
    )
    .await;
    desk.settings(json!({"min_hours_between_changes": 0, "max_changes_per_day": 1000, "max_daily_budget_increase_pct": 100}))
        .await;
    desk.health(false).await;
    let mut ids = Vec::new();
    for step in 0..20 {
        let mut body = desk.change("BUDGET_INCREASE", 10_100 + step * 100);
        body["current_value"] = json!({"before_cents": 10_000 + step * 100});
        let queued = desk.tenant.post(Role::Manager, &desk.path("/actions"), body).await;
        ids.push(queued.data()["id"].clone());
    }
    let all = desk.path("/actions/approve-all");
    let approved = desk.tenant.post(Role::Manager, &all, json!({ "action_ids": ids })).await;
    assert_eq!(approved.data()["approved"], 20, "{}", approved.body);
    desk.health(true).await;
    let mut ended = 0;
    for id in &ids {
        let id = id.as_str().unwrap();
        // One starts from the value that the one before leads to: those that come too early fail, none is made twice.
        let action = desk.until_ended(id).await;
        ended += usize::from(action["status"] == "APPLIED");
    }
    assert!(ended > 0);
    assert_eq!(desk.accepted(), ended);
    second.running.stop().await;
}
