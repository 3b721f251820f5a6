//! `GET /api/v1/events/stream`: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use stratum_core::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Channel;
use super::outbox::{REPLAY_MS, StoredEvent};
use crate::auth::{Caller, Credential};
use crate::db::Scope;
use crate::http::{ApiError, Query};
use crate::state::AppState;

/// How often a stream looks for events that another process stored.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a silent stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events read at once.
const BATCH: i64 = 200;

/// The operations of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// What to hear of.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// Channels, separated by commas; all where absent.
    #[param(value_type = Option<String>, example = "health,actions")]
    channels: Option<Vec<Channel>>,
}

/// Live events of the caller's tenant, in the order of their commits. Ends when the access token does; a client that
/// comes back with `Last-Event-ID` within five minutes misses nothing, a later one is told to `resync`.
#[utoipa::path(
    get, path = "/api/v1/events/stream", tag = "realtime", params(StreamQuery),
    responses(
        (status = 200, description = "id, event (the kind of message), data (its payload)", content_type = "text/event-stream", body = String),
        (status = 406, description = "NOT_ACCEPTABLE"),
    ),
)]
async fn stream(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<StreamQuery>,
) -> Result<Response, ApiError> {
    if !accepts_events(&headers) {
        return Err(ApiError::new(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "this is a text/event-stream",
        ));
    }
    let Credential::User { expires_at, .. } = caller.credential() else {
        return Err(ApiError::unauthenticated("a key has no stream"));
    };
    // Subscribed before the position is read, so that nothing falls in between.
    let news = state.db.outbox().subscribe(caller.tenant());
    let last =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.trim().parse().ok());
    let (position, resync) = start(&state, caller.scope(), last).await?;
    let reader = Reader {
        scope: caller.scope().clone(),
        channels: query.channels,
        position,
        resync,
        expires_at,
        news,
        state,
    };
    Ok(Sse::new(reader.events())
        .keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"))
        .into_response())
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()) else {
        return true;
    };
    ["text/event-stream", "text/*", "*/*"].iter().any(|kind| accept.contains(kind))
}

/// Where to start: behind the event that the client saw last, or at the present. `true` when events between the two
/// were already forgotten.
async fn start(state: &AppState, scope: &Scope, last: Option<i64>) -> Result<(i64, bool), ApiError> {
    state
        .db
        .tenant_read(scope, move |tx| {
            Box::pin(async move {
                let head: Option<i64> =
                    sqlx::query_scalar("SELECT seq FROM event_head").fetch_optional(&mut **tx).await?;
                let head = head.unwrap_or(0);
                let Some(last) = last else { return Ok((head, false)) };
                let since = tx.now().plus_millis(REPLAY_MS.saturating_neg()).to_chrono();
                let oldest: Option<i64> =
                    sqlx::query_scalar("SELECT min(seq) FROM event_outbox WHERE at >= $1")
                        .bind(since)
                        .fetch_one(&mut **tx)
                        .await?;
                let next = last.saturating_add(1);
                let kept = (0..=head).contains(&last)
                    && (last == head || oldest.is_some_and(|oldest| oldest <= next));
                Ok(if kept { (last, false) } else { (head, true) })
            })
        })
        .await
}

struct Reader {
    state: AppState,
    scope: Scope,
    channels: Option<Vec<Channel>>,
    position: i64,
    resync: bool,
    expires_at: Timestamp,
    news: watch::Receiver<u64>,
}

impl Reader {
    fn events(mut self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        let (sender, receiver) = mpsc::channel(64);
        tokio::spawn(async move {
            // Ends with the token, with the server, or with the client, whichever ends first.
            let left = self.expires_at.millis_since(self.state.now());
            let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
            let stop = self.state.stop.clone();
            tokio::select! {
                () = self.feed(&sender) => {}
                () = tokio::time::sleep(left) => {}
                () = stop.cancelled() => {}
                () = sender.closed() => {}
            }
        });
        ReceiverStream::new(receiver)
    }

    async fn feed(&mut self, sender: &mpsc::Sender<Result<Event, Infallible>>) {
        if self.resync {
            let event = Event::default().id(self.position.to_string()).event("resync").data("{}");
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
        loop {
            match self.next_batch().await {
                Ok(batch) => {
                    let more = i64::try_from(batch.len()).is_ok_and(|count| count == BATCH);
                    for stored in batch {
                        self.position = stored.seq;
                        if let Some(event) = self.shown(&stored)
                            && sender.send(Ok(event)).await.is_err()
                        {
                            return;
                        }
                    }
                    if more {
                        continue;
                    }
                }
                // The database is restarting: the stream waits with everybody else.
                Err(error) => tracing::warn!(event_type = "stream_read_failed", "{error:?}"),
            }
            tokio::select! {
                changed = self.news.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn next_batch(&self) -> Result<Vec<StoredEvent>, ApiError> {
        let position = self.position;
        self.state
            .db
            .tenant_read(&self.scope, move |tx| {
                Box::pin(async move {
                    let rows = sqlx::query_as(
                        "SELECT seq, channel, kind, payload FROM event_outbox WHERE seq > $1 ORDER BY seq LIMIT $2",
                    )
                    .bind(position)
                    .bind(BATCH)
                    .fetch_all(&mut **tx)
                    .await?;
                    Ok(rows)
                })
            })
            .await
    }

    fn shown(&self, stored: &StoredEvent) -> Option<Event> {
        if let Some(channels) = &self.channels
            && !channels.iter().any(|channel| channel.as_str() == stored.channel)
        {
            return None;
        }
        let event = Event::default().id(stored.seq.to_string()).event(&stored.kind);
        event.json_data(&stored.payload).ok()
    }
}
