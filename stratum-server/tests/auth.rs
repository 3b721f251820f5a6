//! Signing in and out, and who may do what.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use common::{PASSWORD, TestServer, Wishes};
use reqwest::Method;
use serde_json::json;
use stratum_core::vocabulary::Role;
use stratum_server::auth::access::{self, Access};
use stratum_server::db::Scope;
use stratum_server::server::openapi;

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn a_login_gives_a_pair_of_tokens_and_the_token_says_who_is_calling() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let login = server.login(&format!(" {} ", tenant.email(Role::Admin).to_uppercase()), PASSWORD).await;
    assert_eq!(login.status, 200, "{}", login.body);
    assert_eq!(login.data()["expires_in"], 900);
    assert_eq!(login.data()["token_type"], "bearer");
    assert_eq!(login.data()["user"]["role"], "ADMIN");

    let bearer = format!("Bearer {}", login.data()["access_token"].as_str().unwrap());
    let me = server.send(Method::GET, "/api/v1/auth/me", &[("authorization", &bearer)], None).await;
    assert_eq!(me.status, 200);
    assert_eq!(me.data()["user"]["id"], tenant.user(Role::Admin).to_string());
    assert_eq!(me.data()["tenant"]["id"], tenant.id.to_string());
    assert_eq!(me.data()["permissions"].as_array().unwrap().len(), 14);
    assert!(!me.body.to_string().contains("argon2"), "no hash leaves the server");
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_answer_alike() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let unknown = server.login("nobody@nowhere.example", "whatever it is").await;
    let wrong = server.login(tenant.email(Role::Viewer), "whatever it is").await;
    assert_eq!((unknown.status.as_u16(), unknown.code()), (401, "INVALID_CREDENTIALS"));
    assert_eq!(unknown.body, wrong.body);
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_account_and_time_opens_it() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let email = tenant.email(Role::Manager);
    for _ in 0..5 {
        assert_eq!(server.login(email, "a wrong password").await.status, 401);
    }
    let locked = server.login(email, PASSWORD).await;
    assert_eq!((locked.status.as_u16(), locked.code()), (423, "ACCOUNT_LOCKED"));
    let seconds: i64 = locked.header("retry-after").unwrap().parse().unwrap();
    assert!((880..=900).contains(&seconds), "{seconds}");

    server.clock.advance_ms(15 * MINUTE);
    assert_eq!(server.login(email, PASSWORD).await.status, 200);
    // Each failure and the success stand in the chain, which is whole.
    let verified = server
        .running
        .state
        .db
        .tenant_read(&Scope::system(tenant.id), |tx| {
            Box::pin(async move { stratum_server::audit::verify(tx, None, None).await })
        })
        .await
        .unwrap();
    assert!(verified.ok);
    assert_eq!(verified.checked, 6);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let login = server.login(tenant.email(Role::Analyst), PASSWORD).await;
    let first = login.data()["refresh_token"].clone();
    let renewed = server.post("/api/v1/auth/refresh", &json!({ "refresh_token": first })).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let bearer = format!("Bearer {}", renewed.data()["access_token"].as_str().unwrap());
    let me = server.send(Method::GET, "/api/v1/auth/me", &[("authorization", &bearer)], None).await;
    assert_eq!(me.status, 200);

    let reused = server.post("/api/v1/auth/refresh", &json!({ "refresh_token": first })).await;
    assert_eq!((reused.status.as_u16(), reused.code()), (401, "TOKEN_REUSED"));
    // The family is gone: neither the newest refresh token nor the access token works any more.
    let second = renewed.data()["refresh_token"].clone();
    let after = server.post("/api/v1/auth/refresh", &json!({ "refresh_token": second })).await;
    assert_eq!((after.status.as_u16(), after.code()), (401, "INVALID_TOKEN"));
    let me = server.send(Method::GET, "/api/v1/auth/me", &[("authorization", &bearer)], None).await;
    assert_eq!((me.status.as_u16(), me.code()), (401, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn of_two_refreshes_at_once_one_wins() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let login = server.login(tenant.email(Role::Analyst), PASSWORD).await;
    let body = json!({ "refresh_token": login.data()["refresh_token"] });
    let (a, b) =
        tokio::join!(server.post("/api/v1/auth/refresh", &body), server.post("/api/v1/auth/refresh", &body));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn tokens_end_and_logging_out_ends_them_at_once() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let login = server.login(tenant.email(Role::Viewer), PASSWORD).await;
    let bearer = format!("Bearer {}", login.data()["access_token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let out = server.send(Method::POST, "/api/v1/auth/logout", &headers, Some(&json!({}))).await;
    assert_eq!(out.status, 204);
    let me = server.send(Method::GET, "/api/v1/auth/me", &headers, None).await;
    assert_eq!((me.status.as_u16(), me.code()), (401, "UNAUTHENTICATED"));
    let refresh = json!({ "refresh_token": login.data()["refresh_token"] });
    assert_eq!(server.post("/api/v1/auth/refresh", &refresh).await.code(), "INVALID_TOKEN");

    let token = tenant.token(Role::Viewer);
    let headers = [("authorization", format!("Bearer {token}"))];
    let headers = [("authorization", headers[0].1.as_str())];
    server.clock.advance_ms(15 * MINUTE - 2_000);
    assert_eq!(server.send(Method::GET, "/api/v1/auth/me", &headers, None).await.status, 200);
    server.clock.advance_ms(3_000);
    assert_eq!(server.send(Method::GET, "/api/v1/auth/me", &headers, None).await.code(), "TOKEN_EXPIRED");

    let login = server.login(tenant.email(Role::Viewer), PASSWORD).await;
    server.clock.advance_ms(7 * 24 * 60 * MINUTE);
    let refresh = json!({ "refresh_token": login.data()["refresh_token"] });
    assert_eq!(server.post("/api/v1/auth/refresh", &refresh).await.code(), "TOKEN_EXPIRED");
}

#[tokio::test]
async fn a_token_that_somebody_else_signed_or_changed_is_refused() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let token = tenant.token(Role::Viewer);
    let mut parts: Vec<&str> = token.split('.').collect();
    // {"typ":"JWT","alg":"none"} with the claims of a real token and no signature.
    let none = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{}.", parts[1]);
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    parts[2] = other;
    for forged in [none, parts.join("."), "nonsense".to_owned(), String::new()] {
        let bearer = format!("Bearer {forged}");
        let answer = server.send(Method::GET, "/api/v1/auth/me", &[("authorization", &bearer)], None).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "UNAUTHENTICATED"), "{forged}");
    }
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_and_a_lapsed_one_reads() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let mut owner = server.owner().await;
    sqlx::query("UPDATE tenant SET subscription_status = 'EXPIRED'").execute(&mut owner).await.unwrap();
    assert_eq!(tenant.get(Role::Viewer, "/api/v1/auth/me").await.status, 200);
    let write = tenant.post(Role::Viewer, "/api/v1/auth/logout", json!({})).await;
    assert_eq!((write.status.as_u16(), write.code()), (402, "SUBSCRIPTION_EXPIRED"));

    sqlx::query("UPDATE tenant SET status = 'SUSPENDED'").execute(&mut owner).await.unwrap();
    server.running.state.auth.forget_sessions();
    let read = tenant.get(Role::Viewer, "/api/v1/auth/me").await;
    assert_eq!((read.status.as_u16(), read.code()), (403, "TENANT_SUSPENDED"));
}

#[tokio::test]
async fn the_eleventh_login_of_a_minute_from_one_address_waits() {
    let server = TestServer::with(Wishes { rate_limit: true, ..Wishes::default() }).await;
    for _ in 0..10 {
        let answer = server.post("/api/v1/auth/login", &json!({})).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("10"));
    }
    let answer = server.post("/api/v1/auth/login", &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (429, "RATE_LIMITED"));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
}

/// Every operation of the document stands in the table, and every operation of the table in the document.
#[test]
fn the_table_of_access_and_the_openapi_document_name_the_same_operations() {
    let document = openapi();
    let mut described = Vec::new();
    for (path, item) in &document.paths.paths {
        let operations = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                described.push(format!("{method} {path}"));
                let open = access::at(path)
                    .iter()
                    .any(|row| row.method.as_str() == method && row.access == Access::Public);
                assert_eq!(operation.security.is_none(), open, "{method} {path}: security in the document");
            }
        }
    }
    let pages = ["/docs", "/docs/", "/docs/{*rest}", "/redoc", "/openapi.json"];
    let mut listed: Vec<String> = access::all()
        .filter(|operation| !pages.contains(&operation.path))
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    described.sort();
    listed.sort();
    assert_eq!(described, listed);
}

#[test]
fn programs_can_be_generated_from_the_openapi_document() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                let in_path = path.contains(&format!("{{{name}}}"));
                assert_eq!(parameter["in"] == "path", in_path, "{path}: {name}");
            }
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an operationId is used twice");
}

/// The table alone decides: every operation refuses whoever it does not name.
#[tokio::test]
async fn no_operation_answers_below_its_role() {
    let server = TestServer::start().await;
    let (tenant, other) = (server.tenant("Acme").await, server.tenant("Other").await);
    for operation in access::all() {
        let own = path_of(operation.path, &tenant.id.to_string());
        let least = match operation.access {
            Access::Public => continue,
            Access::Role(least) => least,
            Access::SourceKey { .. } => Role::Manager,
        };
        let anybody = server.send(operation.method.clone(), &own, &[], None).await;
        assert_eq!(anybody.status, 401, "{} {own} without a token", operation.method);
        for role in Role::ALL.iter().filter(|role| **role < least) {
            let answer = tenant.request(*role, operation.method.clone(), &own, None).await;
            assert_eq!(answer.code(), "FORBIDDEN", "{} {own} as {role}", operation.method);
        }
        if operation.path.contains("{tenant_id}") {
            let foreign = path_of(operation.path, &other.id.to_string());
            let answer = tenant.request(Role::Admin, operation.method.clone(), &foreign, None).await;
            assert_eq!(
                answer.code(),
                "NOT_FOUND",
                "{} {foreign} as another tenant's admin",
                operation.method
            );
            let answer = tenant.request(Role::Superadmin, operation.method.clone(), &foreign, None).await;
            assert_eq!(answer.code(), "ACCESS_REASON_REQUIRED", "{} {foreign} as operator", operation.method);
        }
    }
}

fn path_of(pattern: &str, tenant: &str) -> String {
    pattern
        .split('/')
        .map(|step| match step {
            "{tenant_id}" => tenant,
            step if step.starts_with('{') => "0198c9a0-0000-7000-8000-000000000001",
            step => step,
        })
        .collect::<Vec<_>>()
        .join("/")
}
