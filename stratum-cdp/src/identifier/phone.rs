//! Phone numbers that carry their country code: `+` and digits, from any script and any way of grouping.
//!
//! What a number without a country code means depends on the numbering plan of a country. Until the library carries those
//! plans such a number is refused, instead of being given a + that makes it somebody else's.

use std::fmt;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::text;

/// A phone number: `+` and 8 to 15 digits, the first not 0 (ITU-T E.164).
///
/// ```
/// use stratum_cdp::identifier::{Phone, PhoneFault};
/// assert_eq!(Phone::parse("00965 (5001) 23-45").unwrap().as_str(), "+96550012345");
/// assert_eq!(Phone::parse("0501234567").unwrap_err(), PhoneFault::NoCountryCode);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// What keeps a text from being a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneFault {
    /// A letter, or another character that is neither digit nor separator.
    #[error("the number holds a character that is no digit")]
    Character,
    /// No + and no 00 in front.
    #[error("the number has no country code")]
    NoCountryCode,
    /// A country code that starts with 0.
    #[error("a country code does not start with 0")]
    LeadingZero,
    /// A trunk prefix in brackets after the country code, as in +44 (0)20: whether it is dialled depends on the country.
    #[error("a (0) after the country code may or may not be part of the number")]
    TrunkPrefix,
    /// Fewer than 8 or more than 15 digits.
    #[error("a number has 8 to 15 digits")]
    Length,
}

impl Phone {
    /// Reads a number with a country code, written with `+` or `00`; spaces, dots, dashes and brackets do not count.
    ///
    /// # Errors
    /// What keeps the text from being a number.
    pub fn parse(raw: &str) -> Result<Self, PhoneFault> {
        let mut number = String::from("+");
        let mut plus = false;
        let mut group = Group::Outside;
        for c in text::trim(raw).chars() {
            if let Some(digit) = decimal_digit(c) {
                group = group.digit(digit);
                number.push(digit);
            } else if matches!(c, '+' | '\u{ff0b}') && !plus && number.len() == 1 {
                plus = true;
            } else if is_separator(c) {
                if group.closes_on_zero(c) && number.len() > 2 {
                    return Err(PhoneFault::TrunkPrefix);
                }
                group = if is_opening(c) {
                    Group::Opened
                } else if c.is_whitespace() {
                    group
                } else {
                    Group::Outside
                };
            } else {
                return Err(PhoneFault::Character);
            }
        }
        if !plus {
            let international = number.strip_prefix("+00").ok_or(PhoneFault::NoCountryCode)?;
            number = format!("+{international}");
        }
        if number.starts_with("+0") {
            return Err(PhoneFault::LeadingZero);
        }
        if !(9..=16).contains(&number.len()) {
            return Err(PhoneFault::Length);
        }
        Ok(Self(number))
    }

    /// `+` and the digits. It names a person: never log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+` and the digits, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// Where the reader stands in relation to a bracket that might hold a lone 0.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Outside,
    Opened,
    Zero,
}

impl Group {
    fn digit(self, digit: char) -> Self {
        if self == Self::Opened && digit == '0' { Self::Zero } else { Self::Outside }
    }

    fn closes_on_zero(self, c: char) -> bool {
        self == Self::Zero && matches!(c, ')' | ']' | '\u{ff09}')
    }
}

fn is_opening(c: char) -> bool {
    matches!(c, '(' | '[' | '\u{ff08}')
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '.' | '(' | ')' | '[' | ']' | '\u{ff08}' | '\u{ff09}' | '\u{ff0e}' | '\u{2212}')
        || matches!(c.general_category(), GeneralCategory::DashPunctuation | GeneralCategory::Format)
}

/// The ASCII digit that a decimal digit of any script stands for.
///
/// Unicode keeps the ten digits of a script in one ascending run that starts at zero, so the place in the run is the value.
fn decimal_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    if c.general_category() != GeneralCategory::DecimalNumber {
        return None;
    }
    let before = (1..=60)
        .map_while(|back| u32::from(c).checked_sub(back).and_then(char::from_u32))
        .take_while(|earlier| earlier.general_category() == GeneralCategory::DecimalNumber)
        .count();
    char::from_digit(u32::try_from(before % 10).ok()?, 10)
}

/// Whether all digits of a text are the same one: what people type to get past a form.
pub(super) fn is_one_digit_repeated(text: &str) -> bool {
    let mut digits = text.chars().filter_map(decimal_digit);
    let first = digits.next();
    first.is_some() && digits.all(|digit| Some(digit) == first)
}
