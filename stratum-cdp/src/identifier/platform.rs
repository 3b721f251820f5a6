//! What each ad platform wants to have of one value.

use serde::{Deserialize, Serialize};
use stratum_core::Digest;
use stratum_core::vocabulary::Platform;

/// A value as it goes to a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlatformValue {
    /// The SHA-256 of what the platform hashes.
    Sha256(Digest),
    /// The text itself, for what the platform takes unhashed.
    Plain(Plain),
}

/// A text that goes to a platform unhashed. It may name a person, so its `Debug` text does not hold it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Plain(String);

impl Plain {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain(…)")
    }
}

impl PlatformValue {
    /// The SHA-256 of a text.
    pub(crate) fn hash(text: &str) -> Self {
        Self::Sha256(Digest::of(text.as_bytes()))
    }

    /// A text as it is.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::Plain(Plain(text.into()))
    }

    /// The text that goes to the platform: the digest in lower-case hex, or the value itself.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Sha256(digest) => digest.to_string(),
            Self::Plain(Plain(text)) => text,
        }
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
