//! Makes the demo tenant, once.

use chrono::{Days, NaiveDate};
use sqlx::Row as _;
use sqlx::types::Json;
use stratum_autopilot::audit::AuditAction;
use stratum_core::Timestamp;
use stratum_core::id::{ActionId, TenantId};
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{EntityType, HealthComponent, HealthPreset, Platform};
use uuid::Uuid;

use super::metrics::CAMPAIGNS;
use super::story::{DAYS, Story};
use super::{accounts, actions, feed, history};
use crate::audit;
use crate::campaigns::store as campaigns;
use crate::campaigns::wire::{CampaignStatus, NewCampaign};
use crate::clock::instant;
use crate::db::{Db, Scope, TenantTx};
use crate::health::{Trigger, evaluate_platform};
use crate::http::ApiError;
use crate::tenant::{self, NewTenant, Tier};

/// The id of the demo tenant, the same in every database, so that what is written about it stays true.
pub(super) const TENANT: TenantId =
    TenantId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_de30));

/// The demo tenant of a database.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// Its id.
    pub tenant: TenantId,
    /// When it was made.
    pub anchor: Timestamp,
    /// Whether it was made just now.
    pub is_new: bool,
    /// A budget increase that the gate holds.
    pub held: ActionId,
    /// One that it passes.
    pub passing: ActionId,
}

/// Finds the demo tenant, or makes it: all of it or nothing. Either way its signals are fresh and something waits for
/// approval afterwards.
///
/// # Errors
/// The database's.
pub async fn ensure(db: &Db) -> anyhow::Result<Demo> {
    let made = made_at(db).await?;
    let password_hash = match made {
        None => Some(accounts::password_hash().await?),
        Some(_) => None,
    };
    let demo = db
        .tenant_tx(&Scope::system(TENANT), move |tx| {
            Box::pin(async move {
                let anchor = made.unwrap_or_else(|| tx.now());
                let story = Story { anchor };
                if let Some(password_hash) = &password_hash {
                    create(tx, &story, password_hash).await?;
                }
                let (held, passing) = wake(tx, &story).await?;
                Ok(Demo { tenant: TENANT, anchor, is_new: password_hash.is_some(), held, passing })
            })
        })
        .await?;
    Ok(demo)
}

/// Measures and evaluates the present, so that the first question after a start has an answer, and queues what is missing.
async fn wake(tx: &mut TenantTx, story: &Story) -> Result<(ActionId, ActionId), ApiError> {
    fill_days(tx, story).await?;
    let now = tx.now();
    feed::write(tx, story, &[(now.plus_minutes(-1), now)]).await?;
    for &platform in Platform::ALL {
        evaluate_platform(tx, platform, Trigger::Request).await?;
    }
    let manager = accounts::manager(tx).await?;
    actions::queue_present(tx, manager).await
}

/// When the demo tenant was made, if it was.
async fn made_at(db: &Db) -> Result<Option<Timestamp>, ApiError> {
    db.tenant_read(&Scope::system(TENANT), |tx| {
        Box::pin(async move {
            let row = sqlx::query("SELECT created_at FROM tenant").fetch_optional(&mut **tx).await?;
            row.map(|row| instant(row.try_get("created_at")?)).transpose()
        })
    })
    .await
}

async fn create(tx: &mut TenantTx, story: &Story, password_hash: &str) -> Result<(), ApiError> {
    let new = NewTenant {
        name: "Demo".to_owned(),
        slug: "demo".to_owned(),
        tier: Tier::Enterprise,
        currency: "USD".to_owned(),
        timezone: "UTC".to_owned(),
    };
    tenant::create(tx, &new).await?;
    accounts::create(tx, password_hash).await?;
    let policy = policy();
    set_policy(tx, &policy).await?;
    register_campaigns(tx).await?;
    fill_days(tx, story).await?;
    history::write(tx, story, &policy.compile()?).await?;
    let manager = accounts::manager(tx).await?;
    actions::write_past(tx, story, manager).await?;
    let last_day: Vec<(Timestamp, Timestamp)> = (0..24_i64)
        .map(|hour| {
            let to = story.anchor.plus_hours(hour.saturating_neg()).plus_minutes(-1);
            (to.plus_hours(-1), to)
        })
        .collect();
    feed::write(tx, story, &last_day).await?;
    let entry = audit::entry(tx, AuditAction::Create, "tenant")
        .resource_id(TENANT)
        .reason("the demo tenant, with generated data");
    audit::append(tx, entry).await?;
    Ok(())
}

/// The demo weighs all that its story touches; EMQ, with 30, is the one component that the gate requires.
pub(super) fn policy() -> TrustPolicy {
    TrustPolicy {
        weights: Some(
            [
                (HealthComponent::Emq, 30.0),
                (HealthComponent::EventLoss, 20.0),
                (HealthComponent::Freshness, 15.0),
                (HealthComponent::Variance, 15.0),
                (HealthComponent::Anomaly, 10.0),
                (HealthComponent::ApiHealth, 10.0),
            ]
            .into(),
        ),
        ..TrustPolicy::with_preset(HealthPreset::Custom)
    }
}

async fn set_policy(tx: &mut TenantTx, policy: &TrustPolicy) -> Result<(), ApiError> {
    sqlx::query("INSERT INTO trust_settings (tenant_id, policy, updated_at) VALUES ($1, $2, $3)")
        .bind(tx.scope().tenant.as_uuid())
        .bind(Json(policy))
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn register_campaigns(tx: &mut TenantTx) -> Result<(), ApiError> {
    let today = tx.now().utc_date();
    for (number, spec) in (1_u128..).zip(&CAMPAIGNS) {
        let new = NewCampaign {
            name: spec.name.to_owned(),
            platform: spec.platform,
            external_id: spec.external_id.to_owned(),
            ad_account_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_acc0 | number),
            status: Some(CampaignStatus::Active),
            objective: Some(spec.objective),
            daily_budget_cents: Some(spec.budget_cents),
            lifetime_budget_cents: None,
            currency: None,
            start_date: today.checked_sub_days(Days::new(DAYS.unsigned_abs())),
            end_date: None,
            labels: vec!["demo".to_owned()],
        };
        campaigns::create(tx, &new).await?;
    }
    Ok(())
}

/// Adds the figures of every complete day that is not there yet.
///
/// # Errors
/// The database's.
pub(super) async fn fill_days(tx: &mut TenantTx, story: &Story) -> Result<(), ApiError> {
    let today = tx.now().utc_date();
    let first = story.anchor.plus_hours(DAYS.saturating_mul(-24)).utc_date();
    let rows = sqlx::query(
        "SELECT c.campaign_id, c.external_id, c.platform, max(m.day) AS newest
         FROM campaign c LEFT JOIN daily_metric m USING (tenant_id, campaign_id)
         GROUP BY c.campaign_id, c.external_id, c.platform",
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let (external_id, platform): (String, String) =
            (row.try_get("external_id")?, row.try_get("platform")?);
        let Some(spec) = CAMPAIGNS
            .iter()
            .find(|spec| spec.external_id == external_id && spec.platform.as_str() == platform)
        else {
            // Somebody added a campaign to play with.
            continue;
        };
        let newest: Option<NaiveDate> = row.try_get("newest")?;
        let from = newest.and_then(|day| day.succ_opt()).unwrap_or(first);
        let days = from
            .iter_days()
            .take_while(|day| *day < today)
            .map(|day| story.day(spec, day))
            .collect::<Result<Vec<_>, _>>()?;
        if !days.is_empty() {
            let campaign = row.try_get("campaign_id")?;
            let now = tx.now();
            campaigns::upsert_days(tx, campaign, EntityType::Campaign, &external_id, &days, now).await?;
        }
    }
    Ok(())
}
