//! What is stored of the thing that an action changes.

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use stratum_autopilot::action::{BudgetKind, EntityStatus, ProposedChange};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};

use crate::db::TenantTx;
use crate::http::ApiError;
use crate::tenant::parse;

/// A campaign, ad set or creative as it was synchronised last.
#[derive(Debug, Clone)]
pub struct KnownEntity {
    /// Where it is.
    pub platform: Platform,
    /// Its name.
    pub name: Option<String>,
    status: Option<EntityStatus>,
    daily_budget_cents: Option<i64>,
    lifetime_budget_cents: Option<i64>,
    bid_cents: Option<i64>,
}

/// What a change starts from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before {
    /// The budget or bid, in minor units.
    pub cents: Option<i64>,
    /// The status.
    pub status: Option<EntityStatus>,
}

/// The stored entity; `None` where there is none, or several platforms have one and none is named.
///
/// # Errors
/// The database's.
pub async fn known_entity(
    tx: &mut TenantTx,
    platform: Option<Platform>,
    entity_type: EntityType,
    entity_id: &str,
) -> Result<Option<KnownEntity>, ApiError> {
    let rows = sqlx::query(
        "SELECT platform, name, status, daily_budget_cents, lifetime_budget_cents, bid_cents FROM entity
         WHERE entity_type = $1 AND entity_id = $2 AND ($3::text IS NULL OR platform = $3) LIMIT 2",
    )
    .bind(entity_type.as_str())
    .bind(entity_id)
    .bind(platform.map(Platform::as_str))
    .fetch_all(&mut **tx)
    .await?;
    let [row] = rows.as_slice() else { return Ok(None) };
    KnownEntity::read(row).map(Some)
}

impl KnownEntity {
    /// Reads a row of `entity`.
    ///
    /// # Errors
    /// An internal one: what is stored was written by us.
    pub fn read(row: &PgRow) -> Result<Self, ApiError> {
        let status: Option<&str> = row.try_get("status")?;
        Ok(Self {
            platform: parse(row.try_get("platform")?)?,
            name: row.try_get("name")?,
            status: status.map(parse).transpose()?,
            daily_budget_cents: row.try_get("daily_budget_cents")?,
            lifetime_budget_cents: row.try_get("lifetime_budget_cents")?,
            bid_cents: row.try_get("bid_cents")?,
        })
    }

    /// A proposal that names no kind of budget means the one that the entity has.
    #[must_use]
    pub fn with_budget_kind(&self, proposed: ProposedChange) -> ProposedChange {
        let only = match (self.daily_budget_cents, self.lifetime_budget_cents) {
            (None, Some(_)) => Some(BudgetKind::Lifetime),
            _ => None,
        };
        ProposedChange { budget_kind: proposed.budget_kind.or(only), ..proposed }
    }

    /// What a change of this type and kind starts from.
    #[must_use]
    pub fn before(&self, action_type: ActionType, kind: Option<BudgetKind>) -> Before {
        let cents = match action_type {
            ActionType::BidIncrease | ActionType::BidDecrease => self.bid_cents,
            ActionType::BudgetIncrease | ActionType::BudgetDecrease => match kind {
                Some(BudgetKind::Lifetime) => self.lifetime_budget_cents,
                Some(BudgetKind::Daily) | None => self.daily_budget_cents,
            },
            _ => None,
        };
        Before { cents, status: self.status }
    }
}
