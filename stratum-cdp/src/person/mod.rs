//! What is known of a person beside identifiers: names, an address, date of birth, gender.
//!
//! Platforms find people by these fields only if both sides write them alike before hashing. The forms are those of the
//! platforms' documents: letters of every script stay, what typing and printing add goes. A field that holds nothing usable
//! has no value; the hash of nothing is never sent.
//!
//! ```
//! use stratum_cdp::person::{PersonContext, PersonField};
//!
//! let city = PersonField::City.normalize("São Paulo", &PersonContext::default());
//! assert_eq!(city.meta(), Some("sãopaulo"));
//!
//! let in_the_us = PersonContext::default().with_country("United States");
//! assert_eq!(PersonField::State.normalize("New York", &in_the_us).meta(), Some("ny"));
//! assert_eq!(PersonField::Zip.normalize("94035-1234", &in_the_us).meta(), Some("94035"));
//! assert_eq!(PersonField::DateOfBirth.normalize("16.02.1991", &in_the_us).meta(), Some("19910216"));
//! assert_eq!(PersonField::Gender.normalize("x", &in_the_us).meta(), None);
//! ```

mod birth;
mod name;
mod place;
mod request;

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use stratum_core::vocabulary::Platform;
use stratum_core::{Digest, enumeration};

pub use request::{PersonFieldForms, PersonRequest, PersonResponse};

use crate::identifier::{PlatformValue, PlatformValues, Region, trim};

enumeration! {
    /// Something that is known of a person.
    pub enum PersonField "person field" {
        /// The given name.
        FirstName = "first_name",
        /// The family name.
        LastName = "last_name",
        /// The city.
        City = "city",
        /// The state, province or emirate.
        State = "state",
        /// The postal code.
        Zip = "zip",
        /// The country, by code or English name.
        Country = "country",
        /// The day of birth.
        DateOfBirth = "date_of_birth" | "dob",
        /// The gender.
        Gender = "gender",
    }
}

/// What the meaning of a field depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonContext {
    country: Option<Region>,
    latest_birth: NaiveDate,
}

impl Default for PersonContext {
    /// No country; births until the day that this release knows.
    fn default() -> Self {
        Self { country: None, latest_birth: birth::LATEST }
    }
}

impl PersonContext {
    /// In this country, by code or English name; one that is not known counts as none.
    #[must_use]
    pub fn with_country(self, country: &str) -> Self {
        Self { country: place::country(country), ..self }
    }

    /// The library knows no clock: who has one says until when people can be born.
    #[must_use]
    pub const fn with_latest_birth(self, day: NaiveDate) -> Self {
        Self { latest_birth: day, ..self }
    }
}

/// A field in the forms that the platforms want; empty if it holds nothing usable.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonValue {
    field: PersonField,
    form: Form,
}

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// It arrived as the SHA-256 of one.
    Hashed(Digest),
    Text {
        meta: Option<String>,
        google: Option<String>,
    },
}

impl PersonField {
    /// Whether a raw value is longer than the 512 characters that are looked at.
    #[must_use]
    pub fn is_too_long(raw: &str) -> bool {
        // No character takes less than a byte.
        raw.len() > request::MAX_CHARACTERS && raw.chars().count() > request::MAX_CHARACTERS
    }

    /// Brings a raw value into the forms that the platforms want.
    #[must_use]
    pub fn normalize(self, raw: &str, context: &PersonContext) -> PersonValue {
        let raw = trim(raw);
        if raw.len() == 64
            && let Ok(digest) = Digest::from_str(raw)
        {
            return PersonValue { field: self, form: Form::Hashed(digest) };
        }
        let (meta, google) = match self {
            Self::FirstName | Self::LastName => (name::compact(raw), name::spaced(raw)),
            Self::City => (name::compact(raw), None),
            Self::State => (place::state(raw, context.country), None),
            Self::Zip => (place::zip(raw, context.country), place::plain_zip(raw)),
            Self::Country => {
                let country = place::country(raw);
                let written = country.map(|country| country.as_str().to_owned());
                (written.as_deref().map(str::to_ascii_lowercase), written)
            }
            Self::DateOfBirth => (birth::date(raw, context.latest_birth), None),
            Self::Gender => (name::gender(raw).map(str::to_owned), None),
        };
        PersonValue { field: self, form: Form::Text { meta, google } }
    }

    /// How a platform takes the field: not at all, as it is, or hashed.
    const fn use_by(self, platform: Platform) -> Use {
        match platform {
            Platform::Meta | Platform::Snapchat => Use::Hashed,
            Platform::Google => match self {
                Self::FirstName | Self::LastName => Use::Hashed,
                Self::Zip | Self::Country => Use::Plain,
                Self::City | Self::State | Self::DateOfBirth | Self::Gender => Use::None,
            },
            Platform::Tiktok => match self {
                Self::FirstName | Self::LastName | Self::Zip => Use::Hashed,
                Self::City | Self::State | Self::Country => Use::Plain,
                Self::DateOfBirth | Self::Gender => Use::None,
            },
        }
    }
}

#[derive(Clone, Copy)]
enum Use {
    None,
    Plain,
    Hashed,
}

impl PersonValue {
    /// The text that Meta, TikTok and Snapchat take; `None` if there is none, and for a value that arrived hashed.
    #[must_use]
    pub fn meta(&self) -> Option<&str> {
        match &self.form {
            Form::Hashed(_) => None,
            Form::Text { meta, .. } => meta.as_deref(),
        }
    }

    /// The text that Google takes: names with their spaces and punctuation, postal code and country as they are written.
    #[must_use]
    pub fn google(&self) -> Option<&str> {
        match &self.form {
            Form::Hashed(_) => None,
            Form::Text { google, .. } => google.as_deref(),
        }
    }

    /// Whether it arrived as a SHA-256.
    #[must_use]
    pub const fn is_hashed(&self) -> bool {
        matches!(self.form, Form::Hashed(_))
    }

    /// The SHA-256 as which it arrived.
    pub(crate) const fn arrived_as(&self) -> Option<Digest> {
        match self.form {
            Form::Hashed(digest) => Some(digest),
            Form::Text { .. } => None,
        }
    }

    /// Whether there is nothing usable in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.form, Form::Text { meta: None, google: None })
    }

    /// What each platform wants to have of the field.
    ///
    /// A value that arrived hashed goes to the platforms that take the field hashed; the others take the text, which nobody
    /// can make of a hash.
    #[must_use]
    pub fn platform_values(&self) -> PlatformValues {
        PlatformValues::of(|platform| self.for_platform(platform))
    }

    /// What one platform wants to have of the field; nothing where it does not take it, or there is nothing usable.
    #[must_use]
    pub fn for_platform(&self, platform: Platform) -> Option<PlatformValue> {
        let text = if platform == Platform::Google { self.google() } else { self.meta() };
        match (self.field.use_by(platform), &self.form) {
            (Use::Hashed, Form::Hashed(digest)) => Some(PlatformValue::from(*digest)),
            (Use::Hashed, Form::Text { .. }) => text.map(PlatformValue::hash),
            (Use::Plain, _) => text.map(PlatformValue::plain),
            (Use::None, _) => None,
        }
    }
}

impl fmt::Debug for PersonValue {
    /// Which field it is, and whether it holds anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = match &self.form {
            Form::Hashed(_) => "sha256 …",
            Form::Text { meta: None, google: None } => "nothing",
            Form::Text { .. } => "…",
        };
        write!(f, "PersonValue({}, {held})", self.field)
    }
}
