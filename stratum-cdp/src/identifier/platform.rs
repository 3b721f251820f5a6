//! What each ad platform wants to have of one value.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Digest;
use stratum_core::vocabulary::Platform;

/// A value as it goes to a platform. It may name a person, so its `Debug` text does not hold it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlatformValue {
    /// The SHA-256 in lower-case hex of what the platform hashes; the text itself where the platform takes it unhashed.
    pub value: String,
    /// Whether it is a hash.
    pub hashed: bool,
}

impl PlatformValue {
    /// The SHA-256 of a text.
    pub(crate) fn hash(text: &str) -> Self {
        Digest::of(text.as_bytes()).into()
    }

    /// A text as it is.
    pub(crate) fn plain(text: &str) -> Self {
        Self { value: text.to_owned(), hashed: false }
    }
}

impl From<Digest> for PlatformValue {
    fn from(digest: Digest) -> Self {
        Self { value: digest.to_string(), hashed: true }
    }
}

impl fmt::Debug for PlatformValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.hashed { "PlatformValue(sha256 …)" } else { "PlatformValue(…)" })
    }
}

/// One value for the four platforms; a platform that takes no such value, or none as this one is, has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlatformValues {
    /// For Meta.
    #[serde(default)]
    pub meta: Option<PlatformValue>,
    /// For Google.
    #[serde(default)]
    pub google: Option<PlatformValue>,
    /// For TikTok.
    #[serde(default)]
    pub tiktok: Option<PlatformValue>,
    /// For Snapchat.
    #[serde(default)]
    pub snapchat: Option<PlatformValue>,
}

impl PlatformValues {
    /// What `value` says for each platform.
    pub(crate) fn of(mut value: impl FnMut(Platform) -> Option<PlatformValue>) -> Self {
        Self {
            meta: value(Platform::Meta),
            google: value(Platform::Google),
            tiktok: value(Platform::Tiktok),
            snapchat: value(Platform::Snapchat),
        }
    }

    /// The value for a platform.
    #[must_use]
    pub const fn get(&self, platform: Platform) -> Option<&PlatformValue> {
        match platform {
            Platform::Meta => self.meta.as_ref(),
            Platform::Google => self.google.as_ref(),
            Platform::Tiktok => self.tiktok.as_ref(),
            Platform::Snapchat => self.snapchat.as_ref(),
        }
    }
}
