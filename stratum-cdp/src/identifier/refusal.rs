//! Why a raw value is no identifier, for people and for programs.

use super::{EmailFault, PhoneFault};

/// Why a raw value is no identifier. The value itself is never part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifierRefusal {
    /// A value that stands for nobody, or for many: `null`, `noreply@…`, digits that are all the same.
    #[error("the value stands for nobody, or for many")]
    Blocked,
    /// More than 256 bytes after normalisation.
    #[error("the value is longer than 256 bytes")]
    TooLong,
    /// Not an e-mail address.
    #[error("{0}")]
    Email(EmailFault),
    /// Not a phone number.
    #[error("{0}")]
    Phone(PhoneFault),
}

impl IdentifierRefusal {
    /// The reason in one word, the same in every language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::TooLong => "too_long",
            Self::Email(fault) => fault.code(),
            Self::Phone(fault) => fault.code(),
        }
    }
}

impl EmailFault {
    /// The fault in one word, the same in every language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::ControlCharacter => "control_character",
            Self::NoAt => "no_at",
            Self::MultipleAt => "multiple_at",
            Self::WhiteSpaceInside => "white_space_inside",
            Self::EmptyLocalPart => "empty_local_part",
            Self::LocalPartTooLong => "local_part_too_long",
            Self::DotPosition => "dot_position",
            Self::LocalPartCharacter => "local_part_character",
            Self::QuotedLocalPart => "quoted_local_part",
            Self::EmptyDomain => "empty_domain",
            Self::IpLiteral => "ip_literal",
            Self::NoDotInDomain => "no_dot_in_domain",
            Self::EmptyLabel => "empty_label",
            Self::LabelTooLong => "label_too_long",
            Self::HyphenPosition => "hyphen_position",
            Self::DomainCharacter => "domain_character",
            Self::NumericTopLevel => "numeric_top_level",
            Self::TooLong => "address_too_long",
        }
    }
}

impl PhoneFault {
    /// The fault in one word, the same in every language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Character => "not_a_number",
            Self::NoCountryCode => "no_country_code",
            Self::LeadingZero => "leading_zero",
            Self::UnknownCountry => "unknown_country_code",
            Self::TrunkPrefix => "trunk_prefix",
            Self::Length => "invalid_length",
            Self::NotInUse => "not_in_use",
        }
    }
}
