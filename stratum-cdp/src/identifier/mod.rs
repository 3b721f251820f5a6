//! Identifiers: what an event says about whose it is.
//!
//! A raw value becomes an [`Identifier`] only in its normal form, so that one person written in two ways has one
//! identifier. What is no identifier (`null`, `undefined`, a shared mailbox, digits that are all the same) is refused with
//! the reason. A value never shows in a `Debug` text.
//!
//! ```
//! use stratum_cdp::identifier::{CleaningPolicy, Identifier, IdentifierRefusal, IdentifierType};
//! let policy = CleaningPolicy::default();
//!
//! let email = Identifier::clean(IdentifierType::Email, " Jane.Doe@Example.org\u{200b}", &policy).unwrap();
//! assert_eq!(email.value(), "jane.doe@example.org");
//! assert_eq!(format!("{email:?}"), "Identifier(email, …)");
//!
//! let phone = Identifier::clean(IdentifierType::Phone, "٠٠٩٦٥ ٥٠٠١-٢٣٤٥", &policy).unwrap();
//! assert_eq!(phone.value(), "+96550012345");
//!
//! let refused = Identifier::clean(IdentifierType::ExternalId, "undefined", &policy).unwrap_err();
//! assert_eq!(refused, IdentifierRefusal::Blocked);
//! ```

mod blocked;
pub mod columns;
mod email;
mod email_ascii;
mod email_hash;
mod forms;
mod lookup_key;
mod phone;
mod phone_hash;
mod platform;
mod refusal;
mod region;
mod request;
mod text;

use std::fmt;

use serde::Serialize;
use stratum_core::enumeration;

pub use blocked::CleaningPolicy;
pub use email::{Email, EmailFault};
pub(crate) use email_hash::{is_hashed as is_hashed_email, written_for as email_for};
pub(crate) use forms::{external_id_for_platforms, is_uuid};
pub use lookup_key::LookupKey;
pub(crate) use phone::decimal_digit;
pub use phone::{Phone, PhoneFault, phone_metadata_version};
pub use platform::{PlatformValue, PlatformValues};
pub use refusal::IdentifierRefusal;
pub use region::Region;
pub(crate) use request::MAX_RAW_IDENTIFIER;
pub use request::{
    BlockedValue, CleaningPreset, CleaningSettings, IdentifierFault, IdentifierNormalization,
    IdentifierRequest,
};
pub(crate) use text::{lower_nfc, nfc, trim};

enumeration! {
    /// What kind of identifier a value is.
    pub enum IdentifierType "identifier type" {
        /// An e-mail address, or its SHA-256 in hex.
        Email = "email",
        /// A phone number.
        Phone = "phone",
        /// A device or mobile advertising id.
        DeviceId = "device_id",
        /// An id of an unknown visitor.
        AnonymousId = "anonymous_id",
        /// An id of the tenant's own system.
        ExternalId = "external_id",
    }
}

impl IdentifierType {
    /// How strongly the type names a person; the strongest decides whose event it is.
    #[must_use]
    pub const fn priority(self) -> u8 {
        match self {
            Self::ExternalId => 100,
            Self::Email => 80,
            Self::Phone => 70,
            Self::DeviceId => 40,
            Self::AnonymousId => 10,
        }
    }
}

/// The most bytes (UTF-8) of a normalised value.
pub const MAX_IDENTIFIER_BYTES: usize = 256;

/// An identifier in its normal form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Identifier {
    /// What kind it is.
    #[serde(rename = "type")]
    kind: IdentifierType,
    /// The value; normalised as its type asks for.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 512)))]
    value: String,
}

impl Identifier {
    /// Brings a raw value into its normal form.
    ///
    /// E-mail: Unicode NFC, lower case. Phone: `+`, country code, national number. Device id: lower case. External and anonymous ids
    /// keep their case. All: without white space and zero-width characters at the ends, 1 to 256 bytes.
    ///
    /// # Errors
    /// Why the value is no identifier; blocked values are found before and after normalisation.
    pub fn clean(
        kind: IdentifierType,
        raw: &str,
        policy: &CleaningPolicy,
    ) -> Result<Self, IdentifierRefusal> {
        let trimmed = text::trim(raw);
        if policy.blocks(kind, trimmed) {
            return Err(IdentifierRefusal::Blocked);
        }
        let value = match kind {
            IdentifierType::Email => {
                let email = Email::parse(trimmed).map_err(IdentifierRefusal::Email)?;
                if policy.blocks_email(&email) {
                    return Err(IdentifierRefusal::Blocked);
                }
                email.into_string()
            }
            IdentifierType::Phone => {
                if phone::is_one_digit_repeated(trimmed) {
                    return Err(IdentifierRefusal::Blocked);
                }
                {
                    let phone = policy.phone(trimmed).map_err(IdentifierRefusal::Phone)?;
                    if policy.blocks_phone(&phone) {
                        return Err(IdentifierRefusal::Blocked);
                    }
                    phone.into_string()
                }
            }
            IdentifierType::DeviceId => text::lower_nfc(trimmed).into_owned(),
            IdentifierType::AnonymousId | IdentifierType::ExternalId => text::nfc(trimmed).into_owned(),
        };
        if value.len() > MAX_IDENTIFIER_BYTES {
            return Err(IdentifierRefusal::TooLong);
        }
        if policy.blocks(kind, &value) {
            return Err(IdentifierRefusal::Blocked);
        }
        Ok(Self { kind, value })
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// The normalised value. It may name a person: never log it.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The normalised value, owned.
    #[must_use]
    pub fn into_value(self) -> String {
        self.value
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}, …)", self.kind)
    }
}
