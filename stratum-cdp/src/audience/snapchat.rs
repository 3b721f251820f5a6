//! Segments at Snapchat: `POST` and `DELETE /v1/segments/{segment}/users`, at most 100000 users of one kind of identifier.

use serde::Serialize;
use stratum_core::vocabulary::Platform;

use super::batch::How;
use super::member::AudienceConnection;
use crate::conversion::{
    Group, Hashed, HttpMethod, MatchKeys, PlatformAuth, PlatformBody, PlatformRequest, filled,
};

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Users {
    users: [List; 1],
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct List {
    schema: [&'static str; 1],
    data: Vec<[Hashed; 1]>,
}

/// One identifier of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Email(Hashed),
    Phone(Hashed),
    AdId(Hashed),
}

impl Row {
    /// The kind of identifier, as Snapchat calls it.
    pub(super) const fn schema(self) -> &'static str {
        match self {
            Self::Email(_) => "EMAIL_SHA256",
            Self::Phone(_) => "PHONE_SHA256",
            Self::AdId(_) => "MOBILE_AD_ID_SHA256",
        }
    }

    const fn hash(self) -> Hashed {
        match self {
            Self::Email(hash) | Self::Phone(hash) | Self::AdId(hash) => hash,
        }
    }
}

/// What Snapchat can use of a member: each identifier is a row of its own.
pub(super) fn rows(keys: &MatchKeys) -> Vec<Row> {
    let emails = keys.emails(Platform::Snapchat).into_iter().map(Row::Email);
    let phones = keys.phones(Platform::Snapchat).into_iter().map(Row::Phone);
    let ad_ids = keys.ad_ids().into_iter().map(Row::AdId);
    emails.chain(phones).chain(ad_ids).collect()
}

/// Users of one request.
pub(super) fn request(
    connection: &AudienceConnection,
    how: How,
    group: Group<&'static str, Row>,
) -> PlatformRequest {
    PlatformRequest {
        method: if how == How::Remove { HttpMethod::Delete } else { HttpMethod::Post },
        host: "adsapi.snapchat.com",
        path: filled("/v1/segments/{segment_id}/users", &connection.ids),
        auth: PlatformAuth::Bearer,
        items: group.ids,
        body: PlatformBody::SnapchatAudience(Users {
            users: [List {
                schema: [group.envelope],
                data: group.items.into_iter().map(|row| [row.hash()]).collect(),
            }],
        }),
    }
}
