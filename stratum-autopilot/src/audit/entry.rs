//! What an audit entry says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::canonical;
use stratum_core::gate::GateEvaluation;
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision, Platform};
use stratum_core::{Score, Timestamp};
use uuid::Uuid;

use super::exact_numbers;
use super::vocabulary::{ActorType, AuditAction};
use crate::action::Action;
use crate::enforcement::{EnforcementCheck, EnforcementMode};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorType,
    /// Which one; none for the system itself.
    pub id: Option<Uuid>,
}

impl Actor {
    /// The engine itself.
    #[must_use]
    pub const fn system() -> Self {
        Self { kind: ActorType::System, id: None }
    }

    /// A person.
    #[must_use]
    pub const fn user(id: UserId) -> Self {
        Self { kind: ActorType::User, id: Some(id.as_uuid()) }
    }

    /// A program that signed in with a key.
    #[must_use]
    pub const fn api_key(id: Uuid) -> Self {
        Self { kind: ActorType::ApiKey, id: Some(id) }
    }

    /// A rule of the tenant.
    #[must_use]
    pub const fn rule(id: Uuid) -> Self {
        Self { kind: ActorType::Rule, id: Some(id) }
    }

    /// The operator of the installation.
    #[must_use]
    pub const fn operator(id: Option<UserId>) -> Self {
        Self {
            kind: ActorType::Operator,
            id: match id {
                Some(id) => Some(id.as_uuid()),
                None => None,
            },
        }
    }
}

/// One entry: the bytes that the chain protects. Absent values are written as null, numbers as integers or decimal text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AuditEntry {
    /// Whose chain.
    pub tenant_id: TenantId,
    /// The position in the chain: 1, 2, 3 … without gap.
    pub seq: u64,
    /// When.
    pub created_at: Timestamp,
    /// What kind of actor.
    pub actor_type: ActorType,
    /// Which actor; null for the system itself.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub action: AuditAction,
    /// To what kind of thing.
    pub resource_type: String,
    /// To which one.
    pub resource_id: Option<String>,
    /// The fields that changed.
    pub changes: Option<Changes>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// The request that led to it.
    pub request_id: Option<String>,
    /// A keyed hash of the caller's network address.
    pub address_hash: Option<String>,
    /// What the engine decided and why, where the entry is an intervention.
    #[serde(default)]
    pub intervention: Option<Intervention>,
}

/// The fields that changed; of personal data the names only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// Their values before; null for something new.
    pub before: Value,
    /// Their values after; null for something removed.
    pub after: Value,
}

impl Changes {
    /// The fields that differ between two objects, or `None` if none does. A field named in `personal` is noted by its
    /// name with null on both sides, so that erasing a person needs no edit of the chain.
    ///
    /// ```
    /// use serde_json::json;
    /// use stratum_autopilot::audit::Changes;
    /// let before = json!({"mode": "ADVISORY", "max": 10, "email": "a@example.com"});
    /// let after = json!({"mode": "HARD_BLOCK", "max": 10, "email": "b@example.com"});
    /// let changes = Changes::between(&before, &after, &["email"]).unwrap();
    /// assert_eq!(changes.before, json!({"mode": "ADVISORY", "email": null}));
    /// assert_eq!(changes.after, json!({"mode": "HARD_BLOCK", "email": null}));
    /// ```
    #[must_use]
    pub fn between(before: &Value, after: &Value, personal: &[&str]) -> Option<Self> {
        if before == after {
            return None;
        }
        let one_sided = |value: &Value, personal: &[&str]| match value {
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, member)| {
                        let hidden = personal.contains(&key.as_str());
                        (key.clone(), if hidden { Value::Null } else { member.clone() })
                    })
                    .collect(),
            ),
            other => other.clone(),
        };
        let (Value::Object(old), Value::Object(new)) = (before, after) else {
            return Some(Self { before: one_sided(before, personal), after: one_sided(after, personal) });
        };
        let (mut old_fields, mut new_fields) = (Map::new(), Map::new());
        for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
            let (was, is) = (old.get(key), new.get(key));
            if was == is {
                continue;
            }
            let hidden = personal.contains(&key.as_str());
            for (side, value) in [(&mut old_fields, was), (&mut new_fields, is)] {
                let shown = if hidden { Some(Value::Null) } else { value.cloned() };
                if let Some(shown) = shown {
                    side.insert(key.clone(), shown);
                }
            }
        }
        Some(Self { before: Value::Object(old_fields), after: Value::Object(new_fields) })
    }
}

/// What the engine decided about an action: the gate's verdict, the limits met, the numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Intervention {
    /// About which action, where it has an id.
    pub action_id: Option<ActionId>,
    /// What the action does.
    pub action_type: Option<ActionType>,
    /// On which platform.
    pub platform: Option<Platform>,
    /// To what kind of thing.
    pub entity_type: Option<EntityType>,
    /// The platform's id of it.
    pub entity_id: Option<String>,
    /// What enforcement said: the strictest mode among the violated limits, or null if none was met.
    pub enforcement_mode: Option<EnforcementMode>,
    /// The limits that were met, as they were reported.
    pub violations: Vec<Value>,
    /// What the gate said.
    pub gate_decision: Option<GateDecision>,
    /// The health that the gate compared, as decimal text.
    #[serde(with = "decimal_text")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub health_score: Option<Score>,
    /// Anything else worth keeping: digests of facts and policy, attempts, answers of the platform.
    pub details: Value,
}

impl Intervention {
    /// An intervention about an action.
    #[must_use]
    pub fn about(action: &Action) -> Self {
        Self {
            action_id: Some(action.id()),
            action_type: Some(action.action_type()),
            platform: Some(action.platform()),
            entity_type: Some(action.entity_type()),
            entity_id: Some(action.entity_id().to_owned()),
            ..Self::default()
        }
    }

    /// Adds what the gate said.
    #[must_use]
    pub fn gate(mut self, gate: &GateEvaluation) -> Self {
        self.gate_decision = Some(gate.decision());
        self.health_score = gate.score();
        self
    }

    /// Adds what enforcement said; no mode where no limit was met.
    #[must_use]
    pub fn enforcement(mut self, check: &EnforcementCheck) -> Self {
        self.enforcement_mode = (!check.violations.is_empty()).then_some(check.mode);
        // A violation is a plain structure; one that JSON could not hold would be noted as null.
        self.violations =
            check.violations.iter().map(|found| canonical::value_of(found).unwrap_or_default()).collect();
        self
    }

    /// Adds anything else worth keeping.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// A score as decimal text, so that no store between writer and verifier can touch its digits.
mod decimal_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;
    use stratum_core::{Score, canonical};

    pub(super) fn serialize<S: Serializer>(score: &Option<Score>, serializer: S) -> Result<S::Ok, S::Error> {
        let text = score.map(|score| canonical::to_string(&score)).transpose();
        text.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Score>, D::Error> {
        let number = match Value::deserialize(deserializer)? {
            Value::Null => return Ok(None),
            Value::String(text) => text.parse().map_err(serde::de::Error::custom)?,
            other => other.as_f64().ok_or_else(|| serde::de::Error::custom("a score is a number"))?,
        };
        Score::new(number).map(Some).map_err(serde::de::Error::custom)
    }
}

/// An entry that has no place in a chain yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAuditEntry {
    created_at: Timestamp,
    actor: Actor,
    action: AuditAction,
    resource_type: String,
    resource_id: Option<String>,
    changes: Option<Changes>,
    reason: Option<String>,
    request_id: Option<String>,
    address_hash: Option<String>,
    intervention: Option<Intervention>,
}

impl NewAuditEntry {
    /// What `actor` did to a kind of thing, and when.
    #[must_use]
    pub fn new(
        created_at: Timestamp,
        actor: Actor,
        action: impl Into<AuditAction>,
        resource_type: impl Into<String>,
    ) -> Self {
        Self {
            created_at,
            actor,
            action: action.into(),
            resource_type: resource_type.into(),
            resource_id: None,
            changes: None,
            reason: None,
            request_id: None,
            address_hash: None,
            intervention: None,
        }
    }

    /// To which thing.
    #[must_use]
    pub fn resource_id(mut self, id: impl ToString) -> Self {
        self.resource_id = Some(id.to_string());
        self
    }

    /// The fields that changed.
    #[must_use]
    pub fn changes(mut self, changes: impl Into<Option<Changes>>) -> Self {
        self.changes = changes.into();
        self
    }

    /// Why, in the actor's words.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The request that led to it.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// A keyed hash of the caller's network address, never the address.
    #[must_use]
    pub fn address_hash(mut self, hash: impl Into<String>) -> Self {
        self.address_hash = Some(hash.into());
        self
    }

    /// What the engine decided and why.
    #[must_use]
    pub fn intervention(mut self, intervention: Intervention) -> Self {
        self.intervention = Some(intervention);
        self
    }

    /// The entry at its place, with exact numbers in everything that callers filled freely.
    pub(super) fn at(self, tenant_id: TenantId, seq: u64) -> AuditEntry {
        AuditEntry {
            tenant_id,
            seq,
            created_at: self.created_at,
            actor_type: self.actor.kind,
            actor_id: self.actor.id,
            action: self.action,
            resource_type: self.resource_type,
            resource_id: self.resource_id,
            changes: self.changes.map(|changes| Changes {
                before: exact_numbers(changes.before),
                after: exact_numbers(changes.after),
            }),
            reason: self.reason,
            request_id: self.request_id,
            address_hash: self.address_hash,
            intervention: self.intervention.map(|intervention| Intervention {
                violations: intervention.violations.into_iter().map(exact_numbers).collect(),
                details: exact_numbers(intervention.details),
                ..intervention
            }),
        }
    }
}
