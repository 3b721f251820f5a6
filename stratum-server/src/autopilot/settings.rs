//! The row of a tenant's autopilot.

use serde_json::json;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use stratum_autopilot::approval::{ApprovalSettings, AutopilotMode};
use stratum_autopilot::kill_switch::KillSwitches;
use stratum_core::Timestamp;
use uuid::Uuid;

use super::operators::platforms;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::ApiError;
use crate::realtime::Channel;
use crate::tenant::{SubscriptionStatus, Tenant, parse};

/// A tenant's choice of how its actions are approved, and the switches that concern it.
#[derive(Debug, Clone, Default)]
pub struct Autopilot {
    /// Mode, four eyes, automatic types, time to live.
    pub approval: ApprovalSettings,
    /// The tenant's switch and the operators'.
    pub switches: KillSwitches,
    /// How the operators' switches stood when this tenant was told of them last.
    pub told: KillSwitches,
    /// Why the tenant's switch was turned last.
    pub switch_reason: Option<String>,
    /// Who turned it last.
    pub switched_by: Option<Uuid>,
    /// When.
    pub switched_at: Option<Timestamp>,
    /// Who chose the mode.
    pub mode_changed_by: Option<Uuid>,
    /// When.
    pub mode_changed_at: Option<Timestamp>,
}

impl Autopilot {
    /// The row as it is; the defaults where there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(tx: &mut TenantTx) -> Result<Self, ApiError> {
        let row = sqlx::query(
            "SELECT s.*, o.all_tenants, o.platforms
             FROM operator_freeze o LEFT JOIN autopilot_settings s ON true",
        )
        .fetch_one(&mut **tx)
        .await?;
        Self::of(&row)
    }

    /// Reads the columns of the tenant's row, all of them null where there is none, and the operators' `all_tenants` and
    /// `platforms`.
    ///
    /// # Errors
    /// An internal one: what is stored was written by us.
    pub fn of(row: &PgRow) -> Result<Self, ApiError> {
        let stored: Option<&str> = row.try_get("mode")?;
        let autopilot = if stored.is_some() { Self::read(row)? } else { Self::default() };
        autopilot.under(row)
    }

    /// The row, locked until the transaction ends; made where there is none.
    ///
    /// Whatever approves, confirms or claims takes this lock before any other. So a kill switch that was turned is seen by
    /// everything that commits after it, and the changes of a day are counted one claim after the other. The transaction's
    /// instant moves on to when the lock was had, so that nothing is decided as of a time before it.
    ///
    /// # Errors
    /// The database's.
    pub async fn lock(tx: &mut TenantTx) -> Result<Self, ApiError> {
        const LOCK: &str = "SELECT * FROM autopilot_settings FOR NO KEY UPDATE";
        let mut locked = sqlx::query(LOCK).fetch_optional(&mut **tx).await?;
        if locked.is_none() {
            let defaults = Self::default();
            sqlx::query(
                "INSERT INTO autopilot_settings (tenant_id, auto_approve_types, updated_at) VALUES ($1, $2, $3)
                 ON CONFLICT (tenant_id) DO NOTHING",
            )
            .bind(tx.scope().tenant.as_uuid())
            .bind(defaults.type_names())
            .bind(tx.now().to_chrono())
            .execute(&mut **tx)
            .await?;
            locked = Some(sqlx::query(LOCK).fetch_one(&mut **tx).await?);
        }
        tx.waited();
        // After the lock, in a statement of its own: what the operators froze while this waited counts.
        let freeze =
            sqlx::query("SELECT all_tenants, platforms FROM operator_freeze").fetch_one(&mut **tx).await?;
        locked.as_ref().map_or_else(|| Ok(Self::default()), Self::read)?.under(&freeze)
    }

    /// Stores everything but the operators' switches, which no tenant turns.
    ///
    /// # Errors
    /// The database's.
    pub async fn save(&self, tx: &mut TenantTx) -> Result<(), ApiError> {
        sqlx::query(
            "UPDATE autopilot_settings
             SET mode = $1, four_eyes = $2, auto_approve_types = $3, action_ttl_hours = $4, frozen = $5,
                 frozen_reason = $6, frozen_by = $7, frozen_at = $8, mode_changed_by = $9, mode_changed_at = $10,
                 updated_at = $11",
        )
        .bind(self.approval.mode.as_str())
        .bind(self.approval.four_eyes)
        .bind(self.type_names())
        .bind(i32::try_from(self.approval.action_ttl_hours).map_err(ApiError::internal)?)
        .bind(self.switches.tenant)
        .bind(&self.switch_reason)
        .bind(self.switched_by)
        .bind(self.switched_at.map(Timestamp::to_chrono))
        .bind(self.mode_changed_by)
        .bind(self.mode_changed_at.map(Timestamp::to_chrono))
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Whether a switch stops every platform: the tenant's own, or the operators'.
    #[must_use]
    pub const fn frozen(&self) -> bool {
        self.switches.tenant || self.switches.all_tenants
    }

    /// With the operators' switches as they stand now. Whichever stops more holds: a release that the tenant has not been
    /// told of yet, or a freeze.
    fn under(mut self, freeze: &PgRow) -> Result<Self, ApiError> {
        self.switches.all_tenants |= freeze.try_get::<bool, _>("all_tenants")?;
        self.switches.platforms.extend(platforms(&freeze.try_get::<Vec<String>, _>("platforms")?)?);
        Ok(self)
    }

    /// Tells the tenant's live stream how the switches stand.
    ///
    /// # Errors
    /// When the event does not serialize.
    pub fn announce(&self, tx: &mut TenantTx) -> Result<(), ApiError> {
        tx.publish(
            Channel::Autopilot,
            "kill_switch_change",
            json!({
                "active": self.switches.tenant,
                "operator_frozen": self.switches.all_tenants || !self.switches.platforms.is_empty(),
                "reason": self.switch_reason,
                "changed_by": self.switched_by,
            }),
        )
    }

    fn type_names(&self) -> Vec<&'static str> {
        self.approval.auto_approve_types.iter().map(|action_type| action_type.as_str()).collect()
    }

    fn read(row: &PgRow) -> Result<Self, ApiError> {
        let all = |column: &str| -> Result<Vec<String>, ApiError> { Ok(row.try_get(column)?) };
        let at = |column: &str| -> Result<Option<Timestamp>, ApiError> {
            row.try_get::<Option<_>, _>(column)?.map(instant).transpose()
        };
        let types = all("auto_approve_types")?;
        let told = KillSwitches {
            tenant: false,
            all_tenants: row.try_get("operator_frozen")?,
            platforms: platforms(&all("operator_frozen_platforms")?)?,
        };
        let hours: i32 = row.try_get("action_ttl_hours")?;
        Ok(Self {
            approval: ApprovalSettings {
                mode: parse(row.try_get("mode")?)?,
                four_eyes: row.try_get("four_eyes")?,
                auto_approve_types: types.iter().map(|name| parse(name)).collect::<Result<_, _>>()?,
                action_ttl_hours: u32::try_from(hours).map_err(ApiError::internal)?,
            },
            switches: KillSwitches { tenant: row.try_get("frozen")?, ..told.clone() },
            told,
            switch_reason: row.try_get("frozen_reason")?,
            switched_by: row.try_get("frozen_by")?,
            switched_at: at("frozen_at")?,
            mode_changed_by: row.try_get("mode_changed_by")?,
            mode_changed_at: at("mode_changed_at")?,
        })
    }
}

/// The farthest mode that a tenant may choose: by its tier, and none but suggestions once its subscription has ended.
#[must_use]
pub fn mode_ceiling(tenant: &Tenant) -> AutopilotMode {
    match tenant.subscription_status {
        SubscriptionStatus::Expired | SubscriptionStatus::Cancelled => AutopilotMode::SuggestOnly,
        _ if tenant.features().iter().any(|name| name == "autopilot_guarded") => AutopilotMode::GuardedAuto,
        _ => AutopilotMode::ApprovalRequired,
    }
}
