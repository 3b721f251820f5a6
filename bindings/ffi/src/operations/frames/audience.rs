//! `audience.payloads` over a column for each identifier and field of the members.

use serde_json::Value;
use stratum_cdp::audience::{AudienceMember, AudiencePayloadsRequest, AudiencePayloadsResponse};
use stratum_core::problem::Problems;

use super::person::{Row, columns_of_people, requests, texts, whole};
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, Output, Progress, ROWS_AT_ONCE, Run, Table,
};

/// Members of an audience, a row each. The policy is the request of `audience.payloads` without its members. The answer has a
/// row for each request, with its body as JSON text; the table `skipped` names the rows that are in none and why, the table
/// `merged` those that are the same to the platform as an earlier one, the table `held` why nothing is sent though it was asked
/// for: one row or none.
pub static BATCH: Batch = Batch {
    columns: columns_of_people![ColumnSpec::optional(
        "member_id",
        ColumnKind::Id,
        "The tenant's ids of the members; their row number if left out.",
    ),],
    further: None,
    run: Run::Whole(run),
};

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let mut whole = policy.clone();
    if let Some(members) = whole.as_object_mut() {
        members.insert("members".to_owned(), Value::Array(Vec::new()));
    }
    let mut request: AudiencePayloadsRequest = crate::request::part(&whole, "/policy")?;
    // What is wrong with the policy is known before a million rows are read.
    request.payloads().map_err(|problems| problems.under("/policy"))?;
    for piece in pieces {
        for row in 0..piece.rows() {
            let number = request.members.len();
            request.members.push(member(Row { piece, row, number })?);
            if request.members.len().is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
    }
    let answer = request.payloads().map_err(|problems| problems.under("/policy"))?;
    progress.advance(request.members.len() % ROWS_AT_ONCE)?;
    Ok(tables(&answer))
}

fn member(row: Row<'_, '_>) -> Result<AudienceMember, Problems> {
    Ok(AudienceMember {
        member_id: row.id("member_id").unwrap_or_else(|| row.number.to_string()),
        identifiers: row.identifiers(),
        user: row.user(),
        consent: row.consent()?,
    })
}

fn tables(answer: &AudiencePayloadsResponse) -> Answer {
    let rows = answer.skipped.iter().map(|skipped| whole(skipped.index)).collect();
    let skipped = Table::default()
        .with("row", Output::Integers(rows))
        .with("member_id", texts(answer.skipped.iter().map(|skipped| skipped.member_id.as_str()).collect()))
        .with("reason", texts(answer.skipped.iter().map(|skipped| skipped.reason.as_str()).collect()));
    let merged = Table::default()
        .with("member_id", texts(answer.merged.iter().map(|merged| merged.member_id.as_str()).collect()))
        .with("into", texts(answer.merged.iter().map(|merged| merged.into.as_str()).collect()));
    let held = Table::default().with("reason", texts(answer.held.iter().map(|held| held.as_str()).collect()));
    Answer::from(requests(&answer.requests, "members"))
        .and("skipped", skipped)
        .and("merged", merged)
        .and("held", held)
}
