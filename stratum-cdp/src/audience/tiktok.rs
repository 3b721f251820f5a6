//! Audiences at TikTok: `POST /open_api/v1.3/segment/mapping/`, at most 10000 members.

use serde::Serialize;
use stratum_core::vocabulary::Platform;

use super::batch::How;
use super::member::AudienceConnection;
use crate::conversion::{
    Group, Hashed, HttpMethod, MatchKeys, PlatformAuth, PlatformBody, PlatformRequest, filled,
};

/// The columns, in the order in which they are sent.
const COLUMNS: [&str; 2] = ["EMAIL_SHA256", "PHONE_SHA256"];

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mapping {
    advertiser_ids: [String; 1],
    action: &'static str,
    /// Those columns in which somebody of the request has a value.
    id_schema: Vec<&'static str>,
    batch_data: Vec<Vec<Cell>>,
}

/// A value of a row; an empty object where there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Cell {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience_ids: Option<[String; 1]>,
}

/// A value for each column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row([Option<Hashed>; 2]);

/// What TikTok can use of a member: the first e-mail address and phone number.
pub(super) fn row(keys: &MatchKeys) -> Option<Row> {
    let row =
        [keys.emails(Platform::Tiktok), keys.phones(Platform::Tiktok)].map(|hashes| hashes.first().copied());
    row.iter().any(Option::is_some).then_some(Row(row))
}

/// What finds a member who leaves: the row under which they were added, and one for each further address and number.
pub(super) fn rows(keys: &MatchKeys) -> Vec<Row> {
    let emails = keys.emails(Platform::Tiktok).into_iter().skip(1).map(|hash| Row([Some(hash), None]));
    let phones = keys.phones(Platform::Tiktok).into_iter().skip(1).map(|hash| Row([None, Some(hash)]));
    row(keys).into_iter().chain(emails).chain(phones).collect()
}

/// Members of one request.
pub(super) fn request(
    connection: &AudienceConnection,
    how: How,
    group: Group<&'static str, Row>,
) -> PlatformRequest {
    let used: Vec<bool> = (0..COLUMNS.len())
        .map(|column| group.items.iter().any(|row| row.0.get(column).is_some_and(Option::is_some)))
        .collect();
    let audience = filled("{audience_id}", &connection.ids);
    let cell = |id: Option<Hashed>| Cell { id, audience_ids: id.map(|_| [audience.clone()]) };
    let cells = |row: Row| {
        row.0.into_iter().zip(&used).filter(|(_, used)| **used).map(|(id, _)| cell(id)).collect::<Vec<Cell>>()
    };
    PlatformRequest {
        method: HttpMethod::Post,
        host: "business-api.tiktok.com",
        path: "/open_api/v1.3/segment/mapping/".to_owned(),
        auth: PlatformAuth::AccessToken,
        items: group.ids,
        body: PlatformBody::TiktokAudience(Mapping {
            advertiser_ids: [filled("{advertiser_id}", &connection.ids)],
            action: if how == How::Remove { "delete" } else { "add" },
            id_schema: COLUMNS.iter().zip(&used).filter(|(_, used)| **used).map(|(name, _)| *name).collect(),
            batch_data: group.items.into_iter().map(cells).collect(),
        }),
    }
}
