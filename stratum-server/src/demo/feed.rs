//! The present: what the platforms' collectors would measure, minute by minute, so that health does not go stale.

use std::time::Duration;

use serde_json::json;
use stratum_core::Timestamp;
use stratum_core::id::TenantId;
use stratum_core::time::MINUTE_MS;
use stratum_core::vocabulary::Platform;

use super::create;
use super::history::{EVENTS_AN_HOUR, REQUESTS_AN_HOUR};
use super::noise::whole;
use super::story::Story;
use crate::db::{Scope, TenantTx};
use crate::health::request_evaluation;
use crate::http::ApiError;
use crate::signals::store;
use crate::signals::wire::{Origin, SignalInput, SignalType};
use crate::state::AppState;

/// How often the collectors report.
const EVERY: Duration = Duration::from_secs(60);

/// Reports every minute until the server stops, and adds the figures of each day that has ended.
pub async fn keep_fresh(state: AppState, tenant: TenantId, anchor: Timestamp) {
    let story = Story { anchor };
    loop {
        let report = state
            .db
            .tenant_tx(&Scope::system(tenant), move |tx| {
                Box::pin(async move {
                    create::fill_days(tx, &story).await?;
                    let now = tx.now();
                    write(tx, &story, &[(now.plus_minutes(-1), now)]).await
                })
            })
            .await;
        if let Err(error) = report {
            tracing::error!(event_type = "demo_feed", tenant_id = %tenant, "{error:?}");
        }
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Writes what was measured in each of the spans, on every platform, and asks for an evaluation.
///
/// # Errors
/// The database's.
pub(super) async fn write(
    tx: &mut TenantTx,
    story: &Story,
    spans: &[(Timestamp, Timestamp)],
) -> Result<(), ApiError> {
    let signals: Vec<(SignalInput, String)> = spans
        .iter()
        .flat_map(|&(from, to)| {
            Platform::ALL.iter().flat_map(move |&platform| story.signals(platform, from, to))
        })
        .collect();
    store::insert(tx, &signals, Origin::Collector).await?;
    request_evaluation(tx, Platform::ALL.iter().copied()).await
}

impl Story {
    /// What a platform's collector reports at `to` of the time since `from`, each with its key against duplicates.
    pub(super) fn signals(
        &self,
        platform: Platform,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<(SignalInput, String)> {
        let now = self.condition(platform, to);
        let hours = to.hours_since(from);
        let minute = to.millis().div_euclid(MINUTE_MS);
        let part = |of: f64, pct: f64, what: &str| {
            whole(of * pct / 100.0, &format!("{platform}/{what}"), minute).min(of)
        };
        let requests = (REQUESTS_AN_HOUR * hours).round();
        let events = (EVENTS_AN_HOUR * hours).round();
        let values = [
            ("emq_rating", Some(now.emq_rating)),
            ("credentials_valid", Some(1.0)),
            ("api_requests", Some(requests)),
            ("api_failures", Some(part(requests, now.api_failure_pct, "failures"))),
            ("events_expected", Some(events)),
            ("events_received", Some(events - part(events, now.event_loss_pct, "lost"))),
            ("sync_ok", Some(1.0)),
            ("records_total", Some(events)),
            ("records_valid", Some(events - part(events, 0.6, "invalid"))),
            ("records_complete", Some(events - part(events, 1.5, "incomplete"))),
            ("records_duplicate", Some(part(events, 0.4, "duplicate"))),
            ("platform_data", None),
        ];
        values
            .into_iter()
            .map(|(name, value)| {
                let signal = SignalInput {
                    signal_id: None,
                    kind: SignalType::Metric,
                    name: name.to_owned(),
                    platform: Some(platform),
                    value,
                    observed_at: to,
                    attributes: Some(json!({})),
                };
                (signal, format!("demo/{platform}/{name}/{}", to.millis()))
            })
            .collect()
    }
}
