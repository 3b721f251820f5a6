//! An identifier with the system that gave it: what a profile owns.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::identifier::IdentifierType;

/// An identifier in its normal form. An external id belongs to the system that gave it: two systems may both know a
/// customer 17.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentifierKey {
    kind: IdentifierType,
    system: Option<Box<str>>,
    value: Box<str>,
}

impl IdentifierKey {
    /// A key. The value is in its normal form already; the system counts for external ids only.
    #[must_use]
    pub fn new(kind: IdentifierType, system: Option<&str>, value: &str) -> Self {
        let system = if kind == IdentifierType::ExternalId { system.map(Box::from) } else { None };
        Self { kind, system, value: Box::from(value) }
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// The system that gave an external id; `None` for the tenant's own.
    #[must_use]
    pub fn system(&self) -> Option<&str> {
        self.system.as_deref()
    }

    /// The normalised value. It may name a person: never log it.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// As reports write it: `email:jane@shop.example`, and `external_id@crm:17` for the id of another system.
    #[must_use]
    pub fn label(&self) -> Label {
        Label(match &self.system {
            Some(system) => format!("{}@{system}:{}", self.kind, self.value),
            None => format!("{}:{}", self.kind, self.value),
        })
    }
}

impl fmt::Debug for IdentifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentifierKey({}, …)", self.kind)
    }
}

/// An identifier as text, `type:value`. It may name a person, so `Debug` shows the type only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub(super) String);

impl Label {
    /// The text. Never log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({}:…)", self.0.split(':').next().unwrap_or_default())
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Label {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "IdentifierLabel".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An identifier as `type:value`; `external_id@system:value` for the id of a named system.",
            "type": "string",
        })
    }
}
