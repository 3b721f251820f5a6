//! The key by which an identifier is found without being stored in clear.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;

use super::Identifier;

/// HMAC-SHA-256 of type, a zero byte and value, under the tenant's key. Equal identifiers of one tenant have equal keys;
/// without the tenant's key neither the value nor whether two tenants know the same person can be told. A bare SHA-256 would
/// not do: all phone numbers can be tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupKey([u8; 32]);

impl LookupKey {
    /// The key of an identifier under a tenant's key of any length.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length (RFC 2104, section 2)")]
    pub fn new(tenant_key: &[u8], identifier: &Identifier) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(tenant_key).expect("a key of any length");
        mac.update(identifier.kind().as_str().as_bytes());
        mac.update(&[0]);
        mac.update(identifier.value().as_bytes());
        Self(mac.finalize().into_bytes().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupKey(…)")
    }
}

impl Serialize for LookupKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for LookupKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a lookup key is 64 hex digits"))
    }
}
