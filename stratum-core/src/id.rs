//! Identifiers: UUIDs with a type each, so that a tenant's id never stands where an action's belongs.
//!
//! ```
//! use stratum_core::id::{ActionId, TenantId};
//! use stratum_core::Timestamp;
//!
//! let tenant: TenantId = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! assert_eq!(tenant.to_string(), "0198c9a0-0000-7000-8000-000000000001");
//!
//! // Time and chance are arguments: the caller brings the instant and ten random bytes.
//! let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
//! let action = ActionId::v7(now, [7; 10]);
//! assert!(action < ActionId::v7(now.plus_minutes(1), [0; 10])); // version 7 sorts by time
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::problem::Problem;
use crate::time::Timestamp;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID of any version.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// A version 7 id (RFC 9562) made of an instant and ten random bytes of the caller's.
            #[must_use]
            pub fn v7(at: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(at.millis().max(0).unsigned_abs(), &random).into_uuid())
            }

            /// The UUID itself.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Problem;

            fn from_str(text: &str) -> Result<Self, Problem> {
                Uuid::try_parse(text).map(Self).map_err(|_| {
                    Problem::new("", "invalid_id", concat!("a ", $noun, " id is a UUID"))
                        .help("write it as 0198c9a0-0000-7000-8000-000000000001")
                })
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::word::read(deserializer)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "description": concat!("The id of a ", $noun, "."), "type": "string", "format": "uuid" })
            }
        }
    )*};
}

ids! {
    /// A tenant: one advertiser, whose data never meet another's.
    TenantId "tenant";
    /// A person who signs in.
    UserId "user";
    /// A customer profile.
    ProfileId "profile";
    /// An action that changes something on an ad platform.
    ActionId "action";
    /// A stored health snapshot.
    SnapshotId "snapshot";
    /// A recorded gate decision.
    DecisionId "decision";
    /// A signal incident.
    IncidentId "incident";
}
