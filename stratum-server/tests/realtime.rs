//! Live events: after the commit, in the order of the commits, to their own tenant.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use std::time::Duration;

use common::{TestServer, TestTenant};
use serde_json::{Value, json};
use stratum_core::vocabulary::Role;
use stratum_server::db::Scope;
use stratum_server::http::ApiError;
use stratum_server::realtime::Channel;

struct Events {
    response: reqwest::Response,
    text: String,
}

#[derive(Debug, PartialEq)]
struct Received {
    id: i64,
    kind: String,
    data: Value,
}

impl Events {
    async fn open(tenant: &TestTenant<'_>, query: &str, last: Option<i64>) -> Self {
        let mut request = tenant
            .server
            .client
            .get(tenant.server.url(&format!("/api/v1/events/stream{query}")))
            .bearer_auth(tenant.token(Role::Viewer));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` when the stream ended.
    async fn next(&mut self) -> Option<Received> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
                };
                let received = field("data").map(|data| Received {
                    id: field("id").unwrap().parse().unwrap(),
                    kind: field("event").unwrap().to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
                self.text = rest.to_owned();
                match received {
                    Some(received) => return Some(received),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.response.chunk())
                .await
                .unwrap()
                .unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

async fn publish(tenant: &TestTenant<'_>, channel: Channel, number: i64) {
    tenant
        .server
        .running
        .state
        .db
        .tenant_tx(&Scope::system(tenant.id), move |tx| {
            Box::pin(async move { tx.publish(channel, "job_update", json!({ "number": number })) })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stream_tells_what_was_committed_and_nothing_else() {
    let server = TestServer::start().await;
    let (tenant, other) = (server.tenant("Acme").await, server.tenant("Other").await);
    let mut events = Events::open(&tenant, "", None).await;
    publish(&other, Channel::Actions, 666).await;
    let scope = Scope::system(tenant.id);
    let failed = server.running.state.db.tenant_tx(&scope, |tx| {
        Box::pin(async move {
            tx.publish(Channel::Actions, "job_update", json!({ "number": 667 }))?;
            Err::<(), _>(ApiError::conflict("CONFLICT", "no"))
        })
    });
    assert!(failed.await.is_err());
    for number in 1..=3 {
        publish(&tenant, Channel::Actions, number).await;
    }
    for number in 1..=3 {
        let received = events.next().await.unwrap();
        assert_eq!((received.id, &received.data["number"]), (number, &json!(number)));
        assert_eq!(received.kind, "job_update");
    }
}

#[tokio::test]
async fn channels_are_chosen_and_a_returning_client_misses_nothing() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    for number in 1..=6 {
        let channel = if number % 2 == 0 { Channel::Health } else { Channel::Actions };
        publish(&tenant, channel, number).await;
    }
    let mut events = Events::open(&tenant, "?channels=HEALTH,emq", Some(2)).await;
    assert_eq!(events.next().await.unwrap().id, 4);
    assert_eq!(events.next().await.unwrap().id, 6);

    // Five minutes later they are forgotten, and the client is told to start over.
    server.clock.advance_ms(5 * 60_000 + 1);
    let mut events = Events::open(&tenant, "", Some(2)).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.id, first.kind.as_str()), (6, "resync"));
    publish(&tenant, Channel::Actions, 7).await;
    assert_eq!(events.next().await.unwrap().id, 7);
}

#[tokio::test]
async fn events_of_many_writers_are_numbered_in_the_order_in_which_they_can_be_seen() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let mut events = Events::open(&tenant, "", None).await;
    let mut writers = Vec::new();
    for writer in 0..8 {
        let (db, id) = (server.running.state.db.clone(), tenant.id);
        writers.push(tokio::spawn(async move {
            for number in 0..10 {
                let payload = json!({ "number": writer * 10 + number });
                db.tenant_tx(&Scope::system(id), move |tx| {
                    Box::pin(async move { tx.publish(Channel::Actions, "job_update", payload) })
                })
                .await
                .unwrap();
            }
        }));
    }
    for expected in 1..=80 {
        assert_eq!(
            events.next().await.unwrap().id,
            expected,
            "a gap would be an event that nobody is ever told"
        );
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_ends_when_its_token_does_or_the_server_stops() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let refused = server
        .client
        .get(server.url("/api/v1/events/stream"))
        .bearer_auth(tenant.token(Role::Viewer))
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 406);

    let token = tenant.token(Role::Viewer);
    server.clock.advance_ms(15 * 60_000 - 1_500);
    let request = server.client.get(server.url("/api/v1/events/stream")).bearer_auth(token);
    let mut events = Events { response: request.send().await.unwrap(), text: String::new() };
    assert_eq!(events.next().await, None, "the token has ended");

    let mut events = Events::open(&tenant, "", None).await;
    server.running.state.stop.cancel();
    assert_eq!(events.next().await, None, "the server has stopped");
}
