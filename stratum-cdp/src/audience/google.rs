//! User lists at Google, by the Data Manager API: `POST /v1/audienceMembers:ingest` and `:remove`, at most 10000 members of
//! at most 10 identifiers each.

use serde::Serialize;

use super::batch::How;
use super::member::AudienceConnection;
use crate::conversion::google::{Consent, Destination, UserData};
use crate::conversion::{
    AdConsent, Group, HttpMethod, MatchKeys, PlatformAuth, PlatformBody, PlatformRequest,
};

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    destinations: [Destination; 1],
    audience_members: Vec<Member>,
    encoding: &'static str,
    /// Whoever adds members says so for each request.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms_of_service: Option<TermsOfService>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TermsOfService {
    customer_match_terms_of_service_status: &'static str,
}

/// A member of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    user_data: UserData,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Consent>,
}

/// What Google can use of a member, with what the person decided where that is told.
pub(super) fn member(keys: &MatchKeys, consent: Option<AdConsent>) -> Option<Member> {
    let consent = consent.and_then(|consent| Consent::of(consent, "CONSENT_GRANTED", "CONSENT_DENIED"));
    Some(Member { user_data: UserData::of(keys)?, consent })
}

/// What finds a member who leaves: all identifiers, by as many members as that takes.
pub(super) fn members(keys: &MatchKeys) -> Vec<Member> {
    UserData::all(keys).into_iter().map(|user_data| Member { user_data, consent: None }).collect()
}

/// Members of one request.
pub(super) fn request(
    connection: &AudienceConnection,
    how: How,
    group: Group<&'static str, Member>,
) -> PlatformRequest {
    let removes = how == How::Remove;
    let path = if removes { "/v1/audienceMembers:remove" } else { "/v1/audienceMembers:ingest" };
    PlatformRequest {
        method: HttpMethod::Post,
        host: "datamanager.googleapis.com",
        path: path.to_owned(),
        auth: PlatformAuth::Bearer,
        items: group.ids,
        body: PlatformBody::GoogleAudience(Members {
            destinations: [Destination::of("{audience_id}", &connection.ids)],
            audience_members: group.items,
            encoding: "HEX",
            terms_of_service: (!removes)
                .then_some(TermsOfService { customer_match_terms_of_service_status: "ACCEPTED" }),
        }),
    }
}
