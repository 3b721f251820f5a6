//! Phone numbers that carry their country code, by their form alone: `+` and digits, from any script and any grouping.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{PhoneFault, decimal_digit};
use crate::identifier::text;

/// Reads a number with a country code, written with `+` or `00`; spaces, dots, dashes and brackets do not count.
pub(super) fn read(raw: &str) -> Result<String, PhoneFault> {
    let mut number = String::from("+");
    let mut plus = false;
    let mut group = Group::Outside;
    for c in text::trim(raw).chars() {
        if let Some(digit) = decimal_digit(c) {
            group = group.digit(digit);
            number.push(char::from(digit.saturating_add(b'0')));
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
    Ok(number)
}

/// Where the reader stands in relation to a bracket that might hold a lone 0.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Outside,
    Opened,
    Zero,
}

impl Group {
    fn digit(self, digit: u8) -> Self {
        if self == Self::Opened && digit == 0 { Self::Zero } else { Self::Outside }
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
