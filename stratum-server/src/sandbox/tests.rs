//! The ledger on disk, and what the HTTP side refuses.

use std::fs;
use std::path::Path;

use stratum_autopilot::action::{BudgetKind, Change, EntityStatus};
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, SandboxCall, SandboxEntity};
use stratum_autopilot::platform::{CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformErrorCode};
use stratum_core::id::ActionId;
use stratum_core::vocabulary::{EntityType, Platform};
use tokio_util::sync::CancellationToken;

use super::{SandboxServer, SandboxService};
use crate::clock::Clock;

fn campaign() -> EntityRef {
    EntityRef {
        tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
        platform: Platform::Google,
        entity_type: EntityType::Campaign,
        entity_id: "c-1".to_owned(),
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

fn open(ledger: &Path) -> SandboxService {
    let service = SandboxService::open(ledger, Clock::default()).unwrap();
    if service.entities().is_empty() {
        let value = EntityValue::new(EntityStatus::Active, "USD".parse().unwrap()).daily_budget(10_000);
        service.put(SandboxEntity::new(campaign(), value)).unwrap();
    }
    service
}

#[test]
fn a_sandbox_that_starts_again_shows_what_it_accepted_and_answers_old_keys() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("new/ledger.jsonl");
    let change = raise(10_000, 12_000);
    let service = open(&ledger);
    let receipt = service.apply(&change).result.unwrap();
    // The answer is lost, the change is not.
    let _ = service.inject([Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost)]);
    assert_eq!(service.apply(&raise(12_000, 13_000)).result.unwrap_err().code, PlatformErrorCode::Unknown);
    let before = service.ledger(|_| true);
    drop(service);

    let again = open(&ledger);
    assert_eq!(again.ledger(|_| true), before);
    assert_eq!(again.read(&campaign()).result.unwrap().daily_budget_cents, Some(13_000));
    assert_eq!(again.apply(&change).result.unwrap(), receipt);
    assert_eq!(again.outcome_of(change.idempotency_key).result.unwrap(), CallOutcome::Applied(receipt));
    assert_eq!(again.accepted(), 2);
}

#[test]
fn a_line_that_a_crash_cut_off_was_never_answered_and_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.jsonl");
    let (kept, lost) = (raise(10_000, 12_000), raise(12_000, 13_000));
    let service = open(&ledger);
    service.apply(&kept).result.unwrap();
    let whole = fs::read(&ledger).unwrap().len();
    service.apply(&lost).result.unwrap();
    drop(service);
    let text = fs::read(&ledger).unwrap();
    for cut in (whole..text.len()).step_by(9) {
        fs::write(&ledger, &text[..cut]).unwrap();
        let again = open(&ledger);
        assert_eq!(again.accepted(), 1, "cut at {cut}");
        assert_eq!(again.outcome_of(lost.idempotency_key).result.unwrap(), CallOutcome::NotSeen);
        drop(again);
        assert_eq!(fs::read(&ledger).unwrap().len(), whole);
    }
}

#[test]
fn a_damaged_line_stops_the_sandbox_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.jsonl");
    drop(open(&ledger));
    let mut text = fs::read_to_string(&ledger).unwrap();
    text.push_str("{\"kind\":\"ACCEPTED\"}\n");
    fs::write(&ledger, text).unwrap();
    let error = SandboxService::open(&ledger, Clock::default()).unwrap_err();
    assert!(error.to_string().starts_with("line 2 of the ledger"), "{error}");
}

#[test]
fn two_sandboxes_do_not_share_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.jsonl");
    let _first = open(&ledger);
    let error = SandboxService::open(&ledger, Clock::default()).unwrap_err();
    assert!(error.to_string().starts_with("another sandbox uses"), "{error}");
}

#[tokio::test]
async fn the_sandbox_refuses_every_address_but_loopback() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.jsonl");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let stop = CancellationToken::new();
        let error = SandboxServer::start(&ledger, address.parse().unwrap(), Clock::default(), stop)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("loopback only"), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_refused_with_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let ledger = folder.path().join("ledger.jsonl");
    let address = "127.0.0.1:0".parse().unwrap();
    let server = SandboxServer::start(&ledger, address, Clock::default(), stop.clone()).await.unwrap();
    let url = format!("http://{}/v1/changes", server.address);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<serde_json::Value>().await.unwrap())
    };
    let body = serde_json::json!({"entity": {"platform": "linkedin", "entity_type": "ADSET"}, "later": 1});
    let (status, answer) = send(client.post(&url).json(&body)).await;
    assert_eq!(status, 422);
    let paths: Vec<&str> =
        answer["error"]["details"].as_array().unwrap().iter().filter_map(|d| d["path"].as_str()).collect();
    for path in ["/entity/platform", "/entity/tenant_id", "/change", "/not_after", "/later"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
    let change = raise(1, 2);
    let body =
        super::ChangeBody { entity: change.entity, change: change.change, not_after: change.not_after };
    let (status, answer) = send(client.post(&url).json(&body)).await;
    assert_eq!((status, answer["error"]["details"][0]["code"].as_str()), (422, Some("REQUIRED")));
    let (status, answer) = send(client.get(format!("http://{}/nothing", server.address))).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (404, Some("NO_SUCH_ROUTE")));
    stop.cancel();
    server.ended().await;
}
