//! Tenants are kept apart: in every table, on every connection, whatever a client does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use std::io::{ErrorKind, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use common::{TestServer, Wishes, fresh_database};
use reqwest::Method;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use stratum_core::vocabulary::Role;
use stratum_server::db::inspect;

/// How long the first byte of the answer took, if it came in time; the connection is closed then. A timer of the runtime would be
/// too coarse, so this looks again and again.
fn answered_within(address: SocketAddr, request: &str, patience: Duration) -> Option<Duration> {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    connection.set_nonblocking(true).unwrap();
    let start = Instant::now();
    while start.elapsed() < patience {
        match connection.peek(&mut [0]) {
            Ok(_) => return Some(start.elapsed()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    None
}

/// The regression test of a driver's fault: a transaction that was begun for one tenant must never serve another.
#[tokio::test]
async fn four_hundred_aborted_requests_leave_no_tenant_on_the_connection() {
    let server = TestServer::with(Wishes { app_connections: 1, ..Wishes::default() }).await;
    let tenant = server.tenant("Acme").await;
    let bearer = format!("Bearer {}", tenant.token(Role::Viewer));
    let address = server.running.address;
    let request =
        format!("GET /api/v1/auth/me HTTP/1.1\r\nhost: {address}\r\nauthorization: {bearer}\r\n\r\n");
    let ask = |patience: Duration| {
        let request = request.clone();
        async move {
            tokio::task::spawn_blocking(move || answered_within(address, &request, patience)).await.unwrap()
        }
    };
    // How long one takes is another matter on each machine.
    let mut whole = Duration::MAX;
    for _ in 0..20 {
        whole = whole.min(ask(Duration::from_secs(5)).await.unwrap());
    }
    let mut aborted = 0;
    for attempt in 0..400_u32 {
        // A client that hangs up, somewhere along the transaction.
        if ask(whole * (attempt % 40) / 30).await.is_none() {
            aborted += 1;
        }
    }
    assert!(aborted > 100, "only {aborted} requests were aborted: the test does not test");

    // The one connection of the pool, without naming a tenant.
    let (setting, rows) = server.running.state.db.probe_unscoped().await.unwrap();
    assert_eq!(setting, "", "a tenant is still named");
    assert_eq!(rows, 0, "rows of a tenant can be seen");
}

/// Every table with a `tenant_id`, found by itself: a new table cannot be forgotten here.
#[tokio::test]
async fn no_table_shows_or_takes_another_tenants_rows() {
    let server = TestServer::start().await;
    let a = server.tenant("A").await;
    let b = server.tenant("B").await;
    server.login(a.email(Role::Admin), common::PASSWORD).await;
    server.login(b.email(Role::Admin), common::PASSWORD).await;

    let mut owner = server.owner().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(tables.len() >= 10, "{tables:?}");

    let mut app = PgConnection::connect_with(&server.connections.app).await.unwrap();
    for table in &tables {
        let count = |scope: &str| format!("SELECT count(*) FROM \"{table}\" WHERE {scope}");
        // Without a tenant there are no rows, and a write reaches none.
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(count("true"))).fetch_one(&mut app).await.unwrap();
        assert_eq!(seen, 0, "{table} without a tenant");
        // With a tenant there are its own only.
        let mut tx = app.begin().await.unwrap();
        sqlx::query("SELECT set_config('app.tenant_id', $1, true)")
            .bind(a.id.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        let foreign = count(&format!("tenant_id <> '{}'", a.id));
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(foreign)).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(seen, 0, "{table} shows another tenant's rows");
        // Nor can a row be given away, where rows can be changed at all.
        let give_away = format!("UPDATE \"{table}\" SET tenant_id = '{}'", b.id);
        match tx.execute(AssertSqlSafe(give_away)).await {
            Ok(done) => assert_eq!(done.rows_affected(), 0, "{table} lets rows go to another tenant"),
            Err(error) => {
                let code =
                    error.as_database_error().and_then(|error| error.code()).unwrap_or_default().to_string();
                // Refused by the policy or for want of the right, or by a key that the move would break.
                assert!(["42501", "23505", "23503"].contains(&code.as_str()), "{table}: {error}");
            }
        }
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn the_serving_role_cannot_get_around_row_level_security() {
    let server = TestServer::start().await;
    server.tenant("A").await;
    let mut app = PgConnection::connect_with(&server.connections.app).await.unwrap();
    for attempt in [
        "SET ROLE stratum_owner",
        "SET SESSION AUTHORIZATION stratum_owner",
        "ALTER TABLE tenant DISABLE ROW LEVEL SECURITY",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET action = 'X'",
        "CREATE TABLE mine (id int)",
    ] {
        assert!(app.execute(attempt).await.is_err(), "{attempt} was allowed");
    }
    app.execute("SET row_security = off").await.unwrap();
    assert!(app.execute("SELECT * FROM tenant").await.is_err(), "row_security = off must close, not open");
}

#[tokio::test]
async fn the_directory_reads_keys_and_nothing_else() {
    let server = TestServer::start().await;
    server.tenant("A").await;
    let mut directory = PgConnection::connect_with(&server.connections.directory).await.unwrap();
    directory.execute("SELECT tenant_id, email_key FROM account").await.unwrap();
    for closed in
        ["SELECT password_hash FROM account", "SELECT name FROM tenant", "SELECT * FROM audit_entry"]
    {
        assert!(directory.execute(closed).await.is_err(), "{closed} was allowed");
    }
    let mut ingest = PgConnection::connect_with(&server.connections.ingest).await.unwrap();
    assert!(ingest.execute("SELECT * FROM tenant").await.is_err());
}

#[tokio::test]
async fn a_start_is_refused_when_a_table_is_open_or_a_key_crosses_tenants() {
    let connections = fresh_database().await;
    let mut owner = PgConnection::connect_with(&connections.owner).await.unwrap();
    inspect(&mut owner).await.unwrap();
    owner.execute("CREATE TABLE leak (tenant_id uuid NOT NULL, id uuid PRIMARY KEY)").await.unwrap();
    owner.execute("CREATE TABLE crossing (tenant_id uuid, leak uuid REFERENCES leak (id))").await.unwrap();
    owner.execute("SELECT stratum_protect('crossing', 'SELECT')").await.unwrap();
    let refusal = inspect(&mut owner).await.unwrap_err().to_string();
    assert!(refusal.contains("public.leak"), "{refusal}");
    assert!(refusal.contains("crossing_leak_fkey"), "{refusal}");
    assert!(!refusal.contains("public.crossing"), "{refusal}");
}

#[tokio::test]
async fn an_operator_who_says_why_comes_in_and_the_tenants_audit_log_shows_it() {
    let server = TestServer::start().await;
    let (home, visited) = (server.tenant("Home").await, server.tenant("Visited").await);
    let bearer = format!("Bearer {}", home.token(Role::Superadmin));
    let headers = [("authorization", bearer.as_str()), ("x-access-reason", " ticket 4711 ")];
    let answer = server.send(Method::GET, &visited.path("/signal-health"), &headers, None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);

    let mut owner = server.owner().await;
    let (entry, actor): (serde_json::Value, Option<uuid::Uuid>) = sqlx::query_as(
        "SELECT entry, actor_id FROM audit_entry WHERE tenant_id = $1 AND action = 'BREAK_GLASS'",
    )
    .bind(visited.id.as_uuid())
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!((&entry["actor_type"], &entry["reason"]), (&"OPERATOR".into(), &"ticket 4711".into()));
    assert_eq!(actor, Some(home.user(Role::Superadmin).as_uuid()));
    let nowhere = format!("/api/v1/tenant/{}/signal-health", uuid::Uuid::nil());
    assert_eq!(server.send(Method::GET, &nowhere, &headers, None).await.status, 404);
}

#[tokio::test]
async fn a_read_survives_the_loss_of_its_connection() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let path = "/api/v1/auth/me";
    assert_eq!(tenant.get(Role::Viewer, path).await.status, 200);
    let mut owner = server.owner().await;
    for _ in 0..5 {
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stratum_app' AND datname = current_database()")
            .execute(&mut owner)
            .await
            .unwrap();
        assert_eq!(tenant.get(Role::Viewer, path).await.status, 200);
    }
}
