//! `POST /campaigns` and `POST /campaigns/{id}/metrics`.

use axum::extract::State;
use stratum_autopilot::audit::AuditAction;
use stratum_core::vocabulary::EntityType;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store;
use super::wire::{Campaign, MetricsBody, NewCampaign, Upserted};
use crate::audit;
use crate::auth::Caller;
use crate::health;
use crate::http::{ApiError, Created, Data, Json, Path};
use crate::state::AppState;

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(upsert_metrics))
}

/// Registers a campaign record by hand.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", request_body = NewCampaign,
    responses((status = 201, body = inline(Data<Campaign>))), security(("bearer" = [])))]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Json(new): Json<NewCampaign>,
) -> Result<Created<Campaign>, ApiError> {
    new.check()?;
    let campaign = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let campaign = store::create(tx, &new).await?;
                health::request_evaluation(tx, [new.platform]).await?;
                let entry =
                    audit::entry(tx, AuditAction::Create, "campaign").resource_id(campaign.id.to_string());
                audit::append(tx, entry).await?;
                Ok(campaign)
            })
        })
        .await?;
    Ok(Created { location: format!("/api/v1/campaigns/{}", campaign.id), data: campaign })
}

/// Upserts daily figures (import, connectors, tests); a row of today is partial until the day ends.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/metrics", tag = "campaigns", request_body = MetricsBody,
    params(("id" = Uuid, Path)), responses((status = 200, body = inline(Data<Upserted>))), security(("bearer" = [])))]
async fn upsert_metrics(
    State(state): State<AppState>,
    caller: Caller,
    Path(campaign): Path<Uuid>,
    Json(body): Json<MetricsBody>,
) -> Result<Data<Upserted>, ApiError> {
    body.check()?;
    let upserted = body.metrics.len();
    state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let (platform, external_id) = store::find(tx, campaign).await?;
                let entity_type = body.entity_type.unwrap_or(EntityType::Campaign);
                let entity_id = body.entity_id.unwrap_or(external_id);
                if entity_type != EntityType::Campaign {
                    store::ensure_entity(tx, campaign, platform, entity_type, &entity_id).await?;
                }
                let now = tx.now();
                store::upsert_days(tx, campaign, entity_type, &entity_id, &body.metrics, now).await?;
                health::request_evaluation(tx, [platform]).await
            })
        })
        .await?;
    Ok(Data { data: Upserted { upserted } })
}
