//! What stands in a body: hashes, and texts that may name a person. Neither shows in a `Debug` text.

use std::fmt;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};
use stratum_core::Digest;

/// A SHA-256, 64 lower-case hexadecimal digits in a body.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hashed(pub(crate) Digest);

impl Hashed {
    /// The hash of a text.
    pub(crate) fn of(text: &str) -> Self {
        Self(Digest::of(text.as_bytes()))
    }
}

impl Serialize for Hashed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 64];
        // 32 bytes are 64 digits, always.
        let written = hex::encode_to_slice(self.0.as_bytes(), &mut digits).ok();
        let text = written.and_then(|()| std::str::from_utf8(&digits).ok());
        serializer.serialize_str(text.unwrap_or_default())
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256 …")
    }
}

/// A text that may name a person: an address of a network or a page, what was searched for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Private(pub(crate) String);

impl Private {
    /// A text that was given and holds something.
    pub(crate) fn of(text: Option<&str>) -> Option<Self> {
        text.map(|text| Self(text.to_owned()))
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The hash of a text, made when it is first asked for and kept for the platforms that want the same.
#[derive(Clone, Default)]
pub(crate) struct Hash(OnceLock<Hashed>);

impl Hash {
    /// One that is known.
    pub(crate) fn known(digest: Digest) -> Self {
        Self(OnceLock::from(Hashed(digest)))
    }

    /// The hash of `text`; the text must be the same at every call.
    pub(crate) fn of(&self, text: &str) -> Hashed {
        *self.0.get_or_init(|| Hashed(Digest::of(text.as_bytes())))
    }

    /// The hash, if it was made or known.
    pub(crate) fn get(&self) -> Option<Hashed> {
        self.0.get().copied()
    }
}
