//! The suppression list, as every language asks for it: checked, added to, lifted. Whoever asks holds the list.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::suppression::{SuppressionEntry, SuppressionList, SuppressionReason, SuppressionVerdict};
use crate::identifier::{CleaningPolicy, CleaningSettings, Identifier, IdentifierType, LookupKey};

/// A tenant's key has so many bytes, written as twice as many hex digits.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=128;

/// An identifier as it was typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListedIdentifier {
    /// What kind of identifier it is.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// The value, in any form.
    pub value: String,
}

impl fmt::Debug for ListedIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListedIdentifier(…)")
    }
}

/// The key under which a tenant's identifiers are hashed: 32 to 256 hex digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct TenantKey(String);

impl fmt::Debug for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantKey(…)")
    }
}

impl TenantKey {
    fn bytes(&self) -> Result<Vec<u8>, Problem> {
        let bytes = hex::decode(&self.0).ok().filter(|bytes| KEY_BYTES.contains(&bytes.len()));
        bytes.ok_or_else(|| {
            Problem::new("/tenant_key", "invalid_key", "a tenant's key is 32 to 256 hex digits")
                .help("make one of 32 random bytes, keep it secret, and use it for everything of this tenant")
        })
    }
}

/// People, to be looked for on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SuppressionCheckRequest {
    /// The list.
    pub suppression_list: SuppressionList,
    /// The key of the tenant.
    pub tenant_key: TenantKey,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub settings: CleaningSettings,
    /// The people.
    pub people: Vec<SuppressionSubject>,
}

/// A person, or what an event knows of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SuppressionSubject {
    /// The identifiers, in any form.
    pub identifiers: Vec<ListedIdentifier>,
    /// When the person last agreed: the time of an event that carries a grant and does not deny ads. Of somebody who opted out,
    /// of one that grants ads: agreeing to something else is no answer to that.
    #[serde(default)]
    pub consented_at: Option<Timestamp>,
}

/// What the list says about people, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SuppressionCheckResponse {
    /// How many are suppressed.
    pub suppressed: usize,
    /// One for each person.
    pub people: Vec<SuppressedPerson>,
}

/// What the list says about one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SuppressedPerson {
    /// What is to become of the person's data.
    pub verdict: SuppressionVerdict,
    /// Since when one of the identifiers is on the list.
    pub since: Option<Timestamp>,
    /// Why.
    pub reason: Option<SuppressionReason>,
    /// The identifiers that are none, so that nobody can be on the list by them.
    pub refused: Vec<UnreadIdentifier>,
}

/// An identifier that is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnreadIdentifier {
    /// Its place in the list of identifiers, from 0.
    pub position: usize,
    /// Why it is none: `blocked`, `no_at`, …
    pub code: String,
}

/// Identifiers, and another list, to be put on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SuppressionAddRequest {
    /// The list; a new one if left out.
    #[serde(default)]
    pub suppression_list: SuppressionList,
    /// The key of the tenant.
    pub tenant_key: TenantKey,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub settings: CleaningSettings,
    /// The identifiers.
    #[serde(default)]
    pub identifiers: Vec<ListedIdentifier>,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: SuppressionReason,
    /// A list that is added as it is: of another part, or from before.
    #[serde(default)]
    pub import: SuppressionList,
}

/// Identifiers that are to leave a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SuppressionLiftRequest {
    /// The list.
    pub suppression_list: SuppressionList,
    /// The key of the tenant.
    pub tenant_key: TenantKey,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub settings: CleaningSettings,
    /// The identifiers.
    pub identifiers: Vec<ListedIdentifier>,
}

/// A list after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SuppressionChange {
    /// The list as it is now.
    pub suppression_list: SuppressionList,
    /// How many of its entries are new, have changed or are gone.
    pub changed: usize,
    /// The identifiers that are none.
    pub refused: Vec<UnreadIdentifier>,
}

/// From identifiers as they were typed to keys.
struct Keys {
    tenant_key: Vec<u8>,
    cleaning: CleaningPolicy,
}

impl Keys {
    fn of(tenant_key: &TenantKey, settings: &CleaningSettings) -> Result<Self, Problem> {
        Ok(Self { tenant_key: tenant_key.bytes()?, cleaning: settings.policy() })
    }

    fn read(&self, identifiers: &[ListedIdentifier]) -> (Vec<LookupKey>, Vec<UnreadIdentifier>) {
        let (mut keys, mut refused) = (Vec::new(), Vec::new());
        for (position, raw) in identifiers.iter().enumerate() {
            match Identifier::clean(raw.kind, &raw.value, &self.cleaning) {
                Ok(identifier) => keys.push(LookupKey::new(&self.tenant_key, &identifier)),
                Err(refusal) => refused.push(UnreadIdentifier { position, code: refusal.code().to_owned() }),
            }
        }
        (keys, refused)
    }
}

impl SuppressionCheckRequest {
    /// Looks for the people on the list.
    ///
    /// # Errors
    /// `invalid_key`; `missing_value` for each person without identifiers.
    pub fn check(&self) -> Result<SuppressionCheckResponse, Problems> {
        let mut found = ProblemCollector::new();
        let keys = found.take("", Keys::of(&self.tenant_key, &self.settings));
        for (place, _) in self.people.iter().enumerate().filter(|(_, one)| one.identifiers.is_empty()) {
            let path = format!("/people/{place}/identifiers");
            found.push(Problem::new(
                path,
                "missing_value",
                "a person is looked for by at least one identifier",
            ));
        }
        let people = keys.map(|keys| {
            let person = |one: &SuppressionSubject| {
                let (keys, refused) = keys.read(&one.identifiers);
                let (verdict, entry) = self.suppression_list.check(&keys, one.consented_at);
                let (since, reason) = (entry.map(|entry| entry.since), entry.map(|entry| entry.reason));
                SuppressedPerson { verdict, since, reason, refused }
            };
            self.people.iter().map(person).collect::<Vec<_>>()
        });
        let people = found.into_result(people)?.unwrap_or_default();
        let suppressed = people.iter().filter(|one| one.verdict == SuppressionVerdict::Suppressed).count();
        Ok(SuppressionCheckResponse { suppressed, people })
    }
}

impl SuppressionAddRequest {
    /// Puts the identifiers and the other list on the list.
    ///
    /// # Errors
    /// `invalid_key`.
    pub fn add(&self) -> Result<SuppressionChange, Problems> {
        let (keys, refused) = Keys::of(&self.tenant_key, &self.settings)?.read(&self.identifiers);
        let mut list = self.suppression_list.clone();
        let imported = list.merge(&self.import);
        let entry = SuppressionEntry { since: self.since, reason: self.reason };
        let added = keys.into_iter().filter(|&key| list.suppress(key, entry)).count();
        Ok(SuppressionChange { suppression_list: list, changed: imported.saturating_add(added), refused })
    }
}

impl SuppressionLiftRequest {
    /// Takes the identifiers off the list.
    ///
    /// # Errors
    /// `invalid_key`.
    pub fn lift(&self) -> Result<SuppressionChange, Problems> {
        let (keys, refused) = Keys::of(&self.tenant_key, &self.settings)?.read(&self.identifiers);
        let mut list = self.suppression_list.clone();
        let changed = list.lift(&keys);
        Ok(SuppressionChange { suppression_list: list, changed, refused })
    }
}
