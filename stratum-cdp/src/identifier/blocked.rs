//! Values that look like identifiers and are none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::email::Email;
use super::{IdentifierType, Phone, PhoneFault, Region, text};

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

/// Domains that documentation reserves or that people type to get past a form (blocked by [`CleaningPolicy::strict`]).
const SAMPLE_DOMAINS: [&str; 4] = ["example.com", "example.org", "example.net", "test.com"];

/// How many digits in a row, each the next of the one before, are no coincidence.
const SHORTEST_SEQUENCE: usize = 7;

/// What counts as an identifier: which values stand for nobody, and how a phone number is read.
///
/// ```
/// use stratum_cdp::identifier::{CleaningPolicy, Identifier, IdentifierRefusal, IdentifierType};
/// let policy = CleaningPolicy::default().block(IdentifierType::Email, "Till@shop.example");
/// let refused = Identifier::clean(IdentifierType::Email, "till@shop.example", &policy).unwrap_err();
/// assert_eq!(refused, IdentifierRefusal::Blocked);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CleaningPolicy {
    blocked: BTreeMap<IdentifierType, BTreeSet<String>>,
    default_region: Option<Region>,
    possible_phones: bool,
    strict: bool,
    blocks_nothing: bool,
}

impl CleaningPolicy {
    /// The rules of the identity preset `standard`, and the default of this type.
    #[must_use]
    pub fn standard() -> Self {
        Self::default()
    }

    /// The rules of the identity preset `strict`: addresses at example.com, example.org, example.net and test.com, and phones
    /// whose national digits only count up or down (1234567890), stand for nobody, too.
    #[must_use]
    pub fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }

    /// Blocks one more value of a type; compared in lower case, for e-mail and phone also after normalisation.
    #[must_use]
    pub fn block(mut self, kind: IdentifierType, value: &str) -> Self {
        self.blocked.entry(kind).or_default().insert(text::lower_nfc(text::trim(value)).into_owned());
        self
    }

    /// Blocks no value that has a normal form, but for placeholders: what was sent under an older policy is found again.
    pub(crate) fn blocking_nothing(mut self) -> Self {
        self.blocked.clear();
        self.strict = false;
        self.blocks_nothing = true;
        self
    }

    /// Reads phone numbers without a country code by the numbering plan of this region.
    #[must_use]
    pub const fn with_default_region(mut self, region: Option<Region>) -> Self {
        self.default_region = region;
        self
    }

    /// Takes phone numbers that are possible by their length, whether or not they are in use.
    #[must_use]
    pub const fn with_possible_phones(mut self) -> Self {
        self.possible_phones = true;
        self
    }

    /// The region of phone numbers without a country code.
    #[must_use]
    pub const fn default_region(&self) -> Option<Region> {
        self.default_region
    }

    /// Reads a phone number as this policy asks for.
    pub(super) fn phone(&self, raw: &str) -> Result<Phone, PhoneFault> {
        if self.possible_phones {
            Phone::parse_possible(raw, self.default_region)
        } else {
            Phone::parse(raw, self.default_region)
        }
    }

    /// Whether a trimmed value is blocked for this type.
    pub(super) fn blocks(&self, kind: IdentifierType, trimmed: &str) -> bool {
        if is_placeholder(trimmed) {
            return true;
        }
        self.blocked.get(&kind).is_some_and(|values| values.contains(text::lower_nfc(trimmed).as_ref()))
    }

    /// Whether an address stands for nobody in particular, at least under this policy.
    pub(super) fn blocks_email(&self, email: &Email) -> bool {
        (is_shared_mailbox(email) && !self.blocks_nothing)
            || (self.strict && email.domain().is_some_and(|domain| SAMPLE_DOMAINS.contains(&domain)))
    }

    /// Whether a number is one that people make up.
    pub(super) fn blocks_phone(&self, phone: &Phone) -> bool {
        self.strict && phone.national().is_some_and(is_sequence)
    }
}

impl fmt::Debug for CleaningPolicy {
    /// How many values are blocked: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CleaningPolicy")
            .field("strict", &self.strict)
            .field("default_region", &self.default_region)
            .field("possible_phones", &self.possible_phones)
            .field("blocked", &self.blocked.values().map(BTreeSet::len).sum::<usize>())
            .finish()
    }
}

/// Whether each digit is the next of the one before, up or down, with 0 behind 9.
fn is_sequence(digits: &str) -> bool {
    let steps = |by: u8| {
        digits.bytes().zip(digits.bytes().skip(1)).all(|(before, after)| {
            before.saturating_sub(b'0').saturating_add(by) % 10 == after.saturating_sub(b'0')
        })
    };
    digits.len() >= SHORTEST_SEQUENCE && (steps(1) || steps(9))
}

/// Whether the value is empty, only zeros and dashes (an all-zero advertising id), or a placeholder.
fn is_placeholder(trimmed: &str) -> bool {
    trimmed.bytes().all(|byte| matches!(byte, b'0' | b'-'))
        || PLACEHOLDERS.iter().any(|placeholder| trimmed.eq_ignore_ascii_case(placeholder))
        || trimmed.eq_ignore_ascii_case(ALL_F_UUID)
}

/// Whether an address belongs to a mailbox that stands for nobody in particular.
fn is_shared_mailbox(email: &Email) -> bool {
    email.local_part().is_some_and(|local| SHARED_MAILBOXES.contains(&local))
}
