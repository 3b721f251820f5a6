//! What the customer data library makes of what people type.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::identifier::{Email, Phone, PlatformValue, Region};
use stratum_cdp::person::{PersonContext, PersonField};
use stratum_core::vocabulary::Platform;

use super::{Tally, differs, list};

#[derive(Deserialize)]
struct EmailCase {
    id: String,
    raw: String,
    normalized: Option<String>,
    already_hashed: bool,
    google_form: Option<String>,
    meta: Option<String>,
    google: Option<String>,
    tiktok: Option<String>,
    snapchat: Option<String>,
}

/// The normal form, and the hash that each platform wants.
pub(super) fn email(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<EmailCase>(content, "cases")? {
        let email = Email::parse(&case.raw).ok();
        let hashed = email.as_ref().is_some_and(Email::is_hashed);
        // A hash has no normal form: it is used as it is.
        let normal = email.as_ref().filter(|_| !hashed).map(|email| email.as_str().to_owned());
        let google_form = email
            .as_ref()
            .and_then(|email| email.hash_input(Platform::Google))
            .map(|form| AsRef::<str>::as_ref(&form).to_owned());
        let hash = |platform| {
            email.as_ref().and_then(|email| email.platform_hash(platform)).map(|hash| hash.to_string())
        };
        let wrong = differs("already_hashed", &hashed, &case.already_hashed)
            .or_else(|| differs("the normal form", &normal, &case.normalized))
            .or_else(|| differs("what Google hashes", &google_form, &case.google_form))
            .or_else(|| differs("the hash for Meta", &hash(Platform::Meta), &case.meta))
            .or_else(|| differs("the hash for Google", &hash(Platform::Google), &case.google))
            .or_else(|| differs("the hash for TikTok", &hash(Platform::Tiktok), &case.tiktok))
            .or_else(|| differs("the hash for Snapchat", &hash(Platform::Snapchat), &case.snapchat));
        tally.count(&case.id, wrong);
    }
    Ok(())
}

#[derive(Deserialize)]
struct PhoneCase {
    id: String,
    raw: String,
    region: Option<Region>,
    e164: Option<String>,
    #[serde(default)]
    possible_e164: Option<String>,
    #[serde(flatten)]
    hashes: BTreeMap<String, Value>,
}

/// The international form: of a number that is in use, and of one that is possible by its length.
pub(super) fn phone(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<PhoneCase>(content, "cases")? {
        let valid = Phone::parse(&case.raw, case.region).ok().map(Phone::into_string);
        let possible = Phone::parse_possible(&case.raw, case.region).ok().map(Phone::into_string);
        let wrong = differs("the number", &valid, &case.e164)
            .or_else(|| differs("the possible number", &possible, &case.possible_e164));
        tally.count(&case.id, wrong);
    }
    Ok(())
}

/// The hash of a number that each platform wants.
pub(super) fn phone_hashes(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<PhoneCase>(content, "cases")? {
        let phone = Phone::parse(&case.raw, case.region).ok();
        let mut wrong = differs("the number", &phone.clone().map(Phone::into_string), &case.e164);
        for platform in Platform::ALL {
            let hash = phone.as_ref().map(|phone| phone.platform_hash(*platform).to_string());
            let expected =
                case.hashes.get(&platform.as_str().to_lowercase()).and_then(Value::as_str).map(str::to_owned);
            wrong = wrong.or_else(|| differs(&format!("the hash for {platform}"), &hash, &expected));
        }
        tally.count(&case.id, wrong);
    }
    Ok(())
}

#[derive(Deserialize)]
struct PersonCase {
    id: String,
    field: PersonField,
    raw: String,
    country: Option<String>,
    #[serde(default)]
    already_hashed: bool,
    meta: Option<String>,
    meta_hash: Option<String>,
    google: Option<String>,
    google_hash: Option<String>,
}

/// Names, addresses, date of birth, gender: the text and the hash.
pub(super) fn person(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<PersonCase>(content, "cases")? {
        let context = match &case.country {
            Some(country) => PersonContext::default().with_country(country),
            None => PersonContext::default(),
        };
        let field = case.field.normalize(&case.raw, &context);
        let values = field.platform_values();
        let hash = |value: Option<PlatformValue>| value.filter(|value| value.hashed).map(|value| value.value);
        let wrong = differs("already_hashed", &field.is_hashed(), &case.already_hashed)
            .or_else(|| differs("the text", &field.meta().map(str::to_owned), &case.meta))
            .or_else(|| differs("the hash", &hash(values.meta), &case.meta_hash))
            .or_else(|| differs("Google's text", &field.google().map(str::to_owned), &case.google))
            .or_else(|| differs("Google's hash", &hash(values.google), &case.google_hash));
        tally.count(&case.id, wrong);
    }
    Ok(())
}
