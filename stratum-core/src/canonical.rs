//! Canonical JSON (RFC 8785) and SHA-256: one value, one text, one digest, in every language.
//!
//! ```
//! use stratum_core::canonical;
//! let value = serde_json::json!({"b": 1.0, "a": [true, null, 1e21]});
//! assert_eq!(canonical::write(&value).unwrap(), r#"{"a":[true,null,1e+21],"b":1}"#);
//! // An integer that JavaScript would change silently is refused instead of hashed wrongly.
//! assert!(canonical::write(&serde_json::json!(9_007_199_254_740_993_i64)).is_err());
//! ```

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::problem::{Problem, pointer_step};

/// The largest integer that survives a double: 2⁵³ − 1.
pub const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// The first double above it: 2⁵³.
const FIRST_UNSAFE_DOUBLE: f64 = 9_007_199_254_740_992.0;

/// From here on ECMAScript writes a number with an exponent.
const FIRST_WITH_EXPONENT: f64 = 1e21;

/// The canonical text of a JSON value.
///
/// Keys are sorted by UTF-16 code units; numbers are written as ECMAScript writes them (`-0` as `0`, no `.0`, exponents
/// outside 1e-6..1e21); strings carry JSON.stringify's escapes.
///
/// # Errors
/// `unsafe_integer` for a number that would be written as an integer beyond ±(2⁵³ − 1): write it as decimal text.
pub fn write(value: &Value) -> Result<String, Problem> {
    let mut text = String::new();
    write_value(value, &mut text)?;
    Ok(text)
}

/// Anything that serializes, as a JSON value.
///
/// # Errors
/// Where serde refuses: a map whose keys are no strings.
pub fn value_of<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Value> {
    // The same value by way of the text: a browser downloads each way of writing a type.
    if cfg!(target_arch = "wasm32") {
        return serde_json::from_str(&serde_json::to_string(value)?);
    }
    serde_json::to_value(value)
}

/// The canonical text of anything that serializes.
///
/// # Errors
/// `unsafe_integer` as [`write()`]; `not_serializable` where serde refuses (a map whose keys are no strings).
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Problem> {
    let value = value_of(value).map_err(|error| Problem::new("", "not_serializable", error.to_string()))?;
    write(&value)
}

/// The SHA-256 digest of the canonical text.
///
/// # Errors
/// As [`to_string`].
pub fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, Problem> {
    Ok(Digest::of(to_string(value)?.as_bytes()))
}

fn write_value(value: &Value, text: &mut String) -> Result<(), Problem> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(number, text)?,
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(item, text).map_err(|problem| problem.under(&format!("/{index}")))?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            // A map of serde_json is in the order of bytes, which is that of UTF-16 for nearly every key.
            if members.keys().is_sorted_by(|a, b| by_utf16(a, b) == Ordering::Less) {
                write_members(members.iter(), text)?;
            } else {
                let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
                sorted.sort_by(|(a, _), (b, _)| by_utf16(a, b));
                write_members(sorted.into_iter(), text)?;
            }
        }
    }
    Ok(())
}

fn write_members<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
    text: &mut String,
) -> Result<(), Problem> {
    text.push('{');
    for (index, (key, member)) in members.enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(key, text);
        text.push(':');
        write_value(member, text).map_err(|problem| problem.under(&pointer_step(key)))?;
    }
    text.push('}');
    Ok(())
}

fn write_number(number: &serde_json::Number, text: &mut String) -> Result<(), Problem> {
    match number.as_f64() {
        // An integer that a double may have changed; or a double whose text would have neither fraction nor exponent, so
        // that whoever reads it back has such an integer.
        Some(double) if (FIRST_UNSAFE_DOUBLE..FIRST_WITH_EXPONENT).contains(&double.abs()) => {
            Err(Problem::new("", "unsafe_integer", format!("{number} does not survive a double"))
                .help("write it as decimal text"))
        }
        Some(double) if double.is_finite() => {
            text.push_str(ryu_js::Buffer::new().format_finite(double));
            Ok(())
        }
        _ => Err(Problem::new("", "not_a_number", "canonical JSON holds finite numbers only")),
    }
}

/// The order of two keys by their UTF-16 code units.
fn by_utf16(a: &str, b: &str) -> Ordering {
    // From U+E000 on, a character beyond the basic plane sorts before one within it; below that, bytes say the same.
    let plain = |key: &str| key.bytes().all(|byte| byte < 0xee);
    if plain(a) && plain(b) { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    if !string.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        text.push_str(string);
        text.push('"');
        return;
    }
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control if control < '\u{20}' => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
}

/// A SHA-256 digest; 64 lower-case hexadecimal digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Thirty-two zero bytes: what the first record of a chain names as its predecessor.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of several pieces, one after the other.
    #[must_use]
    pub fn of_pieces(pieces: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for piece in pieces {
            hasher.update(piece);
        }
        Self(hasher.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Writes the 64 lower-case hexadecimal digits behind a text, without a text of their own.
    pub fn push_hex(&self, text: &mut String) {
        text.push_str(self.hex(&mut [0; 64]));
    }

    fn hex<'a>(&self, digits: &'a mut [u8; 64]) -> &'a str {
        // 32 bytes are 64 digits, always.
        hex::encode_to_slice(self.0, digits)
            .ok()
            .and_then(|()| std::str::from_utf8(digits).ok())
            .unwrap_or_default()
    }

    /// Wraps 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex(&mut [0; 64]))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| Problem::new("", "invalid_digest", "a digest is 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.hex(&mut [0; 64]))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::word::read(deserializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Digest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "A SHA-256 digest.", "type": "string", "pattern": "^[0-9A-Fa-f]{64}$", "format": "sha-256" })
    }
}
