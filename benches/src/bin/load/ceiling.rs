//! The least that a tenant's row can cost: axum, sqlx, and one indexed SELECT inside a row-level-security transaction.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use stratum_server::db::{PoolSizes, roles};

#[derive(Clone)]
struct Bare {
    pool: PgPool,
    tenant: String,
}

/// Serves until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let database: PgConnectOptions = std::env::var("DATABASE_URL")?.parse()?;
    let bare = Bare {
        pool: PgPoolOptions::new()
            .max_connections(PoolSizes::default().app)
            .test_before_acquire(false)
            .connect_with(database.username(roles::APP))
            .await?,
        tenant: std::env::var("CEILING_TENANT")?,
    };
    let address = format!("127.0.0.1:{}", std::env::var("CEILING_PORT")?);
    let router = Router::new().route("/", get(read)).with_state(bare);
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await?;
    Ok(())
}

async fn read(State(bare): State<Bare>) -> Result<Json<Value>, StatusCode> {
    let name = one_row(&bare).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({ "data": { "name": name } })))
}

async fn one_row(bare: &Bare) -> sqlx::Result<String> {
    let mut tx = bare.pool.begin().await?;
    sqlx::query("SELECT set_config('app.tenant_id', $1, true)").bind(&bare.tenant).execute(&mut *tx).await?;
    let name = sqlx::query_scalar(
        "SELECT name FROM tenant WHERE tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid",
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(name)
}
