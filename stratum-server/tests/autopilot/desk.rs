//! A tenant with one campaign on META, a sandbox that has it too, and what people do at their desks.

use std::time::Duration;

use serde_json::{Value, json};
use stratum_autopilot::action::EntityStatus;
use stratum_autopilot::platform::sandbox::SandboxEntity;
use stratum_autopilot::platform::{EntityRef, EntityValue};
use stratum_core::Currency;
use stratum_core::vocabulary::{EntityType, Platform, Role};
use stratum_server::clock::Clock;
use stratum_server::sandbox::SandboxServer;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::common::{Answer, TestServer, TestTenant, Wishes};

/// What the campaign's daily budget is at first.
pub const BUDGET: i64 = 10_000;

/// A server and the platform that it applies changes to.
pub struct Office {
    pub server: TestServer,
    pub sandbox: SandboxServer,
    _dir: TempDir,
}

impl Office {
    pub async fn open() -> Self {
        let clock = Clock::default();
        let dir = tempfile::tempdir().unwrap();
        let sandbox = SandboxServer::start(
            &dir.path().join("ledger.jsonl"),
            "127.0.0.1:0".parse().unwrap(),
            clock.clone(),
            CancellationToken::new(),
        )
        .await
        .unwrap();
        let url = format!("http://{}", sandbox.address);
        let server = TestServer::on_platform(Wishes::default(), Some(url), clock).await;
        Self { server, sandbox, _dir: dir }
    }

    /// A tenant with a campaign that earns three times what it costs.
    pub async fn desk(&self) -> Desk<'_> {
        self.desk_with_return(300).await
    }

    /// A tenant with a campaign whose return is so many per cent.
    pub async fn desk_with_return(&self, roas_pct: i64) -> Desk<'_> {
        let tenant = self.server.tenant("Acme").await;
        let campaign = format!("c-{}", Uuid::now_v7().simple());
        let desk = Desk { office: self, tenant, campaign };
        desk.register(Platform::Meta, &desk.campaign, roas_pct).await;
        desk
    }
}

/// A tenant at work.
pub struct Desk<'o> {
    pub office: &'o Office,
    pub tenant: TestTenant<'o>,
    pub campaign: String,
}

impl Desk<'_> {
    /// Registers a campaign with a week of figures, which the platform shows too; `roas_pct` is its return in per cent.
    pub async fn register(&self, platform: Platform, campaign: &str, roas_pct: i64) {
        let value = EntityValue::new(EntityStatus::Active, Currency::USD).daily_budget(BUDGET);
        let entity = EntityRef { platform, entity_id: campaign.to_owned(), ..self.entity() };
        self.office.sandbox.service.put(SandboxEntity::new(entity, value)).unwrap();
        let new = json!({
            "name": "Spring", "platform": platform, "external_id": campaign, "ad_account_id": Uuid::now_v7(),
            "status": "ACTIVE", "daily_budget_cents": BUDGET,
        });
        let made = self.tenant.post(Role::Manager, "/api/v1/campaigns", new).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let id = made.data()["id"].as_str().unwrap().to_owned();
        let today = self.office.server.clock.now().to_chrono().date_naive();
        let days: Vec<Value> = (1..=7)
            .map(|ago| {
                json!({
                    "date": today - chrono::Days::new(ago), "impressions": 2000, "clicks": 100, "conversions": 10,
                    "spend_cents": 10_000, "revenue_cents": 100 * roas_pct, "reach_7d": 7000,
                })
            })
            .collect();
        let path = format!("/api/v1/campaigns/{id}/metrics");
        let stored = self.tenant.post(Role::Manager, &path, json!({ "metrics": days })).await;
        assert!(stored.status.is_success(), "{}", stored.body);
    }

    /// Lets the platform show a daily budget.
    pub fn show(&self, cents: i64) {
        let value = EntityValue::new(EntityStatus::Active, Currency::USD).daily_budget(cents);
        self.office.sandbox.service.put(SandboxEntity::new(self.entity(), value)).unwrap();
    }

    fn entity(&self) -> EntityRef {
        EntityRef {
            tenant_id: self.tenant.id,
            platform: Platform::Meta,
            entity_type: EntityType::Campaign,
            entity_id: self.campaign.clone(),
        }
    }

    /// What the platform shows.
    pub fn shown(&self) -> EntityValue {
        self.office.sandbox.service.read(&self.entity()).result.unwrap()
    }

    /// How many changes of this tenant the platform has accepted.
    pub fn accepted(&self) -> usize {
        self.office.sandbox.service.ledger(|entry| entry.entity.tenant_id == self.tenant.id).len()
    }

    /// Pushes signals with which META passes or is held (64.5), and evaluates.
    pub async fn health(&self, good: bool) {
        let evaluated = self.measure(Platform::Meta, if good { 9.0 } else { 1.0 }, true).await;
        assert_eq!(evaluated.data()["autopilot_allowed"], good, "{}", evaluated.body);
    }

    /// Pushes signals with which META is blocked, since nobody can sign in there, and evaluates.
    pub async fn outage(&self) {
        let evaluated = self.measure(Platform::Meta, 9.0, false).await;
        assert_eq!(evaluated.data()["autopilot_allowed"], false, "{}", evaluated.body);
    }

    /// Pushes signals of a platform that is well but for its EMQ and its credentials, and evaluates.
    pub async fn measure(&self, platform: Platform, emq_rating: f64, credentials: bool) -> Answer {
        // Once per platform in ten seconds on request.
        self.office.server.clock.advance_ms(11_000);
        let at = self.office.server.clock.now();
        let signal = |name: &str, value: f64| json!({"type": "METRIC", "name": name, "platform": platform, "value": value, "observed_at": at});
        let mut signals = vec![
            signal("emq_rating", emq_rating),
            signal("api_requests", 100.0),
            signal("api_failures", 0.0),
            signal("credentials_valid", if credentials { 1.0 } else { 0.0 }),
            signal("events_expected", 100.0),
            signal("events_received", 100.0),
            signal("sync_ok", 10.0),
            signal("records_total", 10.0),
            signal("records_valid", 10.0),
            signal("records_complete", 10.0),
        ];
        signals
            .push(json!({"type": "EVENT", "name": "platform_data", "platform": platform, "observed_at": at}));
        let pushed = self
            .tenant
            .post(Role::Manager, &self.tenant.path("/signals"), json!({ "signals": signals }))
            .await;
        assert_eq!(pushed.data()["rejected"], 0, "{}", pushed.body);
        let path = self.tenant.path("/signal-health/evaluate");
        let evaluated = self.tenant.post(Role::Manager, &path, json!({ "platform": platform })).await;
        assert_eq!(evaluated.status, 200, "{}", evaluated.body);
        evaluated
    }

    /// The path of an operation on actions.
    pub fn path(&self, rest: &str) -> String {
        self.tenant.path(&format!("/autopilot{rest}"))
    }

    /// A change of the campaign's daily budget.
    pub fn change(&self, action_type: &str, after_cents: i64) -> Value {
        json!({
            "action_type": action_type, "platform": "META", "entity_type": "CAMPAIGN", "entity_id": self.campaign,
            "proposed_value": {"after_cents": after_cents}, "reason": "a test",
        })
    }

    /// Queues a rise of the budget and gives its id.
    pub async fn queue(&self, after_cents: i64) -> String {
        let body = self.change("BUDGET_INCREASE", after_cents);
        let queued = self.tenant.post(Role::Manager, &self.path("/actions"), body).await;
        assert_eq!(queued.status, 201, "{}", queued.body);
        queued.data()["id"].as_str().unwrap().to_owned()
    }

    pub async fn step(&self, role: Role, id: &str, step: &str, body: Value) -> Answer {
        self.tenant.post(role, &self.path(&format!("/actions/{id}/{step}")), body).await
    }

    pub async fn approve(&self, id: &str) -> Answer {
        self.step(Role::Manager, id, "approve", json!({})).await
    }

    pub async fn get(&self, id: &str) -> Value {
        self.tenant.get(Role::Viewer, &self.path(&format!("/actions/{id}"))).await.data().clone()
    }

    pub async fn settings(&self, body: Value) {
        let changed = self.tenant.put(Role::Admin, &self.path("/enforcement/settings"), body).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }

    /// The interventions of a kind, newest first, as the log shows them.
    pub async fn logged(&self, intervention: &str) -> Vec<Value> {
        let path = self.path(&format!("/enforcement/audit-log?per_page=200&intervention={intervention}"));
        let log = self.tenant.get(Role::Analyst, &path).await;
        assert_eq!(log.status, 200, "{}", log.body);
        log.data().as_array().unwrap().clone()
    }

    /// The interventions about the tenant, newest first.
    pub async fn log(&self) -> Vec<String> {
        let path = self.path("/enforcement/audit-log?per_page=200");
        let log = self.tenant.get(Role::Analyst, &path).await;
        assert_eq!(log.status, 200, "{}", log.body);
        let text = |entry: &Value| entry["intervention_action"].as_str().unwrap().to_owned();
        log.data().as_array().unwrap().iter().map(text).collect()
    }

    /// The action once its field has this value; panics when that does not come about.
    pub async fn until(&self, id: &str, field: &str, value: &str) -> Value {
        self.once(id, |action| action[field] == value).await
    }

    /// The action once it is applied or has failed.
    pub async fn until_ended(&self, id: &str) -> Value {
        self.once(id, |action| action["status"] == "APPLIED" || action["status"] == "FAILED").await
    }

    /// Waits until the action was claimed and the platform has dealt with its script of faults.
    pub async fn until_attempted(&self, id: &str) -> Value {
        let service = &self.office.sandbox.service;
        self.once(id, |action| action["attempts"] != 0 && service.faults().is_empty()).await
    }

    /// The action once this holds of it; panics when that does not come about.
    pub async fn once(&self, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        for _ in 0..600 {
            seen = self.get(id).await;
            if holds(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it did not come about: {seen:#}");
    }
}
