//! One slow platform does not keep the others waiting.

use serde_json::{Value, json};
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, SandboxCall};
use stratum_core::vocabulary::{Platform, Role};

use crate::desk::Office;

/// A quarter of the sixteen calls that a process has under way at most.
const CALLS_TO_ONE_PLATFORM: usize = 4;

#[tokio::test]
async fn a_slow_platform_holds_a_quarter_of_the_calls_and_another_platform_goes_on() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.settings(json!({"min_hours_between_changes": 0, "max_changes_per_day": 1000})).await;
    let mut slow = Vec::new();
    for number in 0..CALLS_TO_ONE_PLATFORM * 2 {
        let campaign = format!("slow-{number}-{}", desk.campaign);
        desk.register(Platform::Meta, &campaign, 300).await;
        slow.push((Platform::Meta, campaign));
    }
    let swift = (Platform::Google, format!("swift-{}", desk.campaign));
    desk.register(swift.0, &swift.1, 300).await;
    desk.measure(Platform::Google, 9.0, true).await;
    desk.health(true).await;

    let lower = async |(platform, campaign): &(Platform, String)| {
        let mut body = desk.change("BUDGET_DECREASE", 9_000);
        (body["platform"], body["entity_id"]) = (json!(platform), json!(campaign));
        let queued = desk.tenant.post(Role::Manager, &desk.path("/actions"), body).await;
        assert_eq!(queued.status, 201, "{}", queued.body);
        let id = queued.data()["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.approve(&id).await.status, 200);
        id
    };
    let faults = u32::try_from(CALLS_TO_ONE_PLATFORM).unwrap();
    let delay = Fault::next(SandboxCall::Apply, FaultEffect::Slow).times(faults).delay(3_000);
    let _ = office.sandbox.service.inject([delay]);
    let mut ids = Vec::new();
    for campaign in &slow {
        ids.push(lower(campaign).await);
    }
    let swift = lower(&swift).await;
    desk.until(&swift, "status", "APPLIED").await;
    for id in &ids {
        desk.until(id, "status", "APPLIED").await;
    }

    // Whatever the time that it took: the chain tells how many calls to the slow platform were under way at once.
    let mut log: Vec<Value> = desk.logged("INTENT").await;
    log.extend(desk.logged("APPLIED").await);
    log.retain(|entry| ids.iter().any(|id| entry["action_id"] == *id));
    log.sort_by_key(|entry| entry["audit_seq"].as_u64());
    assert_eq!(log.len(), ids.len() * 2);
    let (mut under_way, mut most) = (0_usize, 0);
    for entry in &log {
        under_way = if entry["intervention_action"] == "INTENT" { under_way + 1 } else { under_way - 1 };
        most = most.max(under_way);
    }
    assert!((1..=CALLS_TO_ONE_PLATFORM).contains(&most), "{most} calls at once");
}
