//! The recorded decisions: the log, one with all it was made of, and deciding them again.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json as SqlJson;
use stratum_autopilot::decision::{DecisionRecord, replay};
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::{GateDecision, GateSubject};
use stratum_core::{Digest, Timestamp};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::wire::GateEvaluation;
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{ApiError, Data, Json, ListParams, ListQuery, Page, Path};
use crate::state::AppState;

/// Most decisions of one replay.
const MOST_REPLAYED: usize = 1000;

/// A decision of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct LoggedDecision {
    /// What the gate said.
    #[serde(flatten)]
    pub evaluation: GateEvaluation,
    /// About which action; null where it was only asked.
    pub action_id: Option<Uuid>,
}

/// A decision with what it takes to decide it again, and its place in the audit chain.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct GateDecisionRecord {
    /// What the gate said.
    #[serde(flatten)]
    pub logged: LoggedDecision,
    /// What was known.
    #[schema(value_type = Object)]
    pub facts: Value,
    /// The policy in force.
    #[schema(value_type = Object)]
    pub policy: Value,
    /// SHA-256 of the facts' canonical JSON.
    #[schema(value_type = String)]
    pub facts_digest: Digest,
    /// SHA-256 of the policy's canonical JSON.
    #[schema(value_type = String)]
    pub policy_digest: Digest,
    /// What was decided, without its sentences: with the parts above a record for `decision.replay`.
    #[schema(value_type = Object)]
    pub outcome: Value,
    /// SHA-256 of the outcome's canonical JSON.
    #[schema(value_type = String)]
    pub outcome_digest: Digest,
    /// Its place in the tenant's audit chain.
    pub audit_seq: i64,
    /// The hash of that place.
    #[schema(value_type = String)]
    pub audit_hash: Digest,
}

fn logged(row: &PgRow) -> Result<LoggedDecision, ApiError> {
    let SqlJson(evaluation) = row.try_get("evaluation")?;
    Ok(LoggedDecision { evaluation, action_id: row.try_get("action_id")? })
}

/// The filters of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Only PASS, HOLD or BLOCK.
    #[param(value_type = Option<String>)]
    decision: Option<GateDecision>,
    /// Only this subject.
    #[param(value_type = Option<String>)]
    action_type: Option<GateSubject>,
    /// Decided at this instant or later.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Decided before this instant.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// Gate decision log, newest first.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/trust-gate/decisions", tag = "trust",
    params(("tenant_id" = Uuid, Path), LogQuery, ListParams),
    responses((status = 200, body = inline(Page<LoggedDecision>))), security(("bearer" = [])))]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: ListQuery<LogQuery>,
) -> Result<Page<LoggedDecision>, ApiError> {
    query.sort.choose(&[], "")?;
    let paging = query.paging;
    let LogQuery { decision, action_type, from, to } = query.filter;
    let (rows, total) = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let decision = decision.map(GateDecision::as_str);
                let action_type = action_type.map(GateSubject::as_str);
                let (from, to) = (from.map(Timestamp::to_chrono), to.map(Timestamp::to_chrono));
                let total: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM gate_decision
                     WHERE ($1::text IS NULL OR decision = $1) AND ($2::text IS NULL OR action_type = $2)
                       AND ($3::timestamptz IS NULL OR evaluated_at >= $3)
                       AND ($4::timestamptz IS NULL OR evaluated_at < $4)",
                )
                .bind(decision)
                .bind(action_type)
                .bind(from)
                .bind(to)
                .fetch_one(&mut **tx)
                .await?;
                let rows = sqlx::query(
                    "SELECT evaluation, action_id FROM gate_decision
                     WHERE ($1::text IS NULL OR decision = $1) AND ($2::text IS NULL OR action_type = $2)
                       AND ($3::timestamptz IS NULL OR evaluated_at >= $3)
                       AND ($4::timestamptz IS NULL OR evaluated_at < $4)
                     ORDER BY evaluated_at DESC, decision_id DESC LIMIT $5 OFFSET $6",
                )
                .bind(decision)
                .bind(action_type)
                .bind(from)
                .bind(to)
                .bind(paging.limit())
                .bind(paging.offset())
                .fetch_all(&mut **tx)
                .await?;
                Ok((rows.iter().map(logged).collect::<Result<Vec<_>, _>>()?, total))
            })
        })
        .await?;
    Ok(Page::new(rows, total, paging))
}

/// The parameters of one decision's path.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct OnePath {
    decision_id: Uuid,
}

/// One recorded decision with its facts, policy digest and place in the audit chain.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/trust-gate/decisions/{decision_id}", tag = "trust",
    params(("tenant_id" = Uuid, Path), ("decision_id" = Uuid, Path)),
    responses((status = 200, body = inline(Data<GateDecisionRecord>))), security(("bearer" = [])))]
pub(super) async fn one(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<OnePath>,
) -> Result<Data<GateDecisionRecord>, ApiError> {
    let record = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT evaluation, action_id, record, audit_seq, audit_hash FROM gate_decision
                     WHERE decision_id = $1",
                )
                .bind(path.decision_id)
                .fetch_optional(&mut **tx)
                .await?
                .ok_or_else(|| ApiError::not_found("decision"))?;
                let SqlJson(record): SqlJson<DecisionRecord> = row.try_get("record")?;
                let hash: Vec<u8> = row.try_get("audit_hash")?;
                Ok(GateDecisionRecord {
                    logged: logged(&row)?,
                    facts: record.facts,
                    policy: record.policy,
                    facts_digest: record.facts_digest,
                    policy_digest: record.policy_digest,
                    outcome: record.outcome,
                    outcome_digest: record.outcome_digest,
                    audit_seq: row.try_get("audit_seq")?,
                    audit_hash: Digest::from_bytes(
                        hash.try_into().map_err(|_| ApiError::internal("a hash of another length"))?,
                    ),
                })
            })
        })
        .await?;
    Ok(Data { data: record })
}

/// Which decisions are decided again: those named, or those of a period.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ReplayBody {
    /// At most 1000.
    decision_ids: Option<Vec<Uuid>>,
    /// Decided at this instant or later.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Decided before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl ReplayBody {
    fn check(&self) -> Result<(), ApiError> {
        let mut found = ProblemCollector::new();
        match &self.decision_ids {
            Some(ids) if !(1..=MOST_REPLAYED).contains(&ids.len()) => found.push(Problem::new(
                "/decision_ids",
                "length",
                format!("1 to {MOST_REPLAYED} decisions are named"),
            )),
            Some(_) if self.from.is_some() || self.to.is_some() => found.push(
                Problem::new(
                    "/from",
                    "not_allowed_here",
                    "decisions are named or taken from a period, not both",
                )
                .help("leave out either decision_ids or from and to"),
            ),
            None if self.from.is_none() && self.to.is_none() => found.push(
                Problem::new("/decision_ids", "required", "nothing says which decisions")
                    .help("give decision_ids, or from and to"),
            ),
            _ => {}
        }
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            found.push(Problem::new("/to", "end_before_start", "the end comes before the start"));
        }
        found.into_result(()).map_err(ApiError::validation)
    }
}

/// What deciding again gave.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct ReplayReport {
    /// How many were decided again.
    pub replayed: u64,
    /// How many came out the same, byte for byte.
    pub identical: u64,
    /// Those that did not.
    pub different: Vec<Difference>,
}

/// A decision that came out otherwise.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// Which.
    pub decision_id: Uuid,
    /// What was recorded.
    pub recorded: String,
    /// What is decided now; INVALID where the record was changed since.
    pub now: String,
    /// A JSON pointer into the outcome, or what is wrong with the record.
    pub first_difference: String,
}

/// Decides recorded decisions again; must give the same bytes.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/trust-gate/replay", tag = "trust", request_body = ReplayBody,
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = inline(Data<ReplayReport>)),
    (status = 202, description = "more than 1000 decisions: a job, with the same as its result")),
    security(("bearer" = [])))]
pub(super) async fn replay_decisions(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<ReplayBody>,
) -> Result<axum::response::Response, ApiError> {
    use axum::response::IntoResponse as _;
    body.check()?;
    let user = caller.user_id().map(Uuid::from);
    state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let ids = body.decision_ids.as_deref();
                if count(tx, ids, body.from, body.to).await?
                    > i64::try_from(MOST_REPLAYED).unwrap_or(i64::MAX)
                {
                    let request = serde_json::json!({ "from": body.from, "to": body.to });
                    let job =
                        crate::jobs::queue(tx, crate::jobs::Kind::TrustGateReplay, &request, user).await?;
                    return Ok(job.into_response());
                }
                Ok(Data::from(run_replay(tx, ids, body.from, body.to).await?).into_response())
            })
        })
        .await
}

async fn count(
    tx: &mut TenantTx,
    ids: Option<&[Uuid]>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<i64, ApiError> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM gate_decision
         WHERE ($1::uuid[] IS NULL OR decision_id = ANY($1)) AND ($2::timestamptz IS NULL OR evaluated_at >= $2)
           AND ($3::timestamptz IS NULL OR evaluated_at < $3)",
    )
    .bind(ids)
    .bind(from.map(Timestamp::to_chrono))
    .bind(to.map(Timestamp::to_chrono))
    .fetch_one(&mut **tx)
    .await?)
}

/// One page of records, oldest first, after the place given.
///
/// # Errors
/// The database's.
pub(super) async fn records(
    tx: &mut TenantTx,
    ids: Option<&[Uuid]>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    after: Option<(DateTime<Utc>, Uuid)>,
) -> Result<Vec<(DateTime<Utc>, Uuid, DecisionRecord)>, ApiError> {
    let rows = sqlx::query(
        "SELECT evaluated_at, decision_id, record FROM gate_decision
         WHERE ($1::uuid[] IS NULL OR decision_id = ANY($1)) AND ($2::timestamptz IS NULL OR evaluated_at >= $2)
           AND ($3::timestamptz IS NULL OR evaluated_at < $3)
           AND ($4::timestamptz IS NULL OR (evaluated_at, decision_id) > ($4, $5))
         ORDER BY evaluated_at, decision_id LIMIT 500",
    )
    .bind(ids)
    .bind(from.map(Timestamp::to_chrono))
    .bind(to.map(Timestamp::to_chrono))
    .bind(after.map(|(at, _)| at))
    .bind(after.map(|(_, id)| id))
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| {
            let SqlJson(record) = row.try_get("record")?;
            Ok((row.try_get("evaluated_at")?, row.try_get("decision_id")?, record))
        })
        .collect()
}

/// Decides every decision again that was named or lies in the period.
///
/// # Errors
/// The database's.
pub(crate) async fn run_replay(
    tx: &mut TenantTx,
    ids: Option<&[Uuid]>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<ReplayReport, ApiError> {
    let mut report = ReplayReport::default();
    let mut after = None;
    loop {
        let page = records(tx, ids, from, to, after).await?;
        let Some((at, id, _)) = page.last() else { return Ok(report) };
        after = Some((*at, *id));
        for (_, decision_id, record) in &page {
            report.replayed = report.replayed.saturating_add(1);
            let recorded =
                record.decision().map_or_else(|| "INVALID".to_owned(), |decision| decision.to_string());
            match replay(record) {
                Ok(again) if again.identical => report.identical = report.identical.saturating_add(1),
                Ok(again) => report.different.push(Difference {
                    decision_id: *decision_id,
                    recorded,
                    now: again.now.to_string(),
                    first_difference: again.first_difference.unwrap_or_default(),
                }),
                Err(problems) => report.different.push(Difference {
                    decision_id: *decision_id,
                    recorded,
                    now: "INVALID".to_owned(),
                    first_difference: problems.to_string().replace('\n', "; "),
                }),
            }
        }
    }
}
