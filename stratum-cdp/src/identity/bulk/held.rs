//! Which clusters are held back, because the streaming resolver might have refused one of their links.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use crate::identifier::IdentifierType;
use crate::identity::{IdentityCheck, IdentityPolicy};

enumeration! {
    /// Why a cluster is held.
    pub enum HoldReason "reason to hold a cluster" {
        /// More external ids than one profile may have.
        ExternalIds = "limit:external_id",
        /// More e-mail addresses.
        Emails = "limit:email",
        /// More phone numbers.
        Phones = "limit:phone",
        /// More device ids.
        DeviceIds = "limit:device_id",
        /// More anonymous ids.
        AnonymousIds = "limit:anonymous_id",
        /// More identifiers than one profile may have.
        TooLarge = "cluster_too_large",
        /// So many identifiers that the breaker of merge storms may have stopped one of their merges.
        Storm = "storm",
        /// Several identifiers of one type, or of more persons than one device may have, and a weaker one that may have brought
        /// them together.
        Conflict = "stronger_conflict",
    }
}

/// What a cluster may hold. The default is near to the preset `strict`; how it differs stands at `default`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct StitchPolicy {
    /// The most identifiers of each type.
    pub limits: StitchLimits,
    /// The most identifiers in all; null for no limit.
    pub max_cluster_ids: Option<u32>,
    /// A link of less confidence is left out, 0 to 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub min_confidence: f64,
    /// Whether a cluster is held in which several identifiers of one type meet a weaker one: there the resolver under `strict`
    /// may refuse a link (a family's phone, a shared computer).
    pub hold_conflicts: bool,
    /// From how many merges in one window the resolver stops a storm: a cluster large enough for that is held. Null, as usual,
    /// trusts the links: what is stitched at once is no storm.
    pub storm_merges: Option<u32>,
    /// With how many persons a device or anonymous id may be seen before the resolver takes it for a shared one; as a policy of
    /// identity says it. A cluster that has one, and more external ids, e-mail addresses and phone numbers than that, is held:
    /// each of them may have been another person.
    #[serde(skip)]
    pub shared_persons: Option<u32>,
}

/// The most identifiers of each type in one cluster; null for no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct StitchLimits {
    /// Ids of the tenant's own systems.
    pub external_id: Option<u32>,
    /// E-mail addresses.
    pub email: Option<u32>,
    /// Phone numbers.
    pub phone: Option<u32>,
    /// Device ids.
    pub device_id: Option<u32>,
    /// Anonymous ids.
    pub anonymous_id: Option<u32>,
}

impl Default for StitchLimits {
    fn default() -> Self {
        Self {
            external_id: Some(1),
            email: Some(10),
            phone: Some(10),
            device_id: Some(50),
            anonymous_id: Some(200),
        }
    }
}

impl Default for StitchPolicy {
    /// The limits of the preset `strict`, but one external id and no breaker of storms: `StitchPolicy::from` a policy has what
    /// agrees with the resolver.
    fn default() -> Self {
        Self {
            limits: StitchLimits::default(),
            max_cluster_ids: Some(100),
            min_confidence: 0.90,
            hold_conflicts: true,
            storm_merges: None,
            shared_persons: None,
        }
    }
}

impl From<&IdentityPolicy> for StitchPolicy {
    /// What lets bulk agree with the resolver under this policy: whatever it might refuse in some order is held. External ids
    /// of several systems count as several, where the policy refuses two of one system.
    fn from(policy: &IdentityPolicy) -> Self {
        let has = |check| policy.checks.contains(&check);
        let one_known = has(IdentityCheck::BothKnown) || has(IdentityCheck::SourceConflict);
        let known = if one_known && !policy.allow_known_merge { Some(1) } else { None };
        let least = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
        Self {
            limits: StitchLimits {
                external_id: least(policy.limit(IdentifierType::ExternalId), known),
                email: policy.limit(IdentifierType::Email),
                phone: policy.limit(IdentifierType::Phone),
                device_id: policy.limit(IdentifierType::DeviceId),
                anonymous_id: policy.limit(IdentifierType::AnonymousId),
            },
            max_cluster_ids: policy.max_cluster_ids,
            min_confidence: if has(IdentityCheck::WeakEvidence) { policy.evidence_threshold } else { 0.0 },
            hold_conflicts: has(IdentityCheck::StrongerConflict) || has(IdentityCheck::Shared),
            storm_merges: policy.storm.map(|storm| storm.max_merges),
            shared_persons: has(IdentityCheck::Shared).then_some(policy.shared.max_profiles),
        }
    }
}

impl StitchPolicy {
    /// The limits of the preset `standard`, under which a weaker identifier may bring stronger ones together.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            limits: StitchLimits {
                external_id: Some(1),
                email: Some(5),
                phone: Some(5),
                device_id: Some(20),
                anonymous_id: Some(20),
            },
            max_cluster_ids: Some(100),
            min_confidence: 0.0,
            hold_conflicts: false,
            storm_merges: None,
            shared_persons: None,
        }
    }

    /// No limit at all: the connected components as they are.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            limits: StitchLimits {
                external_id: None,
                email: None,
                phone: None,
                device_id: None,
                anonymous_id: None,
            },
            max_cluster_ids: None,
            min_confidence: 0.0,
            hold_conflicts: false,
            storm_merges: None,
            shared_persons: None,
        }
    }

    /// Checks what the types do not say.
    ///
    /// # Errors
    /// A confidence that is not within 0 and 1.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if !(0.0..=1.0).contains(&self.min_confidence) {
            found.push(Problem::new(
                "/min_confidence",
                "out_of_range",
                format!("a confidence is 0 to 1, not {}", self.min_confidence),
            ));
        }
        found.into_result(())
    }

    /// Whether no cluster can break it.
    pub(super) fn holds_nothing(&self) -> bool {
        let limited = self.limits().iter().any(|(_, limit, _)| limit.is_some());
        let of_number = self.max_cluster_ids.or(self.storm_merges).or(self.shared_persons);
        !limited && of_number.is_none() && !self.hold_conflicts
    }

    /// The strongest type first.
    fn limits(&self) -> [(IdentifierType, Option<u32>, HoldReason); 5] {
        [
            (IdentifierType::ExternalId, self.limits.external_id, HoldReason::ExternalIds),
            (IdentifierType::Email, self.limits.email, HoldReason::Emails),
            (IdentifierType::Phone, self.limits.phone, HoldReason::Phones),
            (IdentifierType::DeviceId, self.limits.device_id, HoldReason::DeviceIds),
            (IdentifierType::AnonymousId, self.limits.anonymous_id, HoldReason::AnonymousIds),
        ]
    }
}

/// A cluster that was parted again, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The label that it would have had.
    pub label: u32,
    /// How many identifiers it had.
    pub identifiers: u32,
    /// Every reason.
    pub reasons: Vec<HoldReason>,
}

/// How many identifiers of each type a cluster has.
#[derive(Debug, Clone)]
pub(super) struct Census {
    label: u32,
    identifiers: u32,
    by_type: [u32; IdentifierType::ALL.len()],
}

impl Census {
    pub(super) fn of(label: u32) -> Self {
        Self { label, identifiers: 0, by_type: [0; IdentifierType::ALL.len()] }
    }

    pub(super) fn count(&mut self, kind: Option<IdentifierType>) {
        self.identifiers = self.identifiers.saturating_add(1);
        if let Some(count) = kind.and_then(|kind| self.by_type.get_mut(kind.index())) {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn judge(&self, policy: &StitchPolicy) -> Option<Held> {
        let exceeds = |count: u32, limit: Option<u32>| limit.is_some_and(|limit| count > limit);
        let limits = policy.limits();
        let broken = limits.iter().filter(|(kind, limit, _)| exceeds(self.number_of(*kind), *limit));
        let mut reasons: Vec<HoldReason> = broken.map(|&(.., reason)| reason).collect();
        if exceeds(self.identifiers, policy.max_cluster_ids) {
            reasons.push(HoldReason::TooLarge);
        }
        // A storm is met by two profiles that absorbed so many already; each began with an identifier of its own.
        if exceeds(self.identifiers, policy.storm_merges.map(|merges| merges.saturating_add(1))) {
            reasons.push(HoldReason::Storm);
        }
        let mut several = false;
        let mut conflict = false;
        for (kind, ..) in limits {
            let number = self.number_of(kind);
            conflict |= several && number > 0;
            several |= number > 1;
        }
        let of = |kinds: &[IdentifierType]| {
            kinds.iter().map(|&kind| self.number_of(kind)).fold(0, u32::saturating_add)
        };
        let persons = of(&[IdentifierType::ExternalId, IdentifierType::Email, IdentifierType::Phone]);
        let devices = of(&[IdentifierType::DeviceId, IdentifierType::AnonymousId]);
        let shared = devices > 0 && exceeds(persons, policy.shared_persons);
        if (policy.hold_conflicts && conflict) || shared {
            reasons.push(HoldReason::Conflict);
        }
        (!reasons.is_empty()).then_some(Held { label: self.label, identifiers: self.identifiers, reasons })
    }

    fn number_of(&self, kind: IdentifierType) -> u32 {
        self.by_type.get(kind.index()).copied().unwrap_or_default()
    }
}
