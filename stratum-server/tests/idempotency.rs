//! A request sent twice has its effect once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use axum::extract::FromRequest as _;
use common::TestServer;
use http::StatusCode;
use serde_json::{Value, json};
use stratum_core::id::TenantId;
use stratum_server::db::{Db, Scope};
use stratum_server::http::ApiError;
use stratum_server::http::idempotency::{Answer, IdempotencyKey, Keyed, run};
use stratum_server::realtime::Channel;

async fn key(key: &str, body: &str) -> Option<IdempotencyKey> {
    let request = http::Request::post("/api/v1/things")
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(axum::body::Body::from(body.to_owned()))
        .unwrap();
    Keyed::<Value>::from_request(request, &()).await.unwrap().key
}

/// Makes a source, which can be counted, and answers with its name.
async fn make(db: &Db, tenant: TenantId, with: Option<IdempotencyKey>) -> Result<Answer, ApiError> {
    run(db, &Scope::system(tenant), with, |tx| {
        Box::pin(async move {
            let (id, _) = stratum_server::auth::sources::create(tx, "made", "server".parse()?).await?;
            Answer::created(format!("/api/v1/things/{id}"), json!({ "id": id }))
        })
    })
    .await
}

async fn refuse(db: &Db, tenant: TenantId, with: Option<IdempotencyKey>) -> Result<Answer, ApiError> {
    run(db, &Scope::system(tenant), with, |tx| {
        Box::pin(async move {
            stratum_server::auth::sources::create(tx, "taken back", "server".parse()?).await?;
            tx.publish(Channel::Dashboard, "alert_raised", json!({}))?;
            Err(ApiError::conflict("CONFLICT", "it was there already"))
        })
    })
    .await
}

async fn sources(server: &TestServer) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM source").fetch_one(&mut server.owner().await).await.unwrap()
}

async fn shown(answer: Answer) -> (StatusCode, Option<String>, bool, Value) {
    let response = axum::response::IntoResponse::into_response(answer);
    let status = response.status();
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    let replayed = response.headers().contains_key("idempotency-replayed");
    let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
    (status, location, replayed, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_repetition_gets_the_same_answer_and_has_no_effect() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await.id;
    let db = &server.running.state.db;
    let first = shown(make(db, tenant, key("k", r#"{"a":1}"#).await).await.unwrap()).await;
    let again = shown(make(db, tenant, key("k", r#"{"a":1}"#).await).await.unwrap()).await;
    assert_eq!((first.0, first.2, again.2), (StatusCode::CREATED, false, true));
    assert_eq!((first.0, &first.1, &first.3), (again.0, &again.1, &again.3));
    assert_eq!(sources(&server).await, 1);

    let other = make(db, tenant, key("k", r#"{"a":2}"#).await).await.unwrap_err();
    assert_eq!((other.status(), other.code()), (StatusCode::CONFLICT, "IDEMPOTENCY_KEY_REUSED"));
    // Another tenant's key is another key, and after a day the key is free.
    let elsewhere = server.tenant("Other").await.id;
    assert!(!shown(make(db, elsewhere, key("k", r#"{"a":1}"#).await).await.unwrap()).await.2);
    server.clock.advance_ms(24 * 3_600_000 + 1);
    assert!(!shown(make(db, tenant, key("k", r#"{"a":2}"#).await).await.unwrap()).await.2);
    assert_eq!(sources(&server).await, 3);
}

#[tokio::test]
async fn a_refusal_is_stored_with_its_effects_taken_back() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await.id;
    let db = &server.running.state.db;
    for replayed in [false, true] {
        let answer = shown(refuse(db, tenant, key("k", "{}").await).await.unwrap()).await;
        assert_eq!((answer.0, answer.2), (StatusCode::CONFLICT, replayed));
        assert_eq!(answer.3["error"]["code"], "CONFLICT");
    }
    assert_eq!(sources(&server).await, 0);
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM event_outbox")
        .fetch_one(&mut server.owner().await)
        .await
        .unwrap();
    assert_eq!(events, 0, "what was taken back is not told");
}

#[tokio::test]
async fn of_many_at_once_one_has_the_effect() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await.id;
    let mut running = Vec::new();
    for _ in 0..16 {
        let (db, key) = (server.running.state.db.clone(), key("k", "{}").await);
        running.push(tokio::spawn(async move { make(&db, tenant, key).await }));
    }
    let mut made = 0;
    for task in running {
        match task.await.unwrap() {
            Ok(answer) => made += i32::from(!shown(answer).await.2),
            Err(error) => assert_eq!(error.code(), "IDEMPOTENCY_IN_PROGRESS"),
        }
    }
    assert_eq!((made, sources(&server).await), (1, 1));
}

#[tokio::test]
async fn a_key_that_cannot_be_printed_is_refused() {
    for bad in ["", "caf\u{e9}", &"k".repeat(129)] {
        let request = http::Request::post("/x")
            .header("content-type", "application/json")
            .header("idempotency-key", bad)
            .body(axum::body::Body::from("{}"))
            .unwrap();
        let error = Keyed::<Value>::from_request(request, &()).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn no_body_is_an_empty_one_and_another_type_is_refused() {
    let empty = http::Request::post("/x").body(axum::body::Body::empty()).unwrap();
    assert_eq!(Keyed::<Value>::from_request(empty, &()).await.unwrap().body, json!({}));
    let form = http::Request::post("/x").body(axum::body::Body::from("a=b")).unwrap();
    let error = Keyed::<Value>::from_request(form, &()).await.unwrap_err();
    assert_eq!(error.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
