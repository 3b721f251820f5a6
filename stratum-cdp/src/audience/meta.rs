//! Custom audiences at Meta: `POST` and `DELETE /{version}/{audience}/users`, `POST …/usersreplace`, at most 10000 users.

use serde::{Serialize, Serializer};
use stratum_core::vocabulary::Platform;

use super::batch::How;
use super::member::AudienceConnection;
use crate::conversion::{
    Group, Hashed, HttpMethod, MatchKeys, PlatformAuth, PlatformBody, PlatformRequest, Private, filled,
};
use crate::person::PersonField;

/// The columns, in the order in which they are sent.
const COLUMNS: [&str; 14] = [
    "EXTERN_ID",
    "EMAIL",
    "PHONE",
    "GEN",
    "DOBY",
    "DOBM",
    "DOBD",
    "LN",
    "FN",
    "CT",
    "ST",
    "ZIP",
    "COUNTRY",
    "MADID",
];

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Users {
    payload: Payload,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Payload {
    /// Those columns in which somebody of the request has a value.
    schema: Vec<&'static str>,
    data: Vec<Vec<Cell>>,
}

/// Which part of a replacement a request is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Session {
    session_id: u64,
    batch_seq: usize,
    last_batch_flag: bool,
    estimated_num_total: usize,
}

impl Session {
    pub(super) fn of(how: How, sequence: usize, batches: usize, total: usize) -> Option<Self> {
        let How::Replace(session_id) = how else { return None };
        Some(Self {
            session_id,
            batch_seq: sequence,
            last_batch_flag: sequence == batches,
            estimated_num_total: total,
        })
    }
}

/// A value of a row; an empty text where there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    None,
    Hashed(Hashed),
    Plain(Private),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str(""),
            Self::Hashed(hash) => hash.serialize(serializer),
            Self::Plain(text) => text.serialize(serializer),
        }
    }
}

/// A value for each column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row([Cell; 14]);

/// What Meta can use of a member: the first e-mail address and phone number; the tenant's own id goes as it is.
pub(super) fn row(keys: &MatchKeys) -> Option<Row> {
    let hashed = |hash: Option<Hashed>| hash.map_or(Cell::None, Cell::Hashed);
    let field = |field| hashed(keys.hashed(field));
    let plain = |text| Private::of(text).map_or(Cell::None, Cell::Plain);
    let born = |part: std::ops::Range<usize>| {
        let text = keys.plain(PersonField::DateOfBirth).and_then(|text| text.get(part));
        hashed(text.map(Hashed::of))
    };
    let [extern_id, email, phone, madid] = [
        plain(keys.external_id()),
        hashed(keys.emails(Platform::Meta).first().copied()),
        hashed(keys.phones(Platform::Meta).first().copied()),
        plain(keys.ad_id()),
    ];
    let is_findable = [&extern_id, &email, &phone, &madid].into_iter().any(|cell| *cell != Cell::None);
    is_findable.then(|| {
        Row([
            extern_id,
            email,
            phone,
            field(PersonField::Gender),
            born(0..4),
            born(4..6),
            born(6..8),
            field(PersonField::LastName),
            field(PersonField::FirstName),
            field(PersonField::City),
            field(PersonField::State),
            field(PersonField::Zip),
            field(PersonField::Country),
            madid,
        ])
    })
}

/// What finds a member who leaves: the row under which they were added, and one for each further address and number.
pub(super) fn rows(keys: &MatchKeys) -> Vec<Row> {
    let alone = |column: &str, hash: Hashed| {
        Row(COLUMNS.map(|name| if name == column { Cell::Hashed(hash) } else { Cell::None }))
    };
    let emails = keys.emails(Platform::Meta).into_iter().skip(1).map(|hash| alone("EMAIL", hash));
    let phones = keys.phones(Platform::Meta).into_iter().skip(1).map(|hash| alone("PHONE", hash));
    row(keys).into_iter().chain(emails).chain(phones).collect()
}

/// Users of one request.
pub(super) fn request(
    connection: &AudienceConnection,
    how: How,
    session: Option<Session>,
    group: Group<&'static str, Row>,
) -> PlatformRequest {
    let used: Vec<bool> = (0..COLUMNS.len())
        .map(|column| group.items.iter().any(|row| row.0.get(column).is_some_and(|cell| *cell != Cell::None)))
        .collect();
    let schema = COLUMNS.iter().zip(&used).filter(|(_, used)| **used).map(|(name, _)| *name).collect();
    let kept =
        |row: Row| row.0.into_iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect();
    let (method, edge) = match how {
        How::Add => (HttpMethod::Post, "users"),
        How::Remove => (HttpMethod::Delete, "users"),
        How::Replace(_) => (HttpMethod::Post, "usersreplace"),
    };
    PlatformRequest {
        method,
        host: "graph.facebook.com",
        path: filled(&format!("/{{api_version}}/{{audience_id}}/{edge}"), &connection.ids),
        auth: PlatformAuth::QueryAccessToken,
        items: group.ids,
        body: PlatformBody::MetaAudience(Users {
            payload: Payload { schema, data: group.items.into_iter().map(kept).collect() },
            session,
        }),
    }
}
