//! Whole columns of addresses, numbers and ids, row after row, without an allocation for each.
//!
//! Each function tells `each` row in turn what became of it, in the order of the rows; a row without a value, and one whose
//! value is no such identifier, becomes nothing. The results are those of [`Email`], [`Phone`] and [`Identifier`].
//!
//! ```
//! use stratum_cdp::identifier::columns;
//! use stratum_core::vocabulary::Platform;
//!
//! let rows = [Some(" Jane@Shop.EXAMPLE"), Some("no address"), None];
//! let mut normal = Vec::new();
//! columns::emails(rows, |email| normal.push(email.map(str::to_owned)));
//! assert_eq!(normal, [Some("jane@shop.example".to_owned()), None, None]);
//!
//! let mut hashes = 0;
//! columns::email_hashes(rows, Platform::Meta, |hash| hashes += usize::from(hash.is_some()));
//! assert_eq!(hashes, 1);
//! ```

use std::str::FromStr;

use stratum_core::Digest;
use stratum_core::vocabulary::Platform;

use super::email_ascii::{self, LONGEST};
use super::{
    CleaningPolicy, Email, Identifier, IdentifierRefusal, IdentifierType, Phone, Region, email_hash,
};

/// The normal form of each address; of one that arrived as a hash that hash, in lower case.
pub fn emails<'a>(rows: impl IntoIterator<Item = Option<&'a str>>, mut each: impl FnMut(Option<&str>)) {
    let mut buffer = [0; LONGEST];
    for row in rows {
        match row {
            None => each(None),
            Some(raw) => match email_ascii::normal(raw, &mut buffer) {
                Some(email) => each(Some(email)),
                None => each(Email::parse(raw).ok().as_ref().map(Email::as_str)),
            },
        }
    }
}

/// The SHA-256 of each address as a platform wants it.
pub fn email_hashes<'a>(
    rows: impl IntoIterator<Item = Option<&'a str>>,
    platform: Platform,
    mut each: impl FnMut(Option<Digest>),
) {
    let mut buffer = [0; LONGEST];
    for row in rows {
        each(row.and_then(|raw| match email_ascii::normal(raw, &mut buffer) {
            Some(email) => email_hash::written_for(email, platform).map(|text| Digest::of(text.as_bytes())),
            None => Email::parse(raw).ok()?.platform_hash(platform),
        }));
    }
}

/// The international form of each number that is in use; one without a country code by the plan of `region`.
pub fn phones<'a>(
    rows: impl IntoIterator<Item = Option<&'a str>>,
    region: Option<Region>,
    mut each: impl FnMut(Option<&str>),
) {
    for row in rows {
        let phone = row.and_then(|raw| Phone::parse(raw, region).ok());
        each(phone.as_ref().map(Phone::as_str));
    }
}

/// The SHA-256 of each number as a platform wants it.
pub fn phone_hashes<'a>(
    rows: impl IntoIterator<Item = Option<&'a str>>,
    region: Option<Region>,
    platform: Platform,
    mut each: impl FnMut(Option<Digest>),
) {
    phones(rows, region, |phone| {
        each(phone.map(|phone| Digest::of(Phone::written_for(phone, platform).as_bytes())));
    });
}

/// Each value cleaned under a policy: its normal form, or why it is no identifier; `None` for a row without a value.
pub fn identifiers<'a>(
    kind: IdentifierType,
    rows: impl IntoIterator<Item = Option<&'a str>>,
    policy: &CleaningPolicy,
    mut each: impl FnMut(Option<Result<&str, IdentifierRefusal>>),
) {
    for row in rows {
        match row.map(|raw| Identifier::clean(kind, raw, policy)) {
            Some(Ok(identifier)) => each(Some(Ok(identifier.value()))),
            Some(Err(refusal)) => each(Some(Err(refusal))),
            None => each(None),
        }
    }
}

/// The hash of an identifier in its normal form as a platform wants it; `None` where the platform takes no such identifier, or
/// takes it unhashed.
#[must_use]
pub fn identifier_hash(kind: IdentifierType, normal: &str, platform: Platform) -> Option<Digest> {
    match kind {
        IdentifierType::Email if !email_hash::is_hashed(normal) => {
            email_hash::written_for(normal, platform).map(|text| Digest::of(text.as_bytes()))
        }
        IdentifierType::Email => Digest::from_str(normal).ok(),
        IdentifierType::Phone => Some(Digest::of(Phone::written_for(normal, platform).as_bytes())),
        IdentifierType::ExternalId | IdentifierType::DeviceId | IdentifierType::AnonymousId => {
            let value = super::forms::values(kind, normal).get(platform)?.clone();
            if value.hashed { Digest::from_str(&value.value).ok() } else { None }
        }
    }
}
