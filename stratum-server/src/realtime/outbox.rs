//! The table of live events, and who waits for new ones.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use sqlx::postgres::PgConnection;
use stratum_core::Timestamp;
use stratum_core::id::TenantId;
use tokio::sync::watch;

use super::Channel;
use crate::http::ApiError;

/// How long an event can be replayed: 5 minutes.
pub(super) const REPLAY_MS: i64 = 5 * 60_000;

/// An event that waits for its transaction to commit.
#[derive(Debug, Clone)]
pub struct PendingEvent {
    /// On which channel.
    pub channel: Channel,
    /// The kind of message, such as `action_status_update`.
    pub kind: &'static str,
    /// What it tells.
    pub payload: Value,
}

/// An event as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct StoredEvent {
    pub(super) seq: i64,
    pub(super) channel: String,
    pub(super) kind: String,
    pub(super) payload: Value,
}

/// Numbers and stores events, and wakes the streams of this process. Streams of other processes look by themselves.
#[derive(Debug, Default)]
pub struct Outbox {
    wakers: Mutex<BTreeMap<TenantId, watch::Sender<u64>>>,
}

impl Outbox {
    /// Stores the events of a transaction. The counter's row stays locked until the commit, so that numbers are given
    /// in the order of the commits: whoever has seen number 7 will never be shown a new number 6.
    pub(crate) async fn store(
        &self,
        tx: &mut PgConnection,
        tenant: TenantId,
        now: Timestamp,
        events: Vec<PendingEvent>,
    ) -> Result<(), ApiError> {
        let count = i64::try_from(events.len()).map_err(ApiError::internal)?;
        let last: i64 = sqlx::query_scalar(
            "INSERT INTO event_head (tenant_id, seq) VALUES ($1, $2)
             ON CONFLICT (tenant_id) DO UPDATE SET seq = event_head.seq + $2
             RETURNING seq",
        )
        .bind(tenant.as_uuid())
        .bind(count)
        .fetch_one(&mut *tx)
        .await?;
        let channels: Vec<&str> = events.iter().map(|event| event.channel.as_str()).collect();
        let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
        let payloads: Vec<&Value> = events.iter().map(|event| &event.payload).collect();
        sqlx::query(
            "INSERT INTO event_outbox (tenant_id, seq, at, channel, kind, payload)
             SELECT $1, $2 + position, $3, channel, kind, payload
             FROM UNNEST($4::text[], $5::text[], $6::jsonb[]) WITH ORDINALITY
                  AS event (channel, kind, payload, position)",
        )
        .bind(tenant.as_uuid())
        .bind(last.saturating_sub(count))
        .bind(now.to_chrono())
        .bind(channels)
        .bind(kinds)
        .bind(payloads)
        .execute(&mut *tx)
        .await?;
        // Twice the time of replay, so that no stream loses what it is just reading; a few rows with each new one.
        sqlx::query(
            "DELETE FROM event_outbox WHERE (tenant_id, seq) IN (
                 SELECT tenant_id, seq FROM event_outbox WHERE at < $1 ORDER BY at LIMIT 20)",
        )
        .bind(now.plus_millis(-2 * REPLAY_MS).to_chrono())
        .execute(&mut *tx)
        .await?;
        Ok(())
    }

    /// Tells this process's streams of `tenant` that there is something new.
    pub(crate) fn wake(&self, tenant: TenantId) {
        if let Some(waker) = self.wakers().get(&tenant) {
            waker.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Changes whenever something new may be there for `tenant`.
    pub(super) fn subscribe(&self, tenant: TenantId) -> watch::Receiver<u64> {
        let mut wakers = self.wakers();
        // Those that nobody waits for are dropped when somebody new comes.
        wakers.retain(|_, waker| waker.receiver_count() > 0);
        wakers.entry(tenant).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    fn wakers(&self) -> MutexGuard<'_, BTreeMap<TenantId, watch::Sender<u64>>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
