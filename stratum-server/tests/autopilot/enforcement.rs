//! Limits, rules, checks and the log of interventions.

use serde_json::json;
use stratum_core::vocabulary::Role;

use crate::desk::Office;

#[tokio::test]
async fn settings_are_replaced_one_by_one_and_refused_all_at_once() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let path = desk.path("/enforcement/settings");
    let defaults = desk.tenant.get(Role::Viewer, &path).await;
    assert_eq!(defaults.data()["max_campaign_budget"], 10_000);
    assert_eq!(defaults.data()["default_mode"], "SOFT_BLOCK");
    assert_eq!(defaults.data()["daily_spend_limit_cents"], json!(null));
    assert_eq!(defaults.data()["updated_by"], json!(null));

    let body = json!({"max_campaign_budget": 500, "daily_spend_limit_cents": 90_000, "roas_threshold": 1.5});
    assert_eq!(desk.tenant.put(Role::Manager, &path, body.clone()).await.code(), "FORBIDDEN");
    let changed = desk.tenant.put(Role::Admin, &path, body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (&changed.data()["max_campaign_budget"], &changed.data()["roas_lookback_days"]),
        (&json!(500), &json!(7))
    );
    let cleared = desk.tenant.put(Role::Admin, &path, json!({"daily_spend_limit_cents": null})).await;
    assert_eq!(cleared.data()["daily_spend_limit_cents"], json!(null));
    assert_eq!(cleared.data()["roas_threshold"], 1.5);

    let wrong =
        json!({"max_campaign_budget": 0, "roas_lookback_days": 91, "pause_roas_frac": 2, "colour": 1});
    let refused = desk.tenant.put(Role::Admin, &path, wrong).await;
    assert_eq!(refused.details(), [("/colour".into(), "UNKNOWN_FIELD".into())]);
    let wrong = json!({"max_campaign_budget": 0, "roas_lookback_days": 91, "pause_roas_frac": 2});
    let mut paths: Vec<String> = desk
        .tenant
        .put(Role::Admin, &path, wrong)
        .await
        .details()
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    paths.sort();
    assert_eq!(paths, ["/max_campaign_budget", "/pause_roas_frac", "/roas_lookback_days"]);
    assert_eq!(desk.log().await.iter().filter(|entry| *entry == "SETTINGS_CHANGED").count(), 2);
}

#[tokio::test]
async fn a_rule_of_ones_own_adds_to_the_limit_of_its_type() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let rules = desk.path("/enforcement/rules");
    let rule = json!({"rule_id": "small-steps", "rule_type": "BUDGET_EXCEEDED", "threshold_value": 10_500, "enforcement_mode": "HARD_BLOCK"});
    let made = desk.tenant.post(Role::Admin, &rules, rule.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(desk.tenant.post(Role::Admin, &rules, rule).await.code(), "RULE_EXISTS");
    let body = desk.change("BUDGET_INCREASE", 11_000);
    let blocked = desk.tenant.post(Role::Manager, &desk.path("/actions"), body).await;
    assert_eq!(blocked.code(), "ENFORCEMENT_BLOCKED");
    assert_eq!(blocked.body["error"]["violations"][0]["rule_id"], "small-steps");

    let one = desk.path("/enforcement/rules/small-steps");
    let body = json!({"rule_type": "BUDGET_EXCEEDED", "threshold_value": 10_500, "enabled": false});
    let replaced = desk.tenant.put(Role::Admin, &one, body).await;
    assert_eq!(
        (&replaced.data()["enabled"], &replaced.data()["enforcement_mode"]),
        (&json!(false), &json!("SOFT_BLOCK"))
    );
    desk.queue(11_000).await;
    assert_eq!(desk.tenant.delete(Role::Admin, &one).await.status, 204);
    assert_eq!(desk.tenant.delete(Role::Admin, &one).await.status, 404);
    let missing = json!({"rule_type": "BUDGET_EXCEEDED", "threshold_value": 1});
    assert_eq!(desk.tenant.put(Role::Admin, &one, missing).await.code(), "NOT_FOUND");
    let odd = json!({"rule_id": "Small Steps", "rule_type": "BUDGET_EXCEEDED", "threshold_value": -1});
    let refused = desk.tenant.post(Role::Admin, &rules, odd).await;
    let mut paths: Vec<String> = refused.details().into_iter().map(|(path, _)| path).collect();
    paths.sort();
    assert_eq!(paths, ["/rule_id", "/threshold_value"]);
}

#[tokio::test]
async fn a_lower_tier_has_neither_rules_nor_guarded_automation() {
    let office = Office::open().await;
    let desk = office.desk().await;
    let mut owner = office.server.owner().await;
    sqlx::query("UPDATE tenant SET tier = 'STARTER' WHERE tenant_id = $1")
        .bind(desk.tenant.id.as_uuid())
        .execute(&mut owner)
        .await
        .unwrap();
    // Before the body is looked at.
    let rule = desk.tenant.post(Role::Admin, &desk.path("/enforcement/rules"), json!({})).await;
    assert_eq!((rule.status.as_u16(), rule.code()), (403, "TIER_REQUIRED"));
    let mode = desk.tenant.put(Role::Admin, &desk.path("/mode"), json!({"mode": "GUARDED_AUTO"})).await;
    assert_eq!((mode.status.as_u16(), mode.code()), (403, "TIER_REQUIRED"));
}

#[tokio::test]
async fn a_check_answers_without_any_effect_but_the_log() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let path = desk.path("/enforcement/check");
    let mut body = desk.change("BUDGET_INCREASE", 11_000);
    body.as_object_mut().unwrap().remove("reason");
    let allowed = desk.tenant.post(Role::Analyst, &path, body.clone()).await;
    assert_eq!(allowed.status, 200, "{}", allowed.body);
    assert_eq!(
        (&allowed.data()["allowed"], &allowed.data()["gate"]["decision"]),
        (&json!(true), &json!("PASS"))
    );
    assert_eq!(allowed.data()["violations"], json!([]));

    body["metrics"] = json!({"roas": 0.5});
    let poor = desk.tenant.post(Role::Analyst, &path, body.clone()).await;
    let types: Vec<&str> =
        poor.data()["violations"].as_array().unwrap().iter().map(|v| v["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["ROAS_BELOW_THRESHOLD", "CAMPAIGN_PAUSE_REQUIRED"]);
    assert_eq!(
        (&poor.data()["requires_confirmation"], &poor.data()["confirmation_token"]),
        (&json!(true), &json!(null))
    );

    // Only for an action is there a token, and the question must be about it.
    let id = desk.queue(13_000).await;
    body.as_object_mut().unwrap().remove("metrics");
    body["action_id"] = json!(id);
    let soft = desk.tenant.post(Role::Analyst, &path, body.clone()).await;
    assert!(soft.data()["confirmation_token"].is_string(), "{}", soft.body);
    body["action_type"] = json!("BUDGET_DECREASE");
    let other = desk.tenant.post(Role::Analyst, &path, body).await;
    assert_eq!(other.details(), [("/action_type".into(), "ACTION_MISMATCH".into())]);
    let list = desk.tenant.get(Role::Viewer, &desk.path("/actions")).await;
    assert_eq!(list.body["meta"]["total"], 1);
}

#[tokio::test]
async fn the_log_is_filtered_by_limit_intervention_and_entity() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    desk.queue(13_000).await;
    let log = async |query: &str| {
        let answer =
            desk.tenant.get(Role::Analyst, &desk.path(&format!("/enforcement/audit-log{query}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let queued = log("?intervention=queued").await;
    assert_eq!(queued["meta"]["total"], 1);
    let entry = &queued["data"][0];
    assert_eq!(entry["violations"][0]["limit"], 20);
    assert_eq!(entry["violations"][0]["actual"], 30);
    assert_eq!((&entry["enforcement_mode"], &entry["gate_decision"]), (&json!("SOFT_BLOCK"), &json!("PASS")));
    assert!(entry["health_score"].as_f64().unwrap() >= 70.0);
    assert_eq!(log("?violation_type=BUDGET_EXCEEDED").await["meta"]["total"], 2);
    assert_eq!(log("?violation_type=DAILY_SPEND_LIMIT").await["meta"]["total"], 0);
    assert_eq!(log("?entity_id=nothing").await["meta"]["total"], 0);
    assert_eq!(log(&format!("?entity_id={}", desk.campaign)).await["meta"]["total"], 2);
    // Without a filter the same entries are found by their numbers: newest first, every page, the true total.
    let all = log("?per_page=200").await;
    let total = all["meta"]["total"].as_u64().unwrap();
    let seqs = |page: &serde_json::Value| -> Vec<u64> {
        page["data"].as_array().unwrap().iter().map(|entry| entry["audit_seq"].as_u64().unwrap()).collect()
    };
    let every = seqs(&all);
    assert_eq!(every.len() as u64, total);
    assert!(total > 1 && every.is_sorted_by(|a, b| a > b), "{every:?}");
    assert_eq!(seqs(&log("?per_page=1&page=2").await), every[1..2]);
    assert_eq!(seqs(&log("?page=1000").await), Vec::<u64>::new());
    office.server.clock.advance_ms(2 * 24 * 3_600_000);
    assert_eq!(log("?days=1").await["meta"]["total"], 0);
    let wrong = desk.tenant.get(Role::Analyst, &desk.path("/enforcement/audit-log?days=366")).await;
    assert_eq!(wrong.status, 422);
    let viewer = desk.tenant.get(Role::Viewer, &desk.path("/enforcement/audit-log")).await;
    assert_eq!(viewer.code(), "FORBIDDEN");
}
