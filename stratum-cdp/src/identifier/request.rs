//! One value, as every language asks for its normal form.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::problem::ProblemCollector;
use stratum_core::{Problem, Problems, enumeration};

use super::{CleaningPolicy, Email, Identifier, IdentifierRefusal, IdentifierType, PlatformValues, Region};

/// The most characters of a raw identifier.
pub(crate) const MAX_RAW_IDENTIFIER: usize = 512;

enumeration! {
    /// Which values stand for nobody.
    pub enum CleaningPreset "cleaning preset" {
        /// Those that the identity rules name.
        Standard = "standard",
        /// Those, addresses at the domains of examples, and phones whose digits only count up or down.
        Strict = "strict",
    }
}

/// A value that a tenant does not take for an identifier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockedValue {
    /// The type that it is blocked for.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// The value; compared in lower case, for e-mail and phone also after normalisation.
    pub value: String,
}

/// How identifiers are cleaned.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CleaningSettings {
    /// Which values stand for nobody; `strict` if left out.
    pub preset: CleaningPreset,
    /// The region whose numbering plan phones without a country code are read by: the source's, else the tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_region: Option<Region>,
    /// Whether to take phones that are possible by their length, in use or not.
    pub possible_phones: bool,
    /// The tenant's own blocked values.
    pub blocked: Vec<BlockedValue>,
}

impl Default for CleaningSettings {
    fn default() -> Self {
        Self {
            preset: CleaningPreset::Strict,
            default_region: None,
            possible_phones: false,
            blocked: Vec::new(),
        }
    }
}

impl CleaningSettings {
    /// The policy that they describe.
    #[must_use]
    pub fn policy(&self) -> CleaningPolicy {
        let preset = match self.preset {
            CleaningPreset::Standard => CleaningPolicy::standard(),
            CleaningPreset::Strict => CleaningPolicy::strict(),
        };
        let mut policy = preset.with_default_region(self.default_region);
        if self.possible_phones {
            policy = policy.with_possible_phones();
        }
        self.blocked.iter().fold(policy, |policy, blocked| policy.block(blocked.kind, &blocked.value))
    }
}

/// A value as it was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentifierRequest {
    /// What kind of identifier it is.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// The value; at most 512 characters.
    pub value: String,
    /// How it is cleaned.
    #[serde(default)]
    pub settings: CleaningSettings,
}

/// A value in its normal form, or why it has none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct IdentifierNormalization {
    /// What kind of identifier it is.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// The normal form; null if the value is no identifier.
    #[serde(default)]
    pub value: Option<String>,
    /// Whether an e-mail address arrived as its SHA-256.
    pub already_hashed: bool,
    /// Why the value is no identifier.
    #[serde(default)]
    pub refusal: Option<IdentifierFault>,
    /// What goes to each ad platform.
    pub platforms: PlatformValues,
}

/// Why a value is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct IdentifierFault {
    /// `blocked`, `too_long`, or what an address or number cannot have: `no_at`, `not_in_use`, …
    pub code: String,
    /// The same in words. Never holds the value.
    pub message: String,
}

impl IdentifierRequest {
    /// Brings the value into its normal form.
    ///
    /// # Errors
    /// `too_long` for a value of more than 512 characters. A value that is no identifier is an answer, not an error.
    pub fn normalize(&self) -> Result<IdentifierNormalization, Problems> {
        let mut found = ProblemCollector::new();
        if self.value.chars().count() > MAX_RAW_IDENTIFIER {
            let message = format!("a value is at most {MAX_RAW_IDENTIFIER} characters long");
            found.push(Problem::new("/value", "too_long", message));
        }
        if let Some(problems) = found.into_problems() {
            return Err(problems);
        }
        let answer = match Identifier::clean(self.kind, &self.value, &self.settings.policy()) {
            Ok(identifier) => IdentifierNormalization {
                kind: self.kind,
                already_hashed: self.kind == IdentifierType::Email
                    && Email::parse(identifier.value()).is_ok_and(|email| email.is_hashed()),
                refusal: None,
                platforms: identifier.platform_values(),
                value: Some(identifier.into_value()),
            },
            Err(refusal) => IdentifierNormalization {
                kind: self.kind,
                value: None,
                already_hashed: false,
                refusal: Some(IdentifierFault::of(refusal)),
                platforms: PlatformValues::default(),
            },
        };
        Ok(answer)
    }
}

impl IdentifierFault {
    fn of(refusal: IdentifierRefusal) -> Self {
        Self { code: refusal.code().to_owned(), message: refusal.to_string() }
    }
}

impl fmt::Debug for BlockedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockedValue({}, …)", self.kind)
    }
}

impl fmt::Debug for CleaningSettings {
    /// How many values are blocked: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CleaningSettings")
            .field("preset", &self.preset)
            .field("default_region", &self.default_region)
            .field("possible_phones", &self.possible_phones)
            .field("blocked", &self.blocked.len())
            .finish()
    }
}

impl fmt::Debug for IdentifierRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentifierRequest").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for IdentifierNormalization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentifierNormalization")
            .field("kind", &self.kind)
            .field("value", &self.value.is_some())
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}
