//! The people of the demo tenant.

use stratum_core::id::UserId;
use stratum_core::vocabulary::Role;
use uuid::Uuid;

use crate::auth::Passwords;
use crate::auth::account::{self, NewAccount};
use crate::db::TenantTx;
use crate::http::ApiError;

/// The password of every demo account. It is printed at every start and protects generated data only.
pub const PASSWORD: &str = "signals before spend";

/// A person who can sign in.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The address to sign in with.
    pub email: &'static str,
    /// Whose it is.
    pub name: &'static str,
    /// The role.
    pub role: Role,
    /// What the role may do, for the screen.
    pub may: &'static str,
}

/// Everybody, from the most to the least.
pub const PEOPLE: [Person; 4] = [
    Person {
        email: "admin@demo.example",
        name: "Ada Admin",
        role: Role::Admin,
        may: "everything: settings, overrides, the audit log",
    },
    Person {
        email: "manager@demo.example",
        name: "Mika Manager",
        role: Role::Manager,
        may: "queue, approve and dismiss actions, stop everything",
    },
    Person {
        email: "analyst@demo.example",
        name: "Ana Analyst",
        role: Role::Analyst,
        may: "read, and simulate",
    },
    Person { email: "viewer@demo.example", name: "Vic Viewer", role: Role::Viewer, may: "read" },
];

/// Makes everybody.
///
/// # Errors
/// The database's.
pub(super) async fn create(tx: &mut TenantTx, password_hash: &str) -> Result<(), ApiError> {
    for person in PEOPLE {
        let new = NewAccount {
            id: UserId::from_uuid(Uuid::now_v7()),
            email: person.email.to_owned(),
            full_name: person.name.to_owned(),
            role: person.role,
            password_hash: password_hash.to_owned(),
            is_verified: true,
        };
        account::create(tx, &new).await?;
    }
    Ok(())
}

/// The manager, who queues and approves in the demo's history.
///
/// # Errors
/// The database's.
pub(super) async fn manager(tx: &mut TenantTx) -> Result<UserId, ApiError> {
    let id =
        sqlx::query_scalar("SELECT user_id FROM account WHERE role = 'MANAGER' ORDER BY created_at LIMIT 1")
            .fetch_one(&mut **tx)
            .await?;
    Ok(UserId::from_uuid(id))
}

/// The hash of [`PASSWORD`]: slow on purpose, so once for all.
///
/// # Errors
/// When hashing fails.
pub(super) async fn password_hash() -> anyhow::Result<String> {
    Ok(Passwords::new()?.hash(PASSWORD.to_owned()).await?)
}
