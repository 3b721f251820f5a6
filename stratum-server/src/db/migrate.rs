//! Brings a database to the schema of this binary.

use anyhow::Context as _;
use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use super::{Connections, inspect, roles};

/// The migrations, as this binary carries them.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Makes the roles, runs what is missing, and checks that row-level security holds (see [`inspect`]).
///
/// Several servers may do so at once on one database; they take turns.
///
/// # Errors
/// When the owner lacks a right, a migration fails, or a table would be open to other tenants.
pub async fn migrate(connections: &Connections, secret: Option<&[u8]>) -> anyhow::Result<()> {
    let mut owner =
        PgConnection::connect_with(&connections.owner).await.context("the database cannot be reached")?;
    roles::ensure(&mut owner, secret).await.context("the serving roles cannot be made")?;
    MIGRATOR.run(&mut owner).await.context("the database cannot be migrated")?;
    inspect(&mut owner).await?;
    owner.close().await?;
    Ok(())
}

/// Makes `name` in a private cluster, unless it is there.
pub(crate) async fn ensure_database(
    owner: &sqlx::postgres::PgConnectOptions,
    name: &str,
) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(&owner.clone().database("postgres")).await?;
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        let create = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
        sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}
