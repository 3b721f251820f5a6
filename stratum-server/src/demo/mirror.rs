//! Shows the demo's campaigns to the sandbox platform, as their owner would in the platform's own interface.

use sqlx::Row as _;
use stratum_autopilot::action::EntityStatus;
use stratum_autopilot::platform::{AdPlatform as _, EntityRef, EntityValue, PlatformErrorCode};
use stratum_core::id::TenantId;
use stratum_core::vocabulary::EntityType;

use crate::db::{Db, Scope};
use crate::http::ApiError;
use crate::platforms::SandboxClient;
use crate::tenant::parse;

/// Adds every campaign that the sandbox does not have with the budget and status that the database has. One that it has
/// stays as it is: the platform is right about what it shows.
///
/// # Errors
/// The database's, or the sandbox's when it could not be asked.
pub async fn mirror(db: &Db, tenant: TenantId, sandbox: &SandboxClient) -> anyhow::Result<usize> {
    let mut added = 0_usize;
    let now = db.clock().now();
    for (entity, value) in entities(db, tenant).await? {
        match sandbox.read(&entity, now).await {
            Ok(_) => {}
            Err(error) if error.code == PlatformErrorCode::NotFound => {
                sandbox.put(&entity, &value).await?;
                added = added.saturating_add(1);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(added)
}

async fn entities(db: &Db, tenant: TenantId) -> Result<Vec<(EntityRef, EntityValue)>, ApiError> {
    db.tenant_read(&Scope::system(tenant), move |tx| {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT e.platform, e.entity_type, e.entity_id, e.status, e.daily_budget_cents,
                        e.lifetime_budget_cents, e.bid_cents, c.currency
                 FROM entity e JOIN campaign c USING (tenant_id, campaign_id)
                 ORDER BY e.platform, e.entity_type, e.entity_id",
            )
            .fetch_all(&mut **tx)
            .await?;
            rows.iter()
                .map(|row| {
                    let entity = EntityRef {
                        tenant_id: tenant,
                        platform: parse(&row.try_get::<String, _>("platform")?)?,
                        entity_type: parse::<EntityType>(&row.try_get::<String, _>("entity_type")?)?,
                        entity_id: row.try_get("entity_id")?,
                    };
                    let status: Option<String> = row.try_get("status")?;
                    let status =
                        status.map_or(Ok(EntityStatus::Paused), |status| parse::<EntityStatus>(&status))?;
                    let mut value = EntityValue::new(status, parse(&row.try_get::<String, _>("currency")?)?);
                    value.daily_budget_cents = row.try_get("daily_budget_cents")?;
                    value.lifetime_budget_cents = row.try_get("lifetime_budget_cents")?;
                    value.bid_cents = row.try_get("bid_cents")?;
                    Ok((entity, value))
                })
                .collect()
        })
    })
    .await
}
