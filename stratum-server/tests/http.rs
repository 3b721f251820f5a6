//! The wire: envelope, errors, limits, documentation, and clients that misbehave.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::TestServer;
use reqwest::Method;
use serde_json::json;
use stratum_core::vocabulary::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn unknown_paths_methods_types_and_sizes_are_told_apart() {
    let server = TestServer::start().await;
    let unknown = server.send(Method::GET, "/api/v1/nothing", &[], None).await;
    assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "NOT_FOUND"));
    assert_eq!(unknown.details(), []);

    let method = server.send(Method::PUT, "/api/v1/auth/login", &[], None).await;
    assert_eq!((method.status.as_u16(), method.code()), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(method.header("allow"), Some("POST"));
    let method = server.send(Method::POST, "/api/v1/auth/me", &[], None).await;
    assert_eq!(method.header("allow"), Some("GET, HEAD"));

    let plain = server.client.post(server.url("/api/v1/auth/login")).body("email=a").send().await.unwrap();
    assert_eq!(plain.status(), 415);
    let broken = server
        .client
        .post(server.url("/api/v1/auth/login"))
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), 400);

    let large = json!({ "email": "x".repeat(1_100_000), "password": "p" });
    let answer = server.post("/api/v1/auth/login", &large).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn a_body_without_a_length_is_cut_off_at_the_limit() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.running.address).await.unwrap();
    stream
        .write_all(b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, " ".repeat(65_536));
    for _ in 0..17 {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 64];
    let count = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..count]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn every_problem_of_a_body_comes_back_with_its_pointer() {
    let server = TestServer::start().await;
    let answer = server.post("/api/v1/auth/login", &json!({ "e-mail": "a", "password": 7 })).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "VALIDATION_ERROR"));
    let mut details = answer.details();
    details.sort();
    let pair = |path: &str, code: &str| (path.to_owned(), code.to_owned());
    assert_eq!(
        details,
        [pair("/e-mail", "UNKNOWN_FIELD"), pair("/email", "REQUIRED"), pair("/password", "INVALID_TYPE")]
    );
}

#[tokio::test]
async fn every_answer_carries_a_request_id_and_the_clients_own_if_it_is_one() {
    let server = TestServer::start().await;
    let own = "0198c9a0-0000-7000-8000-00000000abcd";
    let answer = server.send(Method::GET, "/health", &[("x-request-id", own)], None).await;
    assert_eq!(answer.header("x-request-id"), Some(own));
    let answer = server.send(Method::GET, "/nothing", &[("x-request-id", "<script>")], None).await;
    assert!(uuid::Uuid::try_parse(answer.header("x-request-id").unwrap()).is_ok());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn a_half_sent_header_is_closed_after_ten_seconds() {
    let server = TestServer::start().await;
    for sent in [&b"GET /health HTTP/1.1\r\nhost:"[..], b""] {
        let mut stream = TcpStream::connect(server.running.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let started = Instant::now();
        let mut rest = Vec::new();
        // The one test that waits: the time-out of a real socket is its subject.
        let closed = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "still open after {:?}", started.elapsed());
        assert!(started.elapsed() > Duration::from_secs(8), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn the_pages_come_out_of_the_binary_and_load_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let document = server.send(Method::GET, "/openapi.json", &[], None).await;
    assert!(document.body["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(
        document.body["paths"]["/api/v1/auth/me"]["get"]["description"].as_str().unwrap().contains("VIEWER")
    );
    for page in ["/docs", "/redoc"] {
        let answer = server.send(Method::GET, page, &[], None).await;
        assert_eq!(answer.status, 200, "{page}");
        let html = answer.body.as_str().unwrap();
        assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "{page} loads from elsewhere");
    }
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "index.css"] {
        let answer = server.send(Method::GET, &format!("/docs/{file}"), &[], None).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(!answer.body.as_str().unwrap_or_default().is_empty());
    }
    assert_eq!(server.send(Method::GET, "/docs/..%2F..%2Fetc", &[], None).await.status, 404);
}

#[tokio::test]
async fn probes_and_figures_answer() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    tenant.get(Role::Viewer, "/api/v1/auth/me").await;
    let health = server.send(Method::GET, "/health", &[], None).await;
    assert_eq!((health.status.as_u16(), &health.body["database"]), (200, &json!("ok")));
    let ready = server.send(Method::GET, "/ready", &[], None).await;
    assert_eq!((ready.status.as_u16(), &ready.body["ready"]), (200, &json!(true)));
    let metrics = server.send(Method::GET, "/metrics", &[], None).await;
    let text = metrics.body.as_str().unwrap();
    for name in [
        "stratum_http_requests_total{method=\"GET\",route=\"/api/v1/auth/me\",status=\"2xx\"}",
        "stratum_http_request_duration_seconds_bucket",
        "stratum_db_up 1",
        "stratum_db_pool_wait_seconds",
        "stratum_audit_append_failures_total 0",
    ] {
        assert!(text.contains(name), "{name} is missing in:\n{text}");
    }
    assert!(!text.contains(&tenant.user(Role::Viewer).to_string()));
}

/// Whether the page was built or not, a browser gets a page that loads nothing from elsewhere.
#[tokio::test]
async fn a_browser_gets_the_page_and_demo_accounts_are_told_by_the_demo_alone() {
    let server = TestServer::start().await;
    let page = server.send(Method::GET, "/actions", &[("accept", "text/html")], None).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'self'"));
    let unknown = server.send(Method::GET, "/api/v1/nothing", &[("accept", "text/html")], None).await;
    assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "NOT_FOUND"));

    let about = server.send(Method::GET, "/api/v1/console", &[], None).await;
    assert_eq!((about.status.as_u16(), &about.body["data"]["demo"]), (200, &serde_json::Value::Null));
}
