//! The conversion upload of Google's Ads API, for accounts that are not yet on Data Manager:
//! `POST /{version}/customers/{customer}:uploadClickConversions`, at most 2000 conversions, at most 5 user identifiers each.

use serde::Serialize;
use serde_json::Number;
use stratum_core::Currency;
use stratum_core::vocabulary::Platform;

use super::batch::Group;
use super::google::{self, Consent};
use super::hashed::{Hashed, Private};
use super::names::EventName;
use super::outgoing::{HttpMethod, PlatformAuth, PlatformBody, PlatformRequest};
use super::settings::{ConversionConnection, SkipReason, filled};
use super::{batch, common};

/// The most identifiers of one person.
const MOST_IDENTIFIERS: usize = 5;

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversions {
    conversions: Vec<Conversion>,
    /// The good ones count, whatever is wrong with others.
    partial_failure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    validate_only: Option<bool>,
}

/// A conversion of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversion {
    conversion_action: String,
    conversion_date_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion_value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_code: Option<Currency>,
    order_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user_identifiers: Vec<UserIdentifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Consent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gclid: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gbraid: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wbraid: Option<Private>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
enum UserIdentifier {
    HashedEmail(Hashed),
    HashedPhoneNumber(Hashed),
}

/// A conversion as the upload wants it. It takes one click id: the most exact of those that there are.
pub(super) fn conversion(
    conversion: &batch::Conversion<'_>,
    name: &EventName,
    connection: &ConversionConnection,
    action: &str,
) -> Result<Conversion, SkipReason> {
    let (event, keys) = (conversion.event, &conversion.keys);
    common::check_worth(event, name, false)?;
    let user = &event.user;
    let clicked = |field, parameter| common::click_id(event, field, parameter).map(Private);
    let gclid = clicked(user.gclid.as_ref(), "gclid");
    let gbraid = clicked(user.gbraid.as_ref(), "gbraid").filter(|_| gclid.is_none());
    let wbraid = clicked(user.wbraid.as_ref(), "wbraid").filter(|_| gclid.is_none() && gbraid.is_none());
    let emails = keys.emails(Platform::Google).into_iter().map(UserIdentifier::HashedEmail);
    let phones = keys.phones(Platform::Google).into_iter().map(UserIdentifier::HashedPhoneNumber);
    let user_identifiers: Vec<UserIdentifier> = emails.chain(phones).take(MOST_IDENTIFIERS).collect();
    if user_identifiers.is_empty() && [&gclid, &gbraid, &wbraid].into_iter().all(Option::is_none) {
        return Err(SkipReason::NoIdentifiers);
    }
    let action = format!("customers/{{customer_id}}/conversionActions/{action}");
    Ok(Conversion {
        conversion_action: filled(&action, &connection.ids),
        conversion_date_time: common::written_time(event, "%Y-%m-%d %H:%M:%S+00:00"),
        conversion_value: common::value(event),
        currency_code: common::currency(event),
        order_id: google::transaction_id(event),
        user_identifiers,
        consent: Consent::of(event.consent, "GRANTED", "DENIED"),
        gclid,
        gbraid,
        wbraid,
    })
}

/// Conversions of one request.
pub(super) fn request(connection: &ConversionConnection, group: Group<bool, Conversion>) -> PlatformRequest {
    PlatformRequest {
        method: HttpMethod::Post,
        host: "googleads.googleapis.com",
        path: filled("/{api_version}/customers/{customer_id}:uploadClickConversions", &connection.ids),
        auth: PlatformAuth::BearerAndDeveloper,
        items: group.ids,
        body: PlatformBody::GoogleLegacyEvents(Conversions {
            conversions: group.items,
            partial_failure: true,
            validate_only: group.envelope.then_some(true),
        }),
    }
}
