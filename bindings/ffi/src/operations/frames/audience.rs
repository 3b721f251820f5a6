//! `audience.payloads` over a column for each identifier and field of the members.

use serde_json::Value;
use stratum_cdp::audience::{AudienceMember, AudiencePayloadsRequest, AudiencePayloadsResponse};
use stratum_cdp::conversion::{AdConsent, AdDecision, ConversionUser, PlatformRequest, RawIdentifier};
use stratum_cdp::identifier::IdentifierType;
use stratum_core::problem::{Problem, Problems};

use crate::batch::{
    Answer, Batch, Column, ColumnKind, ColumnSpec, Columns, Output, Progress, ROWS_AT_ONCE, Run, Table,
    TextColumn,
};

/// Members of an audience, a row each. The policy is the request of `audience.payloads` without its members. The answer has a
/// row for each request, with its body as JSON text; the table `skipped` names the rows that are in none and why, the table
/// `merged` those that are the same to the platform as an earlier one.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::optional(
            "member_id",
            ColumnKind::Id,
            "The tenant's ids of the members; their row number if left out.",
        ),
        ColumnSpec::optional("email", ColumnKind::Text, "E-mail addresses, or the SHA-256 of them."),
        ColumnSpec::optional("phone", ColumnKind::Text, "Phone numbers."),
        ColumnSpec::optional("external_id", ColumnKind::Text, "Ids in the tenant's own system."),
        ColumnSpec::optional("device_id", ColumnKind::Text, "Advertising ids."),
        ColumnSpec::optional("first_name", ColumnKind::Text, "Given names."),
        ColumnSpec::optional("last_name", ColumnKind::Text, "Family names."),
        ColumnSpec::optional("city", ColumnKind::Text, "Cities."),
        ColumnSpec::optional("state", ColumnKind::Text, "States, provinces or emirates."),
        ColumnSpec::optional("zip", ColumnKind::Text, "Postal codes."),
        ColumnSpec::optional("country", ColumnKind::Text, "Countries, by code or English name."),
        ColumnSpec::optional("date_of_birth", ColumnKind::Text, "Days of birth."),
        ColumnSpec::optional("gender", ColumnKind::Text, "Genders."),
        ColumnSpec::optional(
            "ad_user_data",
            ColumnKind::Text,
            "Whether the data may go to ad platforms: granted or denied; null is not decided.",
        ),
        ColumnSpec::optional(
            "ad_personalization",
            ColumnKind::Text,
            "Whether it may be used for ads made for the person: granted or denied; null is not decided.",
        ),
    ],
    further: None,
    run: Run::Whole(run),
};

const IDENTIFIERS: [IdentifierType; 4] =
    [IdentifierType::Email, IdentifierType::Phone, IdentifierType::ExternalId, IdentifierType::DeviceId];

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
            request.members.push(member(piece, row, number)?);
            if request.members.len().is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
    }
    let answer = request.payloads().map_err(|problems| problems.under("/policy"))?;
    progress.advance(request.members.len() % ROWS_AT_ONCE)?;
    Ok(tables(&answer))
}

fn member(piece: &Columns<'_>, row: usize, number: usize) -> Result<AudienceMember, Problems> {
    let text = |name: &str| piece.texts(name).and_then(|texts| texts.get(row)).map(str::to_owned);
    // A word that is not understood may be a denial: it is refused, never read as undecided. The refusal does not quote it:
    // where the wrong column was named it is an address.
    let decided = |name: &str| -> Result<Option<AdDecision>, Problems> {
        let read = text(name).map(|word| word.trim().parse::<AdDecision>()).transpose();
        read.map_err(|_| {
            let message = format!("row {number} of {name} holds no decision about ads");
            let problem = Problem::new(format!("/{name}/{number}"), "unknown_value", message);
            problem.help("write granted or denied, or leave it null").into()
        })
    };
    let named = match piece.get("member_id") {
        Some(Column::Integers(ids)) => ids.get(row).map(ToString::to_string),
        _ => text("member_id"),
    };
    let identifiers =
        IDENTIFIERS.into_iter().filter_map(|kind| Some(RawIdentifier { kind, value: text(kind.as_str())? }));
    Ok(AudienceMember {
        member_id: named.unwrap_or_else(|| number.to_string()),
        identifiers: identifiers.collect(),
        user: ConversionUser {
            first_name: text("first_name"),
            last_name: text("last_name"),
            city: text("city"),
            state: text("state"),
            zip: text("zip"),
            country: text("country"),
            date_of_birth: text("date_of_birth"),
            gender: text("gender"),
            ..ConversionUser::default()
        },
        consent: AdConsent {
            ad_user_data: decided("ad_user_data")?,
            ad_personalization: decided("ad_personalization")?,
        },
    })
}

fn tables(answer: &AudiencePayloadsResponse) -> Answer {
    let of = |value: fn(&PlatformRequest) -> &str| texts(answer.requests.iter().map(value).collect());
    let bodies: Vec<String> = answer.requests.iter().map(PlatformRequest::body_text).collect();
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let sent = answer.requests.iter().map(|request| whole(request.items.len())).collect();
    let table = Table::default()
        .with("method", of(|request| request.method.as_str()))
        .with("host", of(|request| request.host))
        .with("path", of(|request| &request.path))
        .with("auth", of(|request| request.auth.as_str()))
        .with("members", Output::Integers(sent))
        .with("body", texts(bodies.iter().map(String::as_str).collect()));
    let rows =
        answer.skipped.iter().map(|skipped| i64::try_from(skipped.index).unwrap_or(i64::MAX)).collect();
    let skipped = Table::default()
        .with("row", Output::Integers(rows))
        .with("member_id", texts(answer.skipped.iter().map(|skipped| skipped.member_id.as_str()).collect()))
        .with("reason", texts(answer.skipped.iter().map(|skipped| skipped.reason.as_str()).collect()));
    let merged = Table::default()
        .with("member_id", texts(answer.merged.iter().map(|merged| merged.member_id.as_str()).collect()))
        .with("into", texts(answer.merged.iter().map(|merged| merged.into.as_str()).collect()));
    Answer::from(table).and("skipped", skipped).and("merged", merged)
}

fn texts(rows: Vec<&str>) -> Output {
    Output::Texts(rows.into_iter().map(Some).collect::<TextColumn>())
}
