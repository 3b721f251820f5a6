//! Traits of a list of profiles, as every language asks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::Timestamp;
use stratum_core::problem::Problems;

use super::definition::TraitDefinition;
use super::profile_fields::ProfileFields;
use super::set::TraitSet;
use super::tally::TraitTally;

/// Traits, and the profiles to compute them for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TraitRequest {
    /// The traits.
    pub traits: Vec<TraitDefinition>,
    /// The instant of the question.
    pub now: Timestamp,
    /// The profiles.
    pub profiles: Vec<TraitProfile>,
}

/// What a profile's traits are computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TraitProfile {
    /// Whose they are.
    pub profile_id: String,
    /// What formulas can read of it.
    #[serde(default)]
    pub profile: ProfileFields,
    /// The track events, in any order; one that is there twice, by its id, counts once.
    #[serde(default)]
    pub events: Vec<TraitEvent>,
}

/// What traits read of an event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TraitEvent {
    /// Its id; of two events of one instant the later is the one with the larger id.
    pub event_id: String,
    /// What happened.
    pub event_name: String,
    /// When it happened.
    pub event_time: Timestamp,
    /// What belongs to it.
    #[serde(default)]
    pub properties: Map<String, Value>,
}

impl fmt::Debug for TraitEvent {
    /// Without the properties: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraitEvent")
            .field("event_name", &self.event_name)
            .field("event_time", &self.event_time)
            .finish_non_exhaustive()
    }
}

/// The traits of each profile, in the order of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ComputedTraits {
    /// The profiles.
    pub profiles: Vec<ComputedProfile>,
}

/// The traits of one profile.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ComputedProfile {
    /// Whose they are.
    pub profile_id: String,
    /// By name; `null` where nothing was found.
    pub traits: Map<String, Value>,
    /// For each trait that met some: how many values were no numbers.
    pub skipped: BTreeMap<String, u64>,
}

impl fmt::Debug for ComputedProfile {
    /// Without the values: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComputedProfile").field("skipped", &self.skipped).finish_non_exhaustive()
    }
}

/// Computes traits.
///
/// # Errors
/// Every problem of the traits, under `/traits`.
pub fn compute(request: &TraitRequest) -> Result<ComputedTraits, Problems> {
    let set = TraitSet::compile(&request.traits).map_err(|problems| problems.under("/traits"))?;
    let at = set.at(request.now);
    let profiles = request.profiles.iter().map(|one| {
        let mut tally = TraitTally::default();
        let mut known = BTreeSet::new();
        for event in one.events.iter().filter(|event| known.insert(&event.event_id)) {
            at.add(&mut tally, &event.event_id, &event.event_name, event.event_time, &event.properties);
        }
        let (traits, skipped) = at.finish(&tally, &one.profile);
        ComputedProfile { profile_id: one.profile_id.clone(), traits, skipped }
    });
    Ok(ComputedTraits { profiles: profiles.collect() })
}

/// Traits to be checked together, before they are saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TraitValidationRequest {
    /// All traits of the tenant.
    pub traits: Vec<TraitDefinition>,
}

/// Traits that were found valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TraitValidation {
    /// The formulas in the order in which they are computed.
    pub formula_order: Vec<String>,
}

/// Checks traits together.
///
/// # Errors
/// Every problem of the traits, under `/traits`.
pub fn validate(request: &TraitValidationRequest) -> Result<TraitValidation, Problems> {
    let set = TraitSet::compile(&request.traits).map_err(|problems| problems.under("/traits"))?;
    Ok(TraitValidation { formula_order: set.formula_order().map(str::to_owned).collect() })
}
