//! From what people write to digits: words before the number, an extension behind it, letters of a keypad, a `tel:` address.
//!
//! What counts as part of a number is what libphonenumber counts.

use std::borrow::Cow;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::digits::{Digits, decimal_digit};
use super::extension;
use crate::identifier::text;

/// The digits of a number as it was written.
pub(super) struct Written {
    /// Whether a + stands before them.
    pub(super) plus: bool,
    pub(super) digits: Digits,
}

/// Why a text is not written as a number is.
pub(super) enum Unreadable {
    /// Something in it is no part of a number, or it holds none.
    Character,
    /// More digits than any number has.
    TooLong,
}

/// More than anybody writes around a number; libphonenumber stops here, too.
const MOST_CHARACTERS: usize = 250;

pub(super) fn read(raw: &str) -> Result<Written, Unreadable> {
    if raw.len() > MOST_CHARACTERS && raw.chars().count() > MOST_CHARACTERS {
        return Err(Unreadable::TooLong);
    }
    let raw = text::nfc(raw);
    let number = match raw.split_once(";phone-context=") {
        Some((before, after)) => Cow::Owned(in_context(before, after).ok_or(Unreadable::Character)?),
        None => Cow::Borrowed(possible_number(&raw)),
    };
    let number = match number.split_once(";isub=") {
        Some((before, _)) if !before.is_empty() => before,
        _ => number.as_ref(),
    };
    let head = if is_plain(number) { None } else { extension::strip(number) };
    match head.and_then(scan) {
        Some(head) => head,
        None => scan(number).unwrap_or(Err(Unreadable::Character)),
    }
}

/// Whether nothing in the text can begin an extension.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b' ' | b'+' | b'-' | b'.' | b'(' | b')' | b'/'))
}

/// A local number of a `tel:` address (RFC 3966) with what has to be dialled before it.
fn in_context(before: &str, after: &str) -> Option<String> {
    let context = after.split(';').next().unwrap_or_default();
    let local = before.split_once("tel:").map_or(before, |(_, local)| local);
    match context.strip_prefix('+') {
        Some(digits) => {
            let written =
                digits.chars().all(|c| decimal_digit(c).is_some() || matches!(c, '-' | '.' | '(' | ')'));
            (written && digits.chars().any(|c| decimal_digit(c).is_some()))
                .then(|| format!("{context}{local}"))
        }
        None => is_domain(context).then(|| local.to_owned()),
    }
}

/// A domain name: labels of letters, digits and inner dashes, the last one beginning with a letter.
fn is_domain(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split('.').all(label)
        && text.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// From the first digit or + on, without what follows the number and without a second number.
fn possible_number(text: &str) -> &str {
    let starts = |c: char| matches!(c, '+' | '\u{ff0b}') || decimal_digit(c).is_some();
    let text = text.trim_start_matches(|c| !starts(c)).trim_end_matches(is_trailing);
    second_number(text).map_or(text, |(first, _)| first)
}

fn is_trailing(c: char) -> bool {
    if c.is_ascii() {
        !c.is_ascii_alphanumeric() && c != '#'
    } else {
        !matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
    }
}

/// Parts at a slash before another extension: `(530) 583-6985 x302/x2303`.
fn second_number(text: &str) -> Option<(&str, &str)> {
    text.char_indices().filter(|(_, c)| matches!(c, '/' | '\\')).find_map(|(slash, _)| {
        let (first, rest) = text.split_at_checked(slash)?;
        let second = rest.get(1..)?.trim_start_matches(' ');
        second.starts_with('x').then_some((first, second))
    })
}

/// Reads a number character by character; `None` if it is not written as a number.
fn scan(number: &str) -> Option<Result<Written, Unreadable>> {
    let mut rest = number.trim_start_matches(['+', '\u{ff0b}']);
    let plus = rest.len() < number.len();
    let mut written = Written { plus, digits: Digits::EMPTY };
    let (mut read, mut letters) = (0_usize, 0_usize);
    for c in rest.chars() {
        if let Some(digit) = decimal_digit(c) {
            read = read.saturating_add(1);
            if written.digits.push(digit).is_none() {
                return Some(Err(Unreadable::TooLong));
            }
        } else if c.is_ascii_alphabetic() && (read >= 3 || matches!(c, 'x' | 'X')) {
            letters = letters.saturating_add(1);
        } else if !is_punctuation(c) {
            return None;
        }
    }
    if read < 3 {
        return None;
    }
    // Three letters are a word that is dialled; fewer are a slip.
    if letters >= 3 {
        written.digits = Digits::EMPTY;
        while let Some(c) = rest.chars().next() {
            if let Some(digit) = on_keypad(c)
                && written.digits.push(digit).is_none()
            {
                return Some(Err(Unreadable::TooLong));
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    Some(Ok(written))
}

/// The key that carries a letter (ITU-T E.161) or an ASCII digit; words are not dialled among digits of other scripts.
fn on_keypad(c: char) -> Option<u8> {
    match c.to_ascii_uppercase() {
        '0'..='9' => decimal_digit(c),
        'A'..='C' => Some(2),
        'D'..='F' => Some(3),
        'G'..='I' => Some(4),
        'J'..='L' => Some(5),
        'M'..='O' => Some(6),
        'P'..='S' => Some(7),
        'T'..='V' => Some(8),
        'W'..='Z' => Some(9),
        _ => None,
    }
}

/// What people put between the digits of a number.
fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '-' | ' ' | '.' | '(' | ')' | '/' | '[' | ']' | '~' | '*'
            | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff0d}'..='\u{ff0f}' | '\u{a0}' | '\u{ad}'
            | '\u{200b}' | '\u{2060}' | '\u{3000}' | '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3d}'
            | '\u{2053}' | '\u{223c}' | '\u{ff5e}'
            // The marks of direction that texts in Arabic and Hebrew carry around a number.
            | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
