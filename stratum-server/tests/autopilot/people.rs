//! What people may do with actions, and what they may not.

use reqwest::Method;
use serde_json::json;
use stratum_core::vocabulary::Role;

use crate::desk::Office;

#[tokio::test]
async fn with_four_eyes_another_person_approves() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let body = json!({"mode": "APPROVAL_REQUIRED", "four_eyes": true});
    assert_eq!(desk.tenant.put(Role::Manager, &desk.path("/mode"), body.clone()).await.code(), "FORBIDDEN");
    assert_eq!(desk.tenant.put(Role::Admin, &desk.path("/mode"), body).await.status, 200);
    let id = desk.queue(11_000).await;
    let own = desk.approve(&id).await;
    assert_eq!((own.status.as_u16(), own.code()), (403, "SELF_APPROVAL"));
    assert_eq!(desk.step(Role::Admin, &id, "approve", json!({})).await.status, 200);
    desk.until(&id, "status", "APPLIED").await;
}

#[tokio::test]
async fn an_override_executes_under_a_hold_and_never_without_data() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let override_reason = json!({"override_reason": "agreed with the client on the phone"});

    // Nothing was measured: nobody overrides that.
    let id = desk.queue(11_000).await;
    let refused = desk.step(Role::Admin, &id, "approve", override_reason.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "OVERRIDE_NOT_ALLOWED"));

    desk.health(false).await;
    let manager = desk.step(Role::Manager, &id, "approve", override_reason.clone()).await;
    assert_eq!((manager.status.as_u16(), manager.code()), (403, "FORBIDDEN"));
    let granted = desk.step(Role::Admin, &id, "approve", override_reason).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let applied = desk.until(&id, "status", "APPLIED").await;
    assert_eq!(applied["gate"]["decision"], "HOLD");
    // Each of the three that were asked for: without data, without the right, and this one.
    assert_eq!(applied["override_reason"], "agreed with the client on the phone");
    assert_eq!(desk.log().await.iter().filter(|entry| *entry == "OVERRIDE_LOGGED").count(), 3);
}

#[tokio::test]
async fn every_transition_that_the_machine_does_not_have_is_a_conflict() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let id = desk.queue(11_000).await;
    let revoke_early = desk.step(Role::Manager, &id, "revoke", json!({})).await;
    assert_eq!((revoke_early.status.as_u16(), revoke_early.code()), (409, "INVALID_TRANSITION"));
    assert_eq!(revoke_early.body["error"]["details"][0]["message"], "QUEUED -> QUEUED");

    assert_eq!(desk.approve(&id).await.status, 200);
    let twice = desk.approve(&id).await;
    assert_eq!(twice.body["error"]["details"][0]["message"], "APPROVED -> APPROVED");
    assert_eq!(desk.step(Role::Manager, &id, "dismiss", json!({})).await.code(), "INVALID_TRANSITION");

    let revoked = desk.step(Role::Manager, &id, "revoke", json!({"reason": "too early"})).await;
    assert_eq!((revoked.status.as_u16(), &revoked.data()["status"]), (200, &json!("QUEUED")));
    assert_eq!(revoked.data()["approved_by"], json!(null));
    let dismissed = desk.step(Role::Manager, &id, "dismiss", json!({})).await;
    assert_eq!(dismissed.data()["status"], "DISMISSED");
    assert_eq!(desk.step(Role::Manager, &id, "dismiss", json!({})).await.code(), "INVALID_TRANSITION");
    assert_eq!(desk.approve(&id).await.code(), "INVALID_TRANSITION");

    let viewer = desk.step(Role::Analyst, &id, "dismiss", json!({})).await;
    assert_eq!((viewer.status.as_u16(), viewer.code()), (403, "FORBIDDEN"));
    let nothing = desk.approve("0198c9a0-0000-7000-8000-00000000000a").await;
    assert_eq!((nothing.status.as_u16(), nothing.code()), (404, "NOT_FOUND"));
    assert_eq!(desk.approve("x").await.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn an_action_that_nobody_approved_in_time_is_dismissed() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let id = desk.queue(11_000).await;
    office.server.clock.advance_ms(25 * 3_600_000);
    let late = desk.approve(&id).await;
    assert_eq!(late.status, 409);
    assert!(["ACTION_EXPIRED", "INVALID_TRANSITION"].contains(&late.code()), "{}", late.body);
    let ended = desk.until(&id, "status", "DISMISSED").await;
    assert_eq!((&ended["status_reason"], &ended["dismissed_by"]), (&json!("EXPIRED"), &json!(null)));
    assert!(desk.log().await.contains(&"EXPIRED".to_owned()));
}

#[tokio::test]
async fn a_proposal_is_told_all_that_is_wrong_with_it() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let post = async |body| desk.tenant.post(Role::Manager, &desk.path("/actions"), body).await;
    let detail = |answer: &crate::common::Answer, code: &str| {
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "VALIDATION_ERROR"), "{}", answer.body);
        assert!(answer.details().iter().any(|(_, found)| found == code), "{code}: {}", answer.body);
    };
    detail(&post(desk.change("BUDGET_INCREASE", 9_000)).await, "WRONG_DIRECTION");
    detail(&post(desk.change("BUDGET_INCREASE", 10_000)).await, "NO_CHANGE");
    let mut unknown = desk.change("BUDGET_INCREASE", 9_000);
    unknown["entity_id"] = json!("nobody-knows-it");
    detail(&post(unknown).await, "UNKNOWN_BEFORE_VALUE");
    let mut field = desk.change("BUDGET_INCREASE", 11_000);
    field["colour"] = json!("red");
    detail(&post(field).await, "UNKNOWN_FIELD");
    let mut both = desk.change("BUDGET_INCREASE", 11_000);
    both["proposed_value"]["change_pct"] = json!(10);
    detail(&post(both).await, "NOT_ALLOWED_HERE");
    // A percentage is resolved before anything else looks at it.
    let mut pct = desk.change("BUDGET_INCREASE", 0);
    pct["proposed_value"] = json!({"change_pct": 12.345});
    assert_eq!(post(pct).await.data()["proposed_value"]["after_cents"], 11_235);
}

#[tokio::test]
async fn a_key_queues_one_action_however_often_it_comes() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let bearer = format!("Bearer {}", desk.tenant.token(Role::Manager));
    let send = async |key: &str, body: serde_json::Value| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        office.server.send(Method::POST, &desk.path("/actions"), &headers, Some(&body)).await
    };
    let first = send("key-1", desk.change("BUDGET_INCREASE", 11_000)).await;
    let again = send("key-1", desk.change("BUDGET_INCREASE", 11_000)).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.data()["id"], again.data()["id"]);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = send("key-1", desk.change("BUDGET_INCREASE", 11_001)).await;
    assert_eq!((other.status.as_u16(), other.code()), (409, "IDEMPOTENCY_KEY_REUSED"));
    let list = desk.tenant.get(Role::Viewer, &desk.path("/actions")).await;
    assert_eq!(list.body["meta"]["total"], 1);
}

#[tokio::test]
async fn another_tenants_actions_are_not_there() {
    let office = Office::open().await;
    let (mine, theirs) = (office.desk().await, office.desk().await);
    mine.health(true).await;
    theirs.health(true).await;
    let id = theirs.queue(13_000).await;
    for step in ["approve", "revoke", "dismiss"] {
        assert_eq!(mine.step(Role::Admin, &id, step, json!({})).await.code(), "NOT_FOUND", "{step}");
    }
    let reason = json!({"reason": "because I can"});
    assert_eq!(mine.step(Role::Admin, &id, "rollback", reason).await.code(), "NOT_FOUND");
    assert_eq!(mine.tenant.get(Role::Admin, &mine.path(&format!("/actions/{id}"))).await.code(), "NOT_FOUND");
    let by_their_path = mine.tenant.get(Role::Admin, &theirs.path("/actions")).await;
    assert_eq!(by_their_path.code(), "NOT_FOUND");
    assert_eq!(mine.tenant.get(Role::Viewer, &mine.path("/actions")).await.body["meta"]["total"], 0);
    let all = mine
        .tenant
        .post(Role::Manager, &mine.path("/actions/approve-all"), json!({"action_ids": [id]}))
        .await;
    assert_eq!(
        (&all.data()["refused"], &all.data()["results"][0]["error"]["code"]),
        (&json!(1), &json!("NOT_FOUND"))
    );
    // A token of theirs is none of ours.
    let token = theirs.approve(&id).await.body["error"]["confirmation_token"].clone();
    let body = json!({"confirmation_token": token, "override_reason": "the sale begins tomorrow"});
    let stolen = mine.tenant.post(Role::Admin, &mine.path("/enforcement/confirm"), body).await;
    assert_eq!(stolen.code(), "TOKEN_NOT_FOUND");
    assert_eq!(theirs.get(&id).await["status"], "QUEUED");
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_counted() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(false).await;
    let first = desk.queue(11_000).await;
    let second = desk.queue(11_500).await;
    desk.step(Role::Manager, &first, "dismiss", json!({})).await;
    let ids = async |query: &str| -> Vec<String> {
        let list = desk.tenant.get(Role::Viewer, &desk.path(&format!("/actions{query}"))).await;
        assert_eq!(list.status, 200, "{}", list.body);
        let text = |action: &serde_json::Value| action["id"].as_str().unwrap().to_owned();
        list.data().as_array().unwrap().iter().map(text).collect()
    };
    assert_eq!(ids("").await, [second.clone(), first.clone()]);
    assert_eq!(ids("?sort=created_at").await, [first.clone(), second.clone()]);
    assert_eq!(ids("?status=queued").await, std::slice::from_ref(&second));
    assert_eq!(ids("?platform=google").await, Vec::<String>::new());
    assert_eq!(ids("?page=2&per_page=1").await, [first]);
    let wrong = desk.tenant.get(Role::Viewer, &desk.path("/actions?sort=name&status=odd")).await;
    assert_eq!(wrong.status, 422);

    let summary = desk.tenant.get(Role::Viewer, &desk.path("/actions/summary")).await;
    assert_eq!(summary.data()["total"], 2);
    assert_eq!(summary.data()["by_status"], json!({"QUEUED": 1, "DISMISSED": 1}));
    assert_eq!(
        (&summary.data()["approval_rate"], &summary.data()["success_rate"]),
        (&json!(0.0), &json!(null))
    );
    let status = desk.tenant.get(Role::Viewer, &desk.path("/status")).await;
    assert_eq!(status.status, 200, "{}", status.body);
    assert_eq!(status.data()["counts"]["queued"], 1);
    assert_eq!(status.data()["mode"], "APPROVAL_REQUIRED");
    assert_eq!(status.data()["mode_ceiling"], "GUARDED_AUTO");
}
