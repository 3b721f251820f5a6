//! The roles that Stratum uses in PostgreSQL, and what holds for each.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};

/// Owns the private cluster and its tables. With a `DATABASE_URL` the user in it is the owner instead.
pub const OWNER: &str = "stratum_owner";
/// Serves requests and jobs. Bound by row-level security.
pub const APP: &str = "stratum_app";
/// Inserts measurements and events, for every tenant at once; can read nothing.
pub const INGEST: &str = "stratum_ingest";
/// Reads the columns that say which tenant a key belongs to; no other column of any table.
pub const DIRECTORY: &str = "stratum_directory";

/// Every role, the owner first.
pub const ALL: [&str; 4] = [OWNER, APP, INGEST, DIRECTORY];
/// The roles that serve; none may get around row-level security.
pub const SERVING: [&str; 3] = [APP, INGEST, DIRECTORY];

/// Makes the serving roles, or sets them right. With `secret` they get passwords derived from it (see [`password`]).
///
/// # Errors
/// When the owner may not create roles.
pub async fn ensure(owner: &mut PgConnection, secret: Option<&[u8]>) -> sqlx::Result<()> {
    for role in SERVING {
        // Two servers that start at once may both see that the role is missing.
        let create = format!(
            "DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        owner.execute(AssertSqlSafe(create)).await?;
        let mut settings = vec![
            format!("ALTER ROLE {role} NOCREATEDB NOCREATEROLE LOGIN"),
            format!("ALTER ROLE {role} SET statement_timeout = '15s'"),
            format!("ALTER ROLE {role} SET lock_timeout = '3s'"),
            format!("ALTER ROLE {role} SET idle_in_transaction_session_timeout = '10s'"),
        ];
        if let Some(secret) = secret {
            // Hexadecimal digits only: nothing to escape.
            settings.push(format!("ALTER ROLE {role} PASSWORD '{}'", password(secret, role)));
        }
        for statement in settings {
            owner.execute(AssertSqlSafe(statement)).await?;
        }
    }
    Ok(())
}

/// The password of a serving role: derived from the server's secret, so that there is nothing more to keep.
#[must_use]
pub fn password(secret: &[u8], role: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(b"stratum.postgres.v1\0");
    mac.update(role.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
