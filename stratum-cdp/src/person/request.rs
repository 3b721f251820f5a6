//! The fields of one person, as every language asks for them.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use stratum_core::problem::ProblemCollector;
use stratum_core::{Problem, Problems};

use super::{PersonContext, PersonField};
use crate::identifier::PlatformValues;

/// The longest raw value.
const MAX_CHARACTERS: usize = 512;

/// What is known of a person, as it was typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    /// The fields by name: first_name, last_name, city, state, zip, country, date_of_birth, gender. Each at most 512 characters.
    pub fields: BTreeMap<PersonField, String>,
    /// The country that state and postal code belong to, by code or English name; without it the field `country`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The last day on which a person can be born; without it the day that this release knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub latest_birth: Option<NaiveDate>,
}

/// The fields in the forms that the platforms want.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PersonResponse {
    /// Each field that was asked for.
    pub fields: BTreeMap<PersonField, NormalizedField>,
}

/// One field. Its values name a person: never log them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NormalizedField {
    /// The text that Meta, TikTok and Snapchat take; null if nothing usable was there, or a hash.
    pub meta: Option<String>,
    /// The text that Google takes.
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
        let mut found = ProblemCollector::new();
        for (field, raw) in &self.fields {
            if raw.chars().count() > MAX_CHARACTERS {
                let message = format!("a field is at most {MAX_CHARACTERS} characters long");
                found.push(Problem::new(format!("/fields/{field}"), "too_long", message));
            }
        }
        if let Some(problems) = found.into_problems() {
            return Err(problems);
        }
        let mut context = PersonContext::default();
        if let Some(country) = self.country.as_ref().or_else(|| self.fields.get(&PersonField::Country)) {
            context = context.with_country(country);
        }
        if let Some(day) = self.latest_birth {
            context = context.with_latest_birth(day);
        }
        let normalized = |(&field, raw): (&PersonField, &String)| {
            let value = field.normalize(raw, &context);
            let normalized = NormalizedField {
                meta: value.meta().map(str::to_owned),
                google: value.google().map(str::to_owned),
                already_hashed: value.is_hashed(),
                platforms: value.platform_values(),
            };
            (field, normalized)
        };
        Ok(PersonResponse { fields: self.fields.iter().map(normalized).collect() })
    }
}

impl fmt::Debug for PersonRequest {
    /// Which fields there are: their values name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonRequest")
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NormalizedField {
    /// Whether it holds anything: its value names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NormalizedField")
            .field("meta", &self.meta.is_some())
            .field("google", &self.google.is_some())
            .field("already_hashed", &self.already_hashed)
            .finish_non_exhaustive()
    }
}
