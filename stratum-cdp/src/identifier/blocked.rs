//! Values that look like identifiers and are none.

use std::collections::{BTreeMap, BTreeSet};

use super::email::Email;
use super::{IdentifierType, text};

/// What programs write when they do not know who it is.
const PLACEHOLDERS: [&str; 23] = [
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "n/a",
    "na",
    "unknown",
    "anonymous",
    "guest",
    "true",
    "false",
    "0",
    "-1",
    "-",
    "[object object]",
    "not_authenticated",
    "distinct_id",
    "distinctid",
    "id",
    "user",
    "email",
    "test",
];

const ALL_F_UUID: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// Local parts of addresses that nobody, or a whole team, reads.
const SHARED_MAILBOXES: [&str; 9] =
    ["test", "noreply", "no-reply", "donotreply", "do-not-reply", "null", "undefined", "na", "none"];

/// What counts as an identifier beside the fixed rules: a tenant's own blocked values.
///
/// ```
/// use stratum_cdp::identifier::{CleaningPolicy, Identifier, IdentifierRefusal, IdentifierType};
/// let policy = CleaningPolicy::default().block(IdentifierType::Email, "Till@shop.example");
/// let refused = Identifier::clean(IdentifierType::Email, "till@shop.example", &policy).unwrap_err();
/// assert_eq!(refused, IdentifierRefusal::Blocked);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CleaningPolicy {
    blocked: BTreeMap<IdentifierType, BTreeSet<String>>,
}

impl CleaningPolicy {
    /// Blocks one more value of a type; compared in lower case, for e-mail and phone also after normalisation.
    #[must_use]
    pub fn block(mut self, kind: IdentifierType, value: &str) -> Self {
        self.blocked.entry(kind).or_default().insert(text::lower_nfc(text::trim(value)).into_owned());
        self
    }

    /// Whether a trimmed value is blocked for this type.
    pub(super) fn blocks(&self, kind: IdentifierType, trimmed: &str) -> bool {
        if is_placeholder(trimmed) {
            return true;
        }
        self.blocked.get(&kind).is_some_and(|values| values.contains(text::lower_nfc(trimmed).as_ref()))
    }
}

/// Whether the value is empty, only zeros and dashes (an all-zero advertising id), or a placeholder.
fn is_placeholder(trimmed: &str) -> bool {
    trimmed.bytes().all(|byte| matches!(byte, b'0' | b'-'))
        || PLACEHOLDERS.iter().any(|placeholder| trimmed.eq_ignore_ascii_case(placeholder))
        || trimmed.eq_ignore_ascii_case(ALL_F_UUID)
}

/// Whether an address belongs to a mailbox that stands for nobody in particular.
pub(super) fn is_shared_mailbox(email: &Email) -> bool {
    email.local_part().is_some_and(|local| SHARED_MAILBOXES.contains(&local))
}
