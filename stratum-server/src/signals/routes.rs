//! `POST` and `GET …/signals`.

use axum::extract::State;
use serde::Deserialize;
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::Platform;
use stratum_core::{Problems, Timestamp};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, Filter};
use super::wire::{
    ItemError, MOST_SIGNALS, Origin, Signal, SignalBatch, SignalInput, SignalReceipt, SignalResult,
};
use crate::auth::Caller;
use crate::health;
use crate::http::{Accepted, ApiError, Json, ListParams, ListQuery, Page};
use crate::state::AppState;

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(push, list))
}

/// Pushes measurements; each is accepted, a duplicate or rejected on its own.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/signals", tag = "trust", request_body = SignalBatch,
    params(("tenant_id" = String, Path)), responses((status = 202, body = inline(crate::http::Data<SignalReceipt>))),
    security(("bearer" = []), ("source_key" = [])))]
async fn push(
    State(state): State<AppState>,
    caller: Caller,
    Json(batch): Json<SignalBatch>,
) -> Result<Accepted<SignalReceipt>, ApiError> {
    if !(1..=MOST_SIGNALS).contains(&batch.signals.len()) {
        return Err(
            Problem::new("/signals", "length", format!("a batch has 1 to {MOST_SIGNALS} signals")).into()
        );
    }
    let receipt = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let (valid, mut results) = sort_out(batch, tx.now());
                let signals: Vec<(SignalInput, String)> =
                    valid.iter().map(|(_, signal, key)| (signal.clone(), key.clone())).collect();
                let stored = store::insert(tx, &signals, Origin::Pushed).await?;
                for ((index, ..), new) in valid.iter().zip(&stored) {
                    let status = if *new { "accepted" } else { "duplicate" };
                    results.push(SignalResult { index: *index, status, error: None });
                }
                // Health follows within seconds of what was accepted.
                let platforms = signals.iter().zip(&stored).filter(|(_, new)| **new);
                health::request_evaluation(tx, platforms.filter_map(|((signal, _), _)| signal.platform))
                    .await?;
                results.sort_by_key(|result| result.index);
                Ok(receipt(results))
            })
        })
        .await?;
    Ok(Accepted(receipt))
}

/// Reads each item on its own: the valid ones with their dedup key, and the results of the others.
fn sort_out(batch: SignalBatch, now: Timestamp) -> (Vec<(usize, SignalInput, String)>, Vec<SignalResult>) {
    let mut valid = Vec::new();
    let mut results = Vec::new();
    for (index, item) in batch.signals.into_iter().enumerate() {
        match crate::http::read_value::<SignalInput>(item).and_then(|signal| check(signal, now)) {
            Ok((signal, key)) => valid.push((index, signal, key)),
            Err(problems) => {
                results.push(SignalResult { index, status: "rejected", error: Some(error(&problems)) })
            }
        }
    }
    (valid, results)
}

fn check(signal: SignalInput, now: Timestamp) -> Result<(SignalInput, String), Problems> {
    let mut found: ProblemCollector = signal.problems(now);
    let key = found.take("/attributes", signal.dedup_key()).unwrap_or_default();
    found.into_result((signal, key))
}

fn error(problems: &Problems) -> ItemError {
    ItemError { code: "VALIDATION_ERROR".to_owned(), message: problems.to_string().replace('\n', "; ") }
}

fn receipt(results: Vec<SignalResult>) -> SignalReceipt {
    let count = |status| {
        u32::try_from(results.iter().filter(|result| result.status == status).count()).unwrap_or(u32::MAX)
    };
    SignalReceipt {
        accepted: count("accepted"),
        duplicates: count("duplicate"),
        rejected: count("rejected"),
        results,
    }
}

/// The filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SignalQuery {
    /// Only this name.
    name: Option<String>,
    /// Only this platform.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
    /// Measured at this instant or later.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Measured before this instant.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// Measurements as stored, newest first.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/signals", tag = "trust",
    params(("tenant_id" = String, Path), SignalQuery, ListParams), responses((status = 200, body = inline(Page<Signal>))),
    security(("bearer" = [])))]
async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: ListQuery<SignalQuery>,
) -> Result<Page<Signal>, ApiError> {
    query.sort.choose(&[], "")?;
    let SignalQuery { name, platform, from, to } = query.filter;
    let filter = Filter { name, platform, from, to };
    let paging = query.paging;
    let (rows, total) = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            let filter = filter.clone();
            Box::pin(async move { store::list(tx, &filter, paging).await })
        })
        .await?;
    Ok(Page::new(rows, total, paging))
}
