//! From an identifier in its normal form to what each ad platform wants to have of it.

use stratum_core::Digest;
use stratum_core::vocabulary::Platform;

use super::platform::{PlatformValue, PlatformValues};
use super::{Email, Identifier, IdentifierType, Phone, text};

impl Identifier {
    /// What each platform wants to have of this identifier.
    ///
    /// | | Meta | Google | TikTok | Snapchat |
    /// |---|---|---|---|---|
    /// | e-mail | hash | hash, gmail.com without dots and +tag | hash | hash |
    /// | phone | hash of the digits | hash with the + | hash with the + | hash of the digits |
    /// | external id | hash, lower case, no white space | – | as Meta | as Meta |
    /// | device id in the form of a UUID: an advertising id | plain | plain | hash | hash |
    ///
    /// No platform knows other device ids, or anonymous ids.
    ///
    /// ```
    /// use stratum_cdp::identifier::{CleaningPolicy, Identifier, IdentifierType};
    /// let phone = Identifier::clean(IdentifierType::Phone, "+971 50 123 4567", &CleaningPolicy::strict()).unwrap();
    /// let values = phone.platform_values();
    /// assert_eq!(values.meta, values.snapchat, "the digits alone");
    /// assert_eq!(values.google, values.tiktok, "with the +");
    /// ```
    #[must_use]
    pub fn platform_values(&self) -> PlatformValues {
        values(self.kind(), self.value())
    }
}

/// What each platform wants to have of a value in its normal form.
pub(super) fn values(kind: IdentifierType, value: &str) -> PlatformValues {
    match kind {
        IdentifierType::Email => Email::parse(value).map_or_else(
            |_| PlatformValues::default(),
            |email| PlatformValues::of(|platform| email.platform_hash(platform).map(PlatformValue::from)),
        ),
        IdentifierType::Phone => {
            PlatformValues::of(|platform| Some(PlatformValue::hash(Phone::written_for(value, platform))))
        }
        IdentifierType::ExternalId => external_id(value),
        IdentifierType::DeviceId if is_uuid(value) => PlatformValues::of(|platform| {
            Some(match platform {
                Platform::Meta | Platform::Google => PlatformValue::plain(value),
                Platform::Tiktok | Platform::Snapchat => PlatformValue::hash(value),
            })
        }),
        IdentifierType::DeviceId | IdentifierType::AnonymousId => PlatformValues::default(),
    }
}

/// The text that platforms hash: without white space, in lower case.
pub(crate) fn external_id_for_platforms(value: &str) -> String {
    let unspaced: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    text::lower_nfc(&unspaced).into_owned()
}

fn external_id(value: &str) -> PlatformValues {
    let digest = Digest::of(external_id_for_platforms(value).as_bytes());
    PlatformValues::of(|platform| (platform != Platform::Google).then(|| PlatformValue::from(digest)))
}

/// 8-4-4-4-12 hex digits: what advertising ids look like on every system.
pub(crate) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
