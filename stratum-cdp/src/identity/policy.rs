//! What may make two identifiers one person, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use stratum_core::enumeration;
use stratum_core::problem::Problems;

use super::compiled::{self, CompiledIdentityPolicy};
use crate::identifier::{IdentifierType, Region};

enumeration! {
    /// A shipped identity policy.
    pub enum IdentityPreset "identity preset" {
        /// Keeps apart what might be two persons: a wrong merge shows one person's data to another.
        Strict = "strict",
        /// Joins what the same event names, within limits.
        Standard = "standard",
    }
}

enumeration! {
    /// A check that can be switched off.
    pub enum IdentityCheck "identity check" {
        /// Refuses to join two profiles that both hold an external id.
        BothKnown = "both_known",
        /// Refuses to join two external ids of one source system.
        SourceConflict = "source_conflict",
        /// Refuses to join by a weaker identifier what differs in a stronger one.
        StrongerConflict = "stronger_conflict",
        /// Never again links by a device or browser that many people used.
        Shared = "shared",
        /// Records what is not evident enough, and does not merge it.
        WeakEvidence = "weak_evidence",
    }
}

/// How many profiles one profile may absorb in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StormLimit {
    /// This many, and no more.
    pub max_merges: u32,
    /// Within this many hours of event time, before or after.
    pub window_hours: u32,
}

/// When a device or anonymous id belongs to too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SharedLimit {
    /// Seen with more profiles than this that hold an external id, an e-mail address or a phone number …
    pub max_profiles: u32,
    /// … within this many days of event time, before or after.
    pub window_days: u32,
}

/// A tenant's identity policy: a preset, and what differs from it. [`IdentityPolicy::compile`] validates it.
///
/// ```
/// use stratum_cdp::identity::{IdentityPolicy, IdentityPreset};
/// let policy: IdentityPolicy = serde_json::from_str(r#"{"preset": "standard", "limits": {"email": 2}}"#).unwrap();
/// assert_eq!(policy.limit("email".parse().unwrap()), Some(2));
/// assert_eq!(policy.limit("phone".parse().unwrap()), Some(5)); // as the preset says
/// assert_eq!(IdentityPolicy::default().preset, IdentityPreset::Strict);
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Overrides")]
pub struct IdentityPolicy {
    /// Where the settings that were left out come from.
    pub preset: IdentityPreset,
    /// The most identifiers of each type in a profile: null is no limit, 0 forbids the type.
    pub limits: BTreeMap<IdentifierType, Option<u32>>,
    /// Values that stand for nobody, beside the fixed ones.
    pub blocked: BTreeMap<IdentifierType, BTreeSet<String>>,
    /// Whether addresses and numbers that manuals use as examples are blocked, too.
    pub block_examples: bool,
    /// The most identifiers of a profile; null is no limit.
    pub max_cluster_ids: Option<u32>,
    /// How many profiles one profile may absorb in how long; null is no limit.
    pub storm: Option<StormLimit>,
    /// Whether two profiles that hold external ids may join: switches off `both_known` and `source_conflict`.
    pub allow_known_merge: bool,
    /// The checks in force.
    pub checks: BTreeSet<IdentityCheck>,
    /// When a device or anonymous id belongs to too many.
    pub shared: SharedLimit,
    /// From which confidence on evidence joins, 0 to 1.
    pub evidence_threshold: f64,
    /// For how many days an operator can undo a merge; null is no limit.
    pub undo_days: Option<u32>,
    /// The country of phone numbers that have no country code (ISO 3166-1, two letters).
    pub default_region: Option<Region>,
}

impl fmt::Debug for IdentityPolicy {
    /// Every setting, and how many values are blocked instead of which: they may be persons'.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityPolicy")
            .field("preset", &self.preset)
            .field("limits", &self.limits)
            .field("blocked", &self.blocked.values().map(BTreeSet::len).sum::<usize>())
            .field("block_examples", &self.block_examples)
            .field("max_cluster_ids", &self.max_cluster_ids)
            .field("storm", &self.storm)
            .field("allow_known_merge", &self.allow_known_merge)
            .field("checks", &self.checks)
            .field("shared", &self.shared)
            .field("evidence_threshold", &self.evidence_threshold)
            .field("undo_days", &self.undo_days)
            .field("default_region", &self.default_region)
            .finish()
    }
}

impl Default for IdentityPolicy {
    /// The preset `strict`.
    fn default() -> Self {
        Self::preset(IdentityPreset::Strict)
    }
}

impl IdentityPolicy {
    /// A shipped policy.
    #[must_use]
    pub fn preset(preset: IdentityPreset) -> Self {
        let (external_id, others, checks): (u32, [u32; 4], &[IdentityCheck]) = match preset {
            IdentityPreset::Strict => (
                5,
                [10, 10, 50, 200],
                &[
                    IdentityCheck::SourceConflict,
                    IdentityCheck::StrongerConflict,
                    IdentityCheck::Shared,
                    IdentityCheck::WeakEvidence,
                ],
            ),
            IdentityPreset::Standard => (1, [5, 5, 20, 20], &[IdentityCheck::BothKnown]),
        };
        let [email, phone, device_id, anonymous_id] = others;
        let limits = [
            (IdentifierType::ExternalId, external_id),
            (IdentifierType::Email, email),
            (IdentifierType::Phone, phone),
            (IdentifierType::DeviceId, device_id),
            (IdentifierType::AnonymousId, anonymous_id),
        ];
        Self {
            preset,
            limits: limits.map(|(kind, limit)| (kind, Some(limit))).into(),
            blocked: BTreeMap::new(),
            block_examples: preset == IdentityPreset::Strict,
            max_cluster_ids: Some(100),
            storm: Some(StormLimit { max_merges: 10, window_hours: 24 }),
            allow_known_merge: false,
            checks: checks.iter().copied().collect(),
            shared: SharedLimit { max_profiles: 5, window_days: 30 },
            evidence_threshold: 0.9,
            undo_days: match preset {
                IdentityPreset::Strict => Some(30),
                IdentityPreset::Standard => None,
            },
            default_region: match preset {
                IdentityPreset::Strict => None,
                IdentityPreset::Standard => "KW".parse().ok(),
            },
        }
    }

    /// The most identifiers of this type in a profile; `None` where there is no limit.
    #[must_use]
    pub fn limit(&self, kind: IdentifierType) -> Option<u32> {
        self.limits.get(&kind).copied().flatten()
    }

    /// Validates the policy and lays it out for use.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `below_minimum`, `nothing_allowed`, `too_short`, `too_long`.
    pub fn compile(&self) -> Result<CompiledIdentityPolicy, Problems> {
        compiled::compile(self)
    }
}

/// What a policy says on the wire: the preset and the settings that differ.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct Overrides {
    /// Where the settings that are left out come from; `strict` if left out.
    preset: IdentityPreset,
    /// The most identifiers of each type in a profile: null is no limit, 0 forbids the type. Types that are left out keep
    /// the preset's limit.
    limits: BTreeMap<IdentifierType, Option<u32>>,
    /// Values that stand for nobody, beside the fixed ones.
    blocked: BTreeMap<IdentifierType, BTreeSet<String>>,
    /// Whether addresses and numbers that manuals use as examples are blocked, too.
    block_examples: Option<bool>,
    /// The most identifiers of a profile; null is no limit.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u32>"))]
    max_cluster_ids: Option<Option<u32>>,
    /// How many profiles one profile may absorb in how long; null is no limit.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<StormLimit>"))]
    storm: Option<Option<StormLimit>>,
    /// Whether two profiles that hold external ids may join: switches off `both_known` and `source_conflict`.
    allow_known_merge: bool,
    /// The checks in force.
    checks: Option<BTreeSet<IdentityCheck>>,
    /// When a device or anonymous id belongs to too many.
    shared: Option<SharedLimit>,
    /// From which confidence on evidence joins, 0 to 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    evidence_threshold: Option<f64>,
    /// For how many days an operator can undo a merge; null is no limit.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u32>"))]
    undo_days: Option<Option<u32>>,
    /// The country of phone numbers that have no country code (ISO 3166-1, two letters); null is none.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Region>"))]
    default_region: Option<Option<Region>>,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            preset: IdentityPreset::Strict,
            limits: BTreeMap::new(),
            blocked: BTreeMap::new(),
            block_examples: None,
            max_cluster_ids: None,
            storm: None,
            allow_known_merge: false,
            checks: None,
            shared: None,
            evidence_threshold: None,
            undo_days: None,
            default_region: None,
        }
    }
}

/// A setting that is there, be it null; one that is left out is `None`.
#[expect(clippy::option_option, reason = "null and absent mean two things")]
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

impl From<Overrides> for IdentityPolicy {
    fn from(own: Overrides) -> Self {
        let mut policy = Self::preset(own.preset);
        policy.limits.extend(own.limits);
        policy.blocked = own.blocked;
        policy.block_examples = own.block_examples.unwrap_or(policy.block_examples);
        policy.max_cluster_ids = own.max_cluster_ids.unwrap_or(policy.max_cluster_ids);
        policy.storm = own.storm.unwrap_or(policy.storm);
        policy.allow_known_merge = own.allow_known_merge;
        policy.checks = own.checks.unwrap_or(policy.checks);
        policy.shared = own.shared.unwrap_or(policy.shared);
        policy.evidence_threshold = own.evidence_threshold.unwrap_or(policy.evidence_threshold);
        policy.undo_days = own.undo_days.unwrap_or(policy.undo_days);
        policy.default_region = own.default_region.unwrap_or(policy.default_region);
        policy
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for IdentityPolicy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "IdentityPolicy".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Overrides::json_schema(generator)
    }
}
