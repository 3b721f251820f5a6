//! Accounts: the people of a tenant.

use serde::Serialize;
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;
use stratum_core::Timestamp;
use stratum_core::id::{TenantId, UserId};
use stratum_core::vocabulary::Role;
use utoipa::ToSchema;

use super::lockout::Failures;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::ApiError;
use crate::tenant::parse;

/// A person as the API shows them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct User {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    pub id: UserId,
    /// The address to sign in with.
    pub email: String,
    /// The name.
    pub full_name: String,
    /// What the person may do.
    #[schema(value_type = String, example = "ANALYST")]
    pub role: Role,
    /// Whether the person may sign in.
    pub is_active: bool,
    /// Whether the address was confirmed.
    pub is_verified: bool,
    /// The person's tenant.
    #[schema(value_type = String, format = Uuid)]
    pub tenant_id: TenantId,
    /// `{timezone, notifications}`.
    #[schema(value_type = Object)]
    pub preferences: Value,
    /// A phone number in E.164.
    pub phone: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Whether a second factor is asked for.
    pub mfa_enabled: bool,
    /// The last time that the person signed in.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login_at: Option<Timestamp>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A person with what signing in needs.
pub(super) struct Account {
    pub(super) user: User,
    pub(super) password_hash: String,
    pub(super) failures: Failures,
}

impl Account {
    /// The account with this normalised address, in the transaction's tenant; locked until the transaction ends when
    /// `lock` is set.
    pub(super) async fn by_email(
        tx: &mut TenantTx,
        email_key: &str,
        lock: bool,
    ) -> Result<Option<Self>, ApiError> {
        let statement = if lock {
            "SELECT * FROM account WHERE email_key = $1 FOR UPDATE"
        } else {
            "SELECT * FROM account WHERE email_key = $1"
        };
        let row = sqlx::query(statement).bind(email_key).fetch_optional(&mut **tx).await?;
        if lock {
            tx.waited();
        }
        row.map(|row| Self::of(&row)).transpose()
    }

    /// The account with this id.
    pub(super) async fn by_id(tx: &mut TenantTx, user: UserId) -> Result<Option<Self>, ApiError> {
        let row = sqlx::query("SELECT * FROM account WHERE user_id = $1")
            .bind(user.as_uuid())
            .fetch_optional(&mut **tx)
            .await?;
        row.map(|row| Self::of(&row)).transpose()
    }

    fn of(row: &PgRow) -> Result<Self, ApiError> {
        let at = |column: &str| row.try_get::<Option<_>, _>(column)?.map(instant).transpose();
        Ok(Self {
            user: User {
                id: UserId::from_uuid(row.try_get("user_id")?),
                email: row.try_get("email")?,
                full_name: row.try_get("full_name")?,
                role: parse(row.try_get("role")?)?,
                is_active: row.try_get("is_active")?,
                is_verified: row.try_get("is_verified")?,
                tenant_id: TenantId::from_uuid(row.try_get("tenant_id")?),
                preferences: row.try_get("preferences")?,
                phone: row.try_get("phone")?,
                avatar_url: row.try_get("avatar_url")?,
                mfa_enabled: false,
                last_login_at: at("last_login_at")?,
                created_at: instant(row.try_get("created_at")?)?,
                updated_at: instant(row.try_get("updated_at")?)?,
            },
            password_hash: row.try_get("password_hash")?,
            failures: Failures {
                count: row.try_get("failed_logins")?,
                first: at("first_failure_at")?,
                locks: row.try_get("lock_count")?,
                locked_until: at("locked_until")?,
            },
        })
    }

    /// Writes what the account remembers of failed sign-ins.
    pub(super) async fn remember(
        tx: &mut TenantTx,
        user: UserId,
        failures: Failures,
    ) -> Result<(), ApiError> {
        sqlx::query(
            "UPDATE account SET failed_logins = $2, first_failure_at = $3, lock_count = $4, locked_until = $5
             WHERE user_id = $1",
        )
        .bind(user.as_uuid())
        .bind(failures.count)
        .bind(failures.first.map(Timestamp::to_chrono))
        .bind(failures.locks)
        .bind(failures.locked_until.map(Timestamp::to_chrono))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// The form in which addresses are compared.
#[must_use]
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The id.
    pub id: UserId,
    /// The address to sign in with.
    pub email: String,
    /// The name.
    pub full_name: String,
    /// What the person may do.
    pub role: Role,
    /// The hash of the password.
    pub password_hash: String,
    /// Whether the address counts as confirmed.
    pub is_verified: bool,
}

/// Makes an account in the transaction's tenant.
///
/// # Errors
/// 409 `EMAIL_TAKEN`, the database's.
pub async fn create(tx: &mut TenantTx, new: &NewAccount) -> Result<(), ApiError> {
    let made = sqlx::query(
        "INSERT INTO account (tenant_id, user_id, email, email_key, full_name, role, password_hash, is_verified,
                              created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(new.id.as_uuid())
    .bind(new.email.trim())
    .bind(email_key(&new.email))
    .bind(&new.full_name)
    .bind(new.role.as_str())
    .bind(&new.password_hash)
    .bind(new.is_verified)
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await;
    match made {
        Ok(_) => Ok(()),
        Err(error) if crate::db::constraint_of(&error) == Some("account_email_key_key") => {
            Err(ApiError::conflict("EMAIL_TAKEN", "an account with this address exists"))
        }
        Err(error) => Err(error.into()),
    }
}
