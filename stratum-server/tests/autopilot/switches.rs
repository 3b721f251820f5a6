//! The kill switch.

use serde_json::json;
use stratum_core::vocabulary::Role;

use crate::desk::Office;

#[tokio::test]
async fn the_kill_switch_stops_everything_until_an_admin_releases_it_with_a_reason() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let waiting = desk.queue(11_000).await;
    desk.approve(&waiting).await;
    let other = desk.queue(13_000).await;
    let switch = desk.path("/enforcement/kill-switch");

    let engaged =
        desk.tenant.post(Role::Manager, &switch, json!({"enabled": false, "reason": "spend doubled"})).await;
    assert_eq!(engaged.status, 200, "{}", engaged.body);
    assert_eq!(
        (&engaged.data()["kill_switch_active"], &engaged.data()["actions_halted"]),
        (&json!(true), &json!(1))
    );
    let again = desk.tenant.post(Role::Manager, &switch, json!({"enabled": false})).await;
    assert_eq!(
        (&again.data()["reason"], &again.data()["changed_at"]),
        (&json!("spend doubled"), &engaged.data()["changed_at"])
    );

    desk.health(true).await;
    desk.until(&waiting, "waiting_for", "KILL_SWITCH").await;
    assert_eq!(desk.accepted(), 0);
    for refused in [
        desk.approve(&other).await,
        desk.tenant
            .post(Role::Manager, &desk.path("/actions/approve-all"), json!({"action_ids": [other]}))
            .await,
    ] {
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "KILL_SWITCH_ACTIVE"));
    }
    // Queueing and dismissing go on.
    let third = desk.queue(11_500).await;
    assert_eq!(desk.step(Role::Manager, &third, "dismiss", json!({})).await.status, 200);

    let release = |reason| json!({"enabled": true, "reason": reason});
    let manager = desk.tenant.post(Role::Manager, &switch, release("all is well")).await;
    assert_eq!((manager.status.as_u16(), manager.code()), (403, "FORBIDDEN"));
    let silent = desk.tenant.post(Role::Admin, &switch, json!({"enabled": true})).await;
    assert_eq!((silent.status.as_u16(), silent.details()[0].1.as_str()), (422, "REASON_REQUIRED"));
    let released = desk.tenant.post(Role::Admin, &switch, release("budgets corrected")).await;
    assert_eq!(released.data()["kill_switch_active"], false);
    desk.until(&waiting, "status", "APPLIED").await;
    assert_eq!(desk.accepted(), 1);
    assert_eq!(desk.log().await.iter().filter(|entry| *entry == "KILL_SWITCH_CHANGED").count(), 2);
}

#[tokio::test]
async fn a_confirmation_is_refused_while_the_switch_is_engaged() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let id = desk.queue(13_000).await;
    let token = desk.approve(&id).await.body["error"]["confirmation_token"].clone();
    let switch = desk.path("/enforcement/kill-switch");
    desk.tenant.post(Role::Manager, &switch, json!({"enabled": false})).await;
    let body = json!({"confirmation_token": token, "override_reason": "the sale begins tomorrow"});
    let refused = desk.tenant.post(Role::Manager, &desk.path("/enforcement/confirm"), body).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "KILL_SWITCH_ACTIVE"));
}
