//! The operators' freeze.

use serde_json::{Value, json};
use stratum_core::vocabulary::Role;

use crate::common::Answer;
use crate::desk::{Desk, Office};

const PATH: &str = "/api/v1/superadmin/kill-switch";

async fn turn(desk: &Desk<'_>, body: Value) -> Answer {
    desk.tenant.post(Role::Superadmin, PATH, body).await
}

async fn frozen(desk: &Desk<'_>) -> Value {
    let status = desk.tenant.get(Role::Viewer, &desk.path("/status")).await;
    status.data()["kill_switch"]["operator_frozen"].clone()
}

#[tokio::test]
async fn the_operators_freeze_stops_every_tenant_and_no_tenant_releases_it() {
    let office = Office::open().await;
    let (one, other) = (office.desk().await, office.desk().await);
    for desk in [&one, &other] {
        desk.health(false).await;
    }
    let waiting = other.queue(11_000).await;
    other.approve(&waiting).await;

    let freeze = json!({"enabled": false, "reason": "the platforms change their API"});
    let engaged = turn(&one, freeze.clone()).await;
    assert_eq!(engaged.status, 200, "{}", engaged.body);
    assert_eq!((&engaged.data()["all"], &engaged.data()["platforms"]), (&json!(true), &json!([])));
    let again = turn(&one, freeze).await;
    assert_eq!(again.data(), engaged.data());

    for desk in [&one, &other] {
        assert_eq!(frozen(desk).await, true);
        let told = desk.logged("KILL_SWITCH_CHANGED").await;
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!(told[0]["details"]["reason"], "the platforms change their API");
    }
    other.health(true).await;
    other.until(&waiting, "waiting_for", "KILL_SWITCH").await;
    let third = other.queue(11_500).await;
    assert_eq!(other.approve(&third).await.code(), "KILL_SWITCH_ACTIVE");
    // The tenant's own switch is another one.
    let own = other.path("/enforcement/kill-switch");
    let body = json!({"enabled": true, "reason": "we want to go on"});
    assert_eq!(other.tenant.post(Role::Admin, &own, body).await.status, 200);
    assert_eq!(frozen(&other).await, true);
    assert_eq!(other.accepted(), 0);

    let release = turn(&one, json!({"enabled": true, "reason": "the platforms are well again"})).await;
    assert_eq!(release.data()["all"], false);
    other.until(&waiting, "status", "APPLIED").await;
    assert_eq!(other.logged("KILL_SWITCH_CHANGED").await.len(), 2);
}

#[tokio::test]
async fn one_platform_is_frozen_in_all_tenants_and_a_new_tenant_inherits_it() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let freeze = json!({"enabled": false, "platform": "meta", "reason": "outage at the platform"});
    let engaged = turn(&desk, freeze).await;
    assert_eq!((&engaged.data()["all"], &engaged.data()["platforms"]), (&json!(false), &json!(["META"])));

    let new = office.desk().await;
    assert_eq!(frozen(&new).await, true);
    let told = new.logged("KILL_SWITCH_CHANGED").await;
    assert_eq!((told.len(), &told[0]["details"]["reason"]), (1, &json!("outage at the platform")));
    new.health(true).await;
    let id = new.queue(11_000).await;
    assert_eq!(new.get(&id).await["gate"]["reasons"][0]["code"], "FROZEN");
    // Another platform goes on.
    let ask = json!({"action_type": "PAUSE_CAMPAIGN", "platforms": ["GOOGLE"], "entity_type": "CAMPAIGN", "entity_id": "g-1"});
    let asked = new.tenant.post(Role::Analyst, &new.tenant.path("/trust-gate/evaluate"), ask).await;
    let codes = asked.data()["reasons"].to_string();
    assert!(!codes.contains("FROZEN"), "{codes}");
    // Releasing everything releases no platform.
    turn(&desk, json!({"enabled": true, "reason": "nothing was frozen everywhere"})).await;
    assert_eq!(frozen(&new).await, true);
}

#[tokio::test]
async fn only_the_operator_turns_the_switches_of_all_tenants_and_says_why() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let body = json!({"enabled": false, "reason": "because I am an admin"});
    let admin = desk.tenant.post(Role::Admin, PATH, body).await;
    assert_eq!((admin.status.as_u16(), admin.code()), (403, "FORBIDDEN"));
    let short = turn(&desk, json!({"enabled": false, "reason": "no"})).await;
    assert_eq!(short.details(), [("/reason".into(), "LENGTH".into())]);
    let silent = turn(&desk, json!({"enabled": false})).await;
    assert_eq!(silent.status, 422, "{}", silent.body);
    assert_eq!(frozen(&desk).await, false);
    assert_eq!(desk.logged("KILL_SWITCH_CHANGED").await, Vec::<Value>::new());
}
