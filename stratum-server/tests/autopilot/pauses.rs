//! The pause that the limits ask for when a campaign earns too little.

use serde_json::{Value, json};
use stratum_core::vocabulary::Role;

use crate::desk::{Desk, Office};

/// The pauses of the tenant that are open.
async fn open_pauses(desk: &Desk<'_>) -> Vec<Value> {
    let path = desk.path("/actions?action_type=PAUSE_CAMPAIGN&status=QUEUED");
    let list = desk.tenant.get(Role::Viewer, &path).await;
    list.data().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_raise_that_a_hard_limit_refuses_still_has_the_pause_proposed() {
    let office = Office::open().await;
    // Half of what it costs, where the pause is asked for below 1.
    let desk = office.desk_with_return(50).await;
    desk.health(true).await;
    desk.settings(json!({"default_mode": "HARD_BLOCK"})).await;
    let raise = desk.change("BUDGET_INCREASE", 11_000);
    let refused = desk.tenant.post(Role::Manager, &desk.path("/actions"), raise).await;
    assert_eq!(refused.code(), "ENFORCEMENT_BLOCKED", "{}", refused.body);
    let pauses = open_pauses(&desk).await;
    assert_eq!(pauses.len(), 1);
    assert_eq!((&pauses[0]["entity_id"], &pauses[0]["origin"]), (&json!(desk.campaign), &json!("AUTOPILOT")));
}

#[tokio::test]
async fn raises_at_once_propose_one_pause() {
    let office = Office::open().await;
    let desk = office.desk_with_return(50).await;
    desk.health(true).await;
    let queue = async |after_cents| {
        let raise = desk.change("BUDGET_INCREASE", after_cents);
        desk.tenant.post(Role::Manager, &desk.path("/actions"), raise).await.status
    };
    let made = futures_util::future::join_all((1..=8).map(|step| queue(10_000 + step * 100))).await;
    assert!(made.iter().all(|status| *status == 201), "{made:?}");
    assert_eq!(open_pauses(&desk).await.len(), 1);
}

#[tokio::test]
async fn an_approval_that_finds_the_return_too_low_proposes_the_pause() {
    let office = Office::open().await;
    let desk = office.desk_with_return(50).await;
    desk.health(true).await;
    let id = desk.queue(11_000).await;
    let pause = open_pauses(&desk).await[0]["id"].as_str().unwrap().to_owned();
    desk.step(Role::Manager, &pause, "dismiss", json!({})).await;
    assert_eq!(open_pauses(&desk).await.len(), 0);
    assert_eq!(desk.approve(&id).await.code(), "ENFORCEMENT_CONFIRMATION_REQUIRED");
    assert_eq!(open_pauses(&desk).await.len(), 1);
    assert_eq!(desk.approve(&id).await.code(), "ENFORCEMENT_CONFIRMATION_REQUIRED");
    assert_eq!(open_pauses(&desk).await.len(), 1);
}
