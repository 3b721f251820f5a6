//! Every way in which a confirmation token is refused.

use serde_json::{Value, json};
use stratum_core::vocabulary::Role;

use crate::common::Answer;
use crate::desk::{Desk, Office};

/// A raise of 30 %, where 20 % are allowed, and the token that its approval asks to be confirmed.
async fn soft_blocked(desk: &Desk<'_>) -> (String, Value) {
    desk.health(true).await;
    let id = desk.queue(13_000).await;
    let token = desk.approve(&id).await.body["error"]["confirmation_token"].clone();
    assert!(token.is_string(), "{token}");
    (id, token)
}

async fn confirm(desk: &Desk<'_>, token: &Value) -> Answer {
    let body = json!({"confirmation_token": token, "override_reason": "the sale begins tomorrow"});
    desk.tenant.post(Role::Manager, &desk.path("/enforcement/confirm"), body).await
}

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{}", answer.body);
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_not_found() {
    let office = Office::open().await;
    let desk = office.desk().await;
    for token in ["", "a token", "0", &"zz".repeat(32), &"00".repeat(32)] {
        assert_refused(&confirm(&desk, &json!(token)).await, 404, "TOKEN_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_token_is_good_once_and_for_an_hour() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let (id, token) = soft_blocked(&desk).await;
    office.server.clock.advance_ms(60 * 60_000 - 15_000);
    // The signals are still those that the token was issued on: fresh ones, so that the hour alone counts.
    desk.health(true).await;
    assert_eq!(confirm(&desk, &token).await.status, 200);
    assert_refused(&confirm(&desk, &token).await, 409, "TOKEN_USED");

    let other = desk.approve(&id).await.body["error"]["confirmation_token"].clone();
    office.server.clock.advance_ms(60 * 60_000);
    desk.health(true).await;
    assert_refused(&confirm(&desk, &other).await, 410, "CONFIRMATION_EXPIRED");
}

#[tokio::test]
async fn a_confirmation_serves_an_approval_for_a_quarter_of_an_hour() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let (id, token) = soft_blocked(&desk).await;
    assert_eq!(confirm(&desk, &token).await.status, 200);
    let approve = json!({ "confirmation_token": token });
    office.server.clock.advance_ms(15 * 60_000);
    let late = desk.step(Role::Manager, &id, "approve", approve).await;
    assert_refused(&late, 409, "ENFORCEMENT_CONFIRMATION_REQUIRED");
    // Of another action it is no use at all.
    let (second, _) = soft_blocked(&desk).await;
    let fresh = desk.approve(&id).await.body["error"]["confirmation_token"].clone();
    assert_eq!(confirm(&desk, &fresh).await.status, 200);
    let approve = json!({ "confirmation_token": fresh });
    let stolen = desk.step(Role::Manager, &second, "approve", approve.clone()).await;
    assert_refused(&stolen, 409, "ENFORCEMENT_CONFIRMATION_REQUIRED");
    assert_eq!(desk.step(Role::Manager, &id, "approve", approve).await.status, 200);
}

#[tokio::test]
async fn a_violation_that_came_since_asks_for_another_token() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let (_, token) = soft_blocked(&desk).await;
    desk.settings(json!({"daily_spend_limit_cents": 10_000})).await;
    let refused = confirm(&desk, &token).await;
    assert_refused(&refused, 409, "NEW_VIOLATION");
    let another = refused.body["error"]["confirmation_token"].clone();
    assert!(refused.details().contains(&("/confirmation_token".into(), "CONFIRMATION_TOKEN".into())));
    assert_ne!(another, token);
    assert_eq!(confirm(&desk, &another).await.status, 200);
}

#[tokio::test]
async fn a_limit_that_became_hard_cannot_be_confirmed() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let (_, token) = soft_blocked(&desk).await;
    desk.settings(json!({"default_mode": "HARD_BLOCK"})).await;
    assert_refused(&confirm(&desk, &token).await, 403, "ENFORCEMENT_BLOCKED");
    assert_eq!(desk.logged("BLOCKED").await.len(), 1);
}

#[tokio::test]
async fn no_confirmation_softens_the_gate() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let (_, token) = soft_blocked(&desk).await;
    desk.health(false).await;
    assert_refused(&confirm(&desk, &token).await, 409, "GATE_NOT_PASSED");
    // It was not used up by that.
    desk.health(true).await;
    assert_eq!(confirm(&desk, &token).await.status, 200);
}

#[tokio::test]
async fn the_reason_of_a_confirmation_has_ten_to_a_thousand_characters() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let (_, token) = soft_blocked(&desk).await;
    for reason in ["too short", &"x".repeat(1001)] {
        let body = json!({"confirmation_token": token, "override_reason": reason});
        let refused = desk.tenant.post(Role::Manager, &desk.path("/enforcement/confirm"), body).await;
        assert_refused(&refused, 422, "VALIDATION_ERROR");
        assert_eq!(refused.details(), [("/override_reason".into(), "LENGTH".into())]);
    }
    let analyst = json!({"confirmation_token": token, "override_reason": "the sale begins tomorrow"});
    let refused = desk.tenant.post(Role::Analyst, &desk.path("/enforcement/confirm"), analyst).await;
    assert_refused(&refused, 403, "FORBIDDEN");
}
