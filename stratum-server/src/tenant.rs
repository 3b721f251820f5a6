//! Tenants: one advertiser each, with its tier, its limits and its standing.

use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;
use stratum_core::id::TenantId;
use stratum_core::{Problem, Timestamp, enumeration};
use utoipa::ToSchema;

use crate::autopilot::operators;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::ApiError;

enumeration! {
    /// What a tenant has booked.
    pub enum Tier "tier" {
        /// The basic features.
        Starter = "STARTER",
        /// The full customer data platform.
        Professional = "PROFESSIONAL",
        /// Custom rules, predictions, write-back.
        Enterprise = "ENTERPRISE",
    }
}

enumeration! {
    /// The state of a tenant.
    pub enum TenantStatus "tenant status" {
        /// In use.
        Active = "ACTIVE",
        /// Stopped by the operator.
        Suspended = "SUSPENDED",
        /// To be deleted after 30 days.
        Closing = "CLOSING",
        /// Gone.
        Closed = "CLOSED",
    }
}

enumeration! {
    /// The state of a subscription.
    pub enum SubscriptionStatus "subscription status" {
        /// None was ever taken.
        None = "NONE",
        /// In its trial.
        Trialing = "TRIALING",
        /// Paid.
        Active = "ACTIVE",
        /// A payment is late.
        PastDue = "PAST_DUE",
        /// Late for so long that it ends soon.
        GracePeriod = "GRACE_PERIOD",
        /// Ended for want of payment.
        Expired = "EXPIRED",
        /// Ended by the tenant.
        Cancelled = "CANCELLED",
    }
}

/// How much of everything a tier allows; -1 is no limit.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names say it, and each is a count but for the last two")]
pub struct TierLimits {
    pub max_users: i64,
    pub max_ad_accounts: i64,
    pub max_campaigns: i64,
    pub max_platforms: i64,
    pub max_segments: i64,
    pub max_automations: i64,
    pub max_audience_sync_platforms: i64,
    pub max_api_keys: i64,
    pub max_webhooks: i64,
    /// Requests per minute of the whole tenant.
    pub requests_per_minute: i64,
    /// Days for which reports are kept.
    pub data_retention_days: i64,
}

impl Tier {
    /// The tiers, from the least to the most.
    pub const ALL_TIERS: [Self; 3] = [Self::Starter, Self::Professional, Self::Enterprise];

    /// Requests per minute of a tenant.
    #[must_use]
    pub const fn requests_per_minute(self) -> u32 {
        match self {
            Self::Starter => 100,
            Self::Professional => 500,
            Self::Enterprise => 2000,
        }
    }

    /// Everything that the tier limits.
    #[must_use]
    pub fn limits(self) -> TierLimits {
        let [users, accounts, campaigns, platforms, segments, automations, syncs, keys, webhooks, days] =
            match self {
                Self::Starter => [3, 5, 20, 2, 10, 5, 1, 3, 5, 90],
                Self::Professional => [10, 15, 100, 4, 50, 25, 4, 10, 20, 365],
                Self::Enterprise => [-1, -1, -1, 4, -1, -1, 4, -1, -1, 730],
            };
        TierLimits {
            max_users: users,
            max_ad_accounts: accounts,
            max_campaigns: campaigns,
            max_platforms: platforms,
            max_segments: segments,
            max_automations: automations,
            max_audience_sync_platforms: syncs,
            max_api_keys: keys,
            max_webhooks: webhooks,
            requests_per_minute: i64::from(self.requests_per_minute()),
            data_retention_days: days,
        }
    }

    /// The features of the tier, those of lower tiers included.
    #[must_use]
    pub fn features(self) -> &'static [&'static str] {
        const ALL: &[&str] = &[
            "feature_automation_rules",
            "feature_gdpr_compliance",
            "campaign_builder",
            "cdp_segments",
            "rfm_analysis",
            "audience_sync",
            "offline_conversions",
            "capi",
            "feature_competitor_intel",
            "autopilot_guarded",
            "computed_traits",
            "funnels",
            "identity_graph",
            "data_driven_attribution",
            "crm_hubspot",
            "feature_what_if_simulator",
            "custom_enforcement_rules",
            "custom_reports",
            "predictions",
            "crm_zoho",
            "crm_writeback",
            "audit_export",
        ];
        let count = match self {
            Self::Starter => 8,
            Self::Professional => 15,
            Self::Enterprise => ALL.len(),
        };
        ALL.get(..count).unwrap_or(ALL)
    }
}

/// What of a tenant decides whether a request runs at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The tenant's state.
    pub status: TenantStatus,
    /// Its subscription.
    pub subscription: SubscriptionStatus,
    /// Its tier.
    pub tier: Tier,
}

impl Standing {
    /// Reads the columns `status`, `subscription_status` and `tier`.
    ///
    /// # Errors
    /// When a column is missing or holds something unknown.
    pub fn of(row: &PgRow) -> Result<Self, ApiError> {
        Ok(Self {
            status: parse(row.try_get("status")?)?,
            subscription: parse(row.try_get("subscription_status")?)?,
            tier: parse(row.try_get("tier")?)?,
        })
    }
}

/// An enumeration as stored.
///
/// # Errors
/// An internal one: what is stored was written by us.
pub fn parse<T: FromStr<Err = Problem>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|problem: Problem| ApiError::internal(problem))
}

/// A tenant as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tenant {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    pub id: TenantId,
    /// The company's name.
    pub name: String,
    /// The name in addresses.
    pub slug: String,
    /// The company's domain.
    pub domain: Option<String>,
    /// What is booked.
    #[schema(value_type = String, example = "STARTER")]
    pub tier: Tier,
    /// The state.
    #[schema(value_type = String, example = "ACTIVE")]
    pub status: TenantStatus,
    /// ISO 4217.
    pub currency: String,
    /// An IANA time zone.
    pub timezone: String,
    /// The tenant's settings.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// Overrides of the tier's features.
    #[schema(value_type = Object)]
    pub feature_flags: Value,
    /// What the tier allows.
    pub limits: TierLimits,
    /// The subscription.
    #[schema(value_type = String, example = "NONE")]
    pub subscription_status: SubscriptionStatus,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl Tenant {
    /// The tenant of the transaction.
    ///
    /// # Errors
    /// 404 when there is none, the database's.
    pub async fn load(tx: &mut TenantTx) -> Result<Self, ApiError> {
        let row = sqlx::query("SELECT * FROM tenant").fetch_optional(&mut **tx).await?;
        let row = row.ok_or_else(|| ApiError::not_found("tenant"))?;
        let standing = Standing::of(&row)?;
        Ok(Self {
            id: TenantId::from_uuid(row.try_get("tenant_id")?),
            name: row.try_get("name")?,
            slug: row.try_get("slug")?,
            domain: row.try_get("domain")?,
            tier: standing.tier,
            status: standing.status,
            currency: row.try_get("currency")?,
            timezone: row.try_get("timezone")?,
            settings: row.try_get("settings")?,
            feature_flags: row.try_get("feature_flags")?,
            limits: standing.tier.limits(),
            subscription_status: standing.subscription,
            created_at: instant(row.try_get("created_at")?)?,
            updated_at: instant(row.try_get("updated_at")?)?,
        })
    }

    /// The features that are on: the tenant's override, else the tier's.
    #[must_use]
    pub fn features(&self) -> Vec<String> {
        let overridden = |name: &str| self.feature_flags.get(name).and_then(Value::as_bool);
        Tier::Enterprise
            .features()
            .iter()
            .filter(|name| overridden(name).unwrap_or_else(|| self.tier.features().contains(name)))
            .map(|name| (*name).to_owned())
            .collect()
    }
}

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// The company's name.
    pub name: String,
    /// The name in addresses; unique.
    pub slug: String,
    /// What is booked.
    pub tier: Tier,
    /// ISO 4217.
    pub currency: String,
    /// An IANA time zone.
    pub timezone: String,
}

/// Makes the tenant that the transaction names. What the operators have frozen is frozen in it, too.
///
/// # Errors
/// 409 `SLUG_TAKEN`, the database's.
pub async fn create(tx: &mut TenantTx, new: &NewTenant) -> Result<(), ApiError> {
    let made = sqlx::query(
        "INSERT INTO tenant (tenant_id, name, slug, tier, currency, timezone, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(&new.name)
    .bind(&new.slug)
    .bind(new.tier.as_str())
    .bind(&new.currency)
    .bind(&new.timezone)
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await;
    match made {
        Ok(_) => operators::inherit(tx).await,
        Err(error) if crate::db::constraint_of(&error) == Some("tenant_slug_key") => {
            Err(ApiError::conflict("SLUG_TAKEN", "a tenant with this slug exists"))
        }
        Err(error) => Err(error.into()),
    }
}
