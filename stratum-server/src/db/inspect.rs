//! What must hold in the database before a request is served.

use anyhow::bail;
use sqlx::postgres::PgConnection;

use super::roles;

/// Tables with a `tenant_id` on which row-level security is not both enabled and forced, or which have no policy.
const OPEN_TABLES: &str = "
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
    ORDER BY 1";

/// Foreign keys between tables with a `tenant_id` that leave it out: the check of a foreign key ignores row-level
/// security, so such a key could point into another tenant.
const CROSSING_KEYS: &str = "
    SELECT format('%s on %s', k.conname, k.conrelid::regclass)
    FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attname = 'tenant_id' AND NOT b.attisdropped
    WHERE k.contype = 'f' AND NOT (a.attnum = ANY (k.conkey) AND b.attnum = ANY (k.confkey))
    ORDER BY 1";

/// Serving roles that could get around row-level security.
const TOO_STRONG: &str = "
    SELECT rolname::text FROM pg_roles
    WHERE rolname = ANY ($1) AND (rolsuper OR rolbypassrls OR rolcreaterole)
    ORDER BY 1";

/// Checks that no role that serves requests can get around row-level security, that it is forced on every table with
/// a tenant, and that no foreign key crosses from one tenant into another.
///
/// # Errors
/// Names every table, key and role that breaks the rule.
pub async fn inspect(connection: &mut PgConnection) -> anyhow::Result<()> {
    let roles: Vec<String> = roles::SERVING.iter().map(|role| (*role).to_owned()).collect();
    let strong: Vec<String> = sqlx::query_scalar(TOO_STRONG).bind(roles).fetch_all(&mut *connection).await?;
    let open: Vec<String> = sqlx::query_scalar(OPEN_TABLES).fetch_all(&mut *connection).await?;
    let crossing: Vec<String> = sqlx::query_scalar(CROSSING_KEYS).fetch_all(&mut *connection).await?;
    let mut found = Vec::new();
    if !strong.is_empty() {
        found.push(format!("roles that get around row-level security: {}", strong.join(", ")));
    }
    if !open.is_empty() {
        found.push(format!("tables without forced row-level security: {}", open.join(", ")));
    }
    if !crossing.is_empty() {
        found.push(format!("foreign keys that leave out the tenant: {}", crossing.join(", ")));
    }
    if !found.is_empty() {
        bail!("the database would not keep tenants apart: {}", found.join("; "));
    }
    Ok(())
}
