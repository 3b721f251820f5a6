//! The fields of one person, as every language asks for them.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::problem::ProblemCollector;
use stratum_core::time::Date;
use stratum_core::{Problem, Problems};

use super::{PersonContext, PersonField};
use crate::identifier::PlatformValues;

/// The longest raw value.
pub(super) const MAX_CHARACTERS: usize = 512;

/// What is known of a person, as it was typed; each field at most 512 characters.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PersonRequest {
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The state, province or emirate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// The country, by code or English name; state and postal code are read as its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// The gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// The last day on which a person can be born; without it 2026-04-01, as this release knows no clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub latest_birth: Option<Date>,
}

/// The fields in the forms that the platforms want; null for those that were not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct PersonResponse {
    /// The given name.
    pub first_name: Option<PersonFieldForms>,
    /// The family name.
    pub last_name: Option<PersonFieldForms>,
    /// The city.
    pub city: Option<PersonFieldForms>,
    /// The state, province or emirate.
    pub state: Option<PersonFieldForms>,
    /// The postal code.
    pub zip: Option<PersonFieldForms>,
    /// The country.
    pub country: Option<PersonFieldForms>,
    /// The day of birth.
    pub date_of_birth: Option<PersonFieldForms>,
    /// The gender.
    pub gender: Option<PersonFieldForms>,
}

/// The forms of one field. They name a person: never log them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PersonFieldForms {
    /// The text that Meta, TikTok and Snapchat take; null if nothing usable was there, or a hash.
    #[serde(default)]
    pub meta: Option<String>,
    /// The text that Google takes.
    #[serde(default)]
    pub google: Option<String>,
    /// Whether it arrived as a SHA-256.
    pub already_hashed: bool,
    /// What goes to each platform.
    pub platforms: PlatformValues,
}

impl PersonRequest {
    /// Normalises every field.
    ///
    /// # Errors
    /// `too_long` for every field of more than 512 characters.
    pub fn normalize(&self) -> Result<PersonResponse, Problems> {
        self.check()?;
        let mut context = PersonContext::default();
        if let Some(country) = &self.country {
            context = context.with_country(country);
        }
        if let Some(day) = self.latest_birth {
            context = context.with_latest_birth(day);
        }
        let forms = |field: PersonField, raw: &Option<String>| {
            raw.as_ref().map(|raw| {
                let value = field.normalize(raw, &context);
                PersonFieldForms {
                    meta: value.meta().map(str::to_owned),
                    google: value.google().map(str::to_owned),
                    already_hashed: value.is_hashed(),
                    platforms: value.platform_values(),
                }
            })
        };
        Ok(PersonResponse {
            first_name: forms(PersonField::FirstName, &self.first_name),
            last_name: forms(PersonField::LastName, &self.last_name),
            city: forms(PersonField::City, &self.city),
            state: forms(PersonField::State, &self.state),
            zip: forms(PersonField::Zip, &self.zip),
            country: forms(PersonField::Country, &self.country),
            date_of_birth: forms(PersonField::DateOfBirth, &self.date_of_birth),
            gender: forms(PersonField::Gender, &self.gender),
        })
    }

    fn given(&self) -> impl Iterator<Item = (PersonField, &str)> {
        let fields = [
            (PersonField::FirstName, &self.first_name),
            (PersonField::LastName, &self.last_name),
            (PersonField::City, &self.city),
            (PersonField::State, &self.state),
            (PersonField::Zip, &self.zip),
            (PersonField::Country, &self.country),
            (PersonField::DateOfBirth, &self.date_of_birth),
            (PersonField::Gender, &self.gender),
        ];
        fields.into_iter().filter_map(|(field, raw)| raw.as_deref().map(|raw| (field, raw)))
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (field, raw) in self.given() {
            if PersonField::is_too_long(raw) {
                let message = format!("a field is at most {MAX_CHARACTERS} characters long");
                found.push(Problem::new(format!("/{field}"), "too_long", message));
            }
        }
        found.into_problems().map_or(Ok(()), Err)
    }
}

impl fmt::Debug for PersonRequest {
    /// Which fields are given: their values name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.given().map(|(field, _)| field)).finish()
    }
}

impl fmt::Debug for PersonFieldForms {
    /// Whether it holds anything: its value names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonFieldForms")
            .field("meta", &self.meta.is_some())
            .field("google", &self.google.is_some())
            .field("already_hashed", &self.already_hashed)
            .finish_non_exhaustive()
    }
}
