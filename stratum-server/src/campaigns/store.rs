//! The rows of campaigns, their entities and daily figures.

use sqlx::Row as _;
use stratum_core::vocabulary::{EntityType, Platform};
use stratum_core::{Currency, Timestamp};
use uuid::Uuid;

use super::wire::{Campaign, CampaignStatus, DayInput, NewCampaign};
use crate::db::{TenantTx, constraint_of};
use crate::http::ApiError;
use crate::tenant::parse;

/// Registers a campaign, and the entity that actions on it change.
///
/// # Errors
/// 409 `EXTERNAL_ID_TAKEN`, or the database's.
pub async fn create(tx: &mut TenantTx, new: &NewCampaign) -> Result<Campaign, ApiError> {
    let currency: String = sqlx::query_scalar("SELECT currency FROM tenant").fetch_one(&mut **tx).await?;
    let currency = new.currency.map_or_else(|| parse::<Currency>(&currency), Ok)?;
    let status = new.status.unwrap_or(CampaignStatus::Draft);
    let id = Uuid::now_v7();
    let now = tx.now();
    sqlx::query(
        "INSERT INTO campaign (tenant_id, campaign_id, platform, external_id, ad_account_id, name, status, objective,
                               labels, currency, start_date, end_date, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(id)
    .bind(new.platform.as_str())
    .bind(&new.external_id)
    .bind(new.ad_account_id)
    .bind(new.name.trim())
    .bind(status.as_str())
    .bind(new.objective.map(|objective| objective.as_str()))
    .bind(&new.labels)
    .bind(currency.as_str())
    .bind(new.start_date)
    .bind(new.end_date)
    .bind(now.to_chrono())
    .execute(&mut **tx)
    .await
    .map_err(|error| match constraint_of(&error) {
        Some("campaign_tenant_id_platform_external_id_key") => {
            ApiError::conflict("EXTERNAL_ID_TAKEN", "this campaign is registered already")
        }
        _ => error.into(),
    })?;
    let delivering = match status {
        CampaignStatus::Active => Some("ACTIVE"),
        CampaignStatus::Paused => Some("PAUSED"),
        CampaignStatus::Draft | CampaignStatus::Completed | CampaignStatus::Archived => None,
    };
    sqlx::query(
        "INSERT INTO entity (tenant_id, platform, entity_type, entity_id, campaign_id, name, status,
                             daily_budget_cents, lifetime_budget_cents, updated_at)
         VALUES ($1, $2, 'CAMPAIGN', $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(new.platform.as_str())
    .bind(&new.external_id)
    .bind(id)
    .bind(new.name.trim())
    .bind(delivering)
    .bind(new.daily_budget_cents)
    .bind(new.lifetime_budget_cents)
    .bind(now.to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok(Campaign {
        id,
        name: new.name.trim().to_owned(),
        platform: new.platform,
        external_id: new.external_id.clone(),
        ad_account_id: new.ad_account_id,
        status,
        objective: new.objective,
        daily_budget_cents: new.daily_budget_cents,
        lifetime_budget_cents: new.lifetime_budget_cents,
        currency,
        start_date: new.start_date,
        end_date: new.end_date,
        labels: new.labels.clone(),
        created_at: now,
    })
}

/// The platform and external id of a campaign.
///
/// # Errors
/// 404 where there is none, or the database's.
pub async fn find(tx: &mut TenantTx, campaign: Uuid) -> Result<(Platform, String), ApiError> {
    let row = sqlx::query("SELECT platform, external_id FROM campaign WHERE campaign_id = $1")
        .bind(campaign)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| ApiError::not_found("campaign"))?;
    Ok((parse(&row.try_get::<String, _>("platform")?)?, row.try_get("external_id")?))
}

/// Makes an ad set or creative of a campaign known; one that is known stays as it is.
///
/// # Errors
/// The database's.
pub async fn ensure_entity(
    tx: &mut TenantTx,
    campaign: Uuid,
    platform: Platform,
    entity_type: EntityType,
    entity_id: &str,
) -> Result<(), ApiError> {
    sqlx::query(
        "INSERT INTO entity (tenant_id, platform, entity_type, entity_id, campaign_id, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(platform.as_str())
    .bind(entity_type.as_str())
    .bind(entity_id)
    .bind(campaign)
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores daily figures; a day that is there already is replaced.
///
/// # Errors
/// The database's.
pub async fn upsert_days(
    tx: &mut TenantTx,
    campaign: Uuid,
    entity_type: EntityType,
    entity_id: &str,
    days: &[DayInput],
    stored_at: Timestamp,
) -> Result<(), ApiError> {
    let column = |of: fn(&DayInput) -> i64| days.iter().map(of).collect::<Vec<_>>();
    let optional = |of: fn(&DayInput) -> Option<i64>| days.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO daily_metric (tenant_id, campaign_id, entity_type, entity_id, day, impressions, clicks,
                                   conversions, spend_cents, revenue_cents, ga4_revenue_cents, ga4_conversions,
                                   reach_7d, stored_at)
         SELECT $1, $2, $3, $4, d.*, $5
         FROM UNNEST($6::date[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
                     $12::bigint[], $13::bigint[], $14::bigint[]) AS d
         ON CONFLICT (tenant_id, campaign_id, entity_type, entity_id, day) DO UPDATE
         SET impressions = excluded.impressions, clicks = excluded.clicks, conversions = excluded.conversions,
             spend_cents = excluded.spend_cents, revenue_cents = excluded.revenue_cents,
             ga4_revenue_cents = excluded.ga4_revenue_cents, ga4_conversions = excluded.ga4_conversions,
             reach_7d = excluded.reach_7d, stored_at = excluded.stored_at",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(campaign)
    .bind(entity_type.as_str())
    .bind(entity_id)
    .bind(stored_at.to_chrono())
    .bind(days.iter().map(|day| day.date).collect::<Vec<_>>())
    .bind(column(|day| day.impressions))
    .bind(column(|day| day.clicks))
    .bind(column(|day| day.conversions))
    .bind(column(|day| day.spend_cents))
    .bind(column(|day| day.revenue_cents))
    .bind(optional(|day| day.ga4_revenue_cents))
    .bind(optional(|day| day.ga4_conversions))
    .bind(optional(|day| day.reach_7d))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
