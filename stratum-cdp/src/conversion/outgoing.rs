//! A request as it goes to a platform, without what is secret.

use serde::Serialize;
use stratum_core::enumeration;

use super::{google, google_legacy, meta, snapchat, tiktok};
use crate::audience;

enumeration! {
    /// The method of a request.
    pub enum HttpMethod "method" {
        /// Something is sent.
        Post = "POST",
        /// Something is taken back.
        Delete = "DELETE",
    }
}

enumeration! {
    /// How a request shows who sends it. The token itself is no part of it.
    pub enum PlatformAuth "way to authenticate" {
        /// A parameter of the query.
        QueryAccessToken = "query access_token",
        /// A bearer token.
        Bearer = "header Authorization: Bearer",
        /// A bearer token, and who the developer and the manager account are.
        BearerAndDeveloper = "headers Authorization: Bearer, developer-token, login-customer-id",
        /// A header of its own.
        AccessToken = "header Access-Token",
    }
}

/// A request as it goes to a platform, as JSON (`content-type: application/json`).
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlatformRequest {
    /// The method.
    pub method: HttpMethod,
    /// The host; always over TLS.
    pub host: &'static str,
    /// The path, with the placeholders that the connection did not fill in.
    pub path: String,
    /// How the sender authenticates.
    pub auth: PlatformAuth,
    /// What is in it, in its order: the ids of the events or of the members.
    pub items: Vec<String>,
    /// The body.
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    pub body: PlatformBody,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PlatformBody {
    /// Meta's Conversions API.
    MetaEvents(meta::Events),
    /// Google's Data Manager API.
    GoogleEvents(google::Events),
    /// The conversion upload of Google's Ads API.
    GoogleLegacyEvents(google_legacy::Conversions),
    /// TikTok's Events API.
    TiktokEvents(tiktok::Events),
    /// Snapchat's Conversions API.
    SnapchatEvents(snapchat::Events),
    /// The users of a custom audience at Meta.
    MetaAudience(audience::meta::Users),
    /// Members of a user list, by Google's Data Manager API.
    GoogleAudience(audience::google::Members),
    /// The members of an audience at TikTok.
    TiktokAudience(audience::tiktok::Mapping),
    /// The users of a segment at Snapchat.
    SnapchatAudience(audience::snapchat::Users),
}

impl std::fmt::Debug for PlatformRequest {
    /// With how many items, not with their ids: a shop may have made them of e-mail addresses. Bodies hide what names people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformRequest")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("items", &self.items.len())
            .finish_non_exhaustive()
    }
}

impl PlatformRequest {
    /// The body as JSON text.
    #[must_use]
    pub fn body_text(&self) -> String {
        // Texts, numbers, lists and objects with text keys: nothing that JSON cannot write.
        serde_json::to_string(&self.body).unwrap_or_default()
    }
}
