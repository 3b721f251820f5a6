//! The client against a real sandbox on a real socket, and against sockets that behave badly.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use serde_json::json;
use stratum_autopilot::action::{BudgetKind, Change, EntityStatus};
use stratum_core::vocabulary::{EntityType, Platform};
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::*;
use crate::clock::Clock;
use crate::sandbox::{SandboxServer, SandboxService};

struct Scene {
    client: SandboxClient,
    service: Arc<SandboxService>,
    address: SocketAddr,
    _stop: DropGuard,
    _folder: TempDir,
}

impl Scene {
    /// A sandbox with one campaign at 100.00 a day.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let ledger = folder.path().join("ledger.jsonl");
        let server =
            SandboxServer::start(&ledger, "127.0.0.1:0".parse().unwrap(), Clock::default(), stop.clone())
                .await
                .unwrap();
        let timeouts = Timeouts { call: Duration::from_millis(700), ..Timeouts::default() };
        let client = SandboxClient::new(&format!("http://{}", server.address), timeouts).unwrap();
        let currency = "USD".parse().unwrap();
        client
            .put(&campaign(), &EntityValue::new(EntityStatus::Active, currency).daily_budget(10_000))
            .await
            .unwrap();
        Self {
            client,
            service: server.service,
            address: server.address,
            _stop: stop.drop_guard(),
            _folder: folder,
        }
    }

    async fn inject(&self, fault: serde_json::Value) {
        let url = format!("http://{}/faults", self.address);
        let sent = self.client.client.post(url).json(&json!({ "faults": [fault] })).send().await.unwrap();
        assert_eq!(sent.status(), 200);
    }

    async fn outcome(&self, key: ActionId) -> CallOutcome {
        self.client.outcome_of(&campaign(), key, Clock::default().now()).await.unwrap()
    }

    async fn shown(&self) -> Option<i64> {
        self.client.read(&campaign(), Clock::default().now()).await.unwrap().daily_budget_cents
    }
}

fn campaign() -> EntityRef {
    EntityRef {
        tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
        platform: Platform::Meta,
        entity_type: EntityType::Campaign,
        // Characters that would end a step of the path, were they not escaped.
        entity_id: "act/23 8512?x#y".to_owned(),
    }
}

fn raise(before_cents: i64, after_cents: i64) -> ChangeRequest {
    ChangeRequest {
        idempotency_key: ActionId::from_uuid(uuid::Uuid::now_v7()),
        entity: campaign(),
        change: Change::Budget {
            kind: BudgetKind::Daily,
            before_cents,
            after_cents,
            currency: "USD".parse().unwrap(),
        },
        not_after: Clock::default().now().plus_minutes(2),
    }
}

#[tokio::test]
async fn a_change_that_is_sent_twice_is_made_once_and_gets_the_same_receipt() {
    let scene = Scene::start().await;
    let change = raise(10_000, 12_000);
    let first = scene.client.send(&change).await.unwrap();
    let again = scene.client.send(&change).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(scene.service.accepted(), 1);
    assert_eq!(scene.shown().await, Some(12_000));
    assert_eq!(scene.outcome(change.idempotency_key).await, CallOutcome::Applied(first));
}

#[tokio::test]
async fn what_the_platform_says_arrives_with_its_code_and_its_numbers() {
    let scene = Scene::start().await;
    let stale = scene.client.send(&raise(9_000, 12_000)).await.unwrap_err();
    assert_eq!(stale.code, PlatformErrorCode::StateChanged);
    assert_eq!(stale.actual.unwrap().daily_budget_cents, Some(10_000));
    let small = scene.client.send(&raise(10_000, 1)).await.unwrap_err();
    assert_eq!(small.code, PlatformErrorCode::Refused);
    let late = ChangeRequest { not_after: Clock::default().now(), ..raise(10_000, 12_000) };
    assert_eq!(scene.client.send(&late).await.unwrap_err().code, PlatformErrorCode::DeadlinePassed);
    let mut elsewhere = raise(10_000, 12_000);
    elsewhere.entity.entity_id = "unknown".to_owned();
    assert_eq!(scene.client.send(&elsewhere).await.unwrap_err().code, PlatformErrorCode::NotFound);
    scene.inject(json!({"on": "APPLY", "effect": {"kind": "ERROR_BEFORE", "error": "RATE_LIMITED", "retry_after_ms": 1500}})).await;
    let limited = scene.client.send(&raise(10_000, 12_000)).await.unwrap_err();
    assert_eq!((limited.code, limited.retry_after_ms), (PlatformErrorCode::RateLimited, Some(1500)));
    assert_eq!(scene.service.accepted(), 0);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_leaves_the_outcome_open_and_the_platform_knows_it() {
    let scene = Scene::start().await;
    scene.inject(json!({"on": "APPLY", "delay_ms": 5000, "effect": {"kind": "SLOW"}})).await;
    let change = raise(10_000, 12_000);
    let error = scene.client.send(&change).await.unwrap_err();
    assert_eq!(error.code, PlatformErrorCode::Unknown);
    assert!(matches!(scene.outcome(change.idempotency_key).await, CallOutcome::Applied(_)));
}

#[tokio::test]
async fn an_error_before_and_an_answer_lost_look_alike_and_end_differently() {
    let scene = Scene::start().await;
    scene.inject(json!({"on": "APPLY", "effect": {"kind": "ERROR_BEFORE", "error": "UNKNOWN"}})).await;
    scene.inject(json!({"on": "APPLY", "effect": {"kind": "ANSWER_LOST"}})).await;
    let (nothing, done) = (raise(10_000, 12_000), raise(10_000, 13_000));
    assert_eq!(scene.client.send(&nothing).await.unwrap_err().code, PlatformErrorCode::Unknown);
    assert_eq!(scene.client.send(&done).await.unwrap_err().code, PlatformErrorCode::Unknown);
    assert_eq!(scene.outcome(nothing.idempotency_key).await, CallOutcome::NotSeen);
    assert!(matches!(scene.outcome(done.idempotency_key).await, CallOutcome::Applied(_)));
}

#[tokio::test]
async fn a_platform_that_is_not_there_has_certainly_done_nothing() {
    // Bound and dropped: nobody listens there now.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = SandboxClient::new(&format!("http://{free}"), Timeouts::default()).unwrap();
    let error = client.send(&raise(10_000, 12_000)).await.unwrap_err();
    assert_eq!(error.code, PlatformErrorCode::Unavailable);
    assert!(error.code.certainly_not_executed());
}

/// Listens once, reads the head of a request, and answers with these bytes.
fn answers_once(bytes: &'static [u8]) -> SandboxClient {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0_u8; 4096];
        let _ = stream.read(&mut head).unwrap();
        stream.write_all(bytes).unwrap();
    });
    SandboxClient::new(&format!("http://{address}"), Timeouts::default()).unwrap()
}

#[tokio::test]
async fn answers_that_say_nothing_clear_leave_the_outcome_open() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"data\":",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
    ] {
        let error = answers_once(bytes).send(&raise(10_000, 12_000)).await.unwrap_err();
        assert_eq!(error.code, PlatformErrorCode::Unknown, "{}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn an_address_that_is_no_platform_has_certainly_done_nothing() {
    for bytes in [
        &b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..],
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    ] {
        let error = answers_once(bytes).send(&raise(10_000, 12_000)).await.unwrap_err();
        assert_eq!(error.code, PlatformErrorCode::Unavailable);
    }
    assert!(SandboxClient::new("ftp://127.0.0.1", Timeouts::default()).is_err());
    assert!(SandboxClient::new("here", Timeouts::default()).is_err());
}
