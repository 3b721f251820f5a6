//! The extension behind a number: `;ext=99`, `ext. 12`, `x123`, `#45`, `,, 7`.
//!
//! It is dialled after the call was answered and is no part of the number.

use super::digits::decimal_digit;

/// The words for it, longest first, and how many digits may follow each.
const WORDS: [(&str, usize); 26] = [
    ("extensi\u{f3}n", 20),
    ("xtensi\u{f3}n", 20),
    ("extension", 20),
    ("xtension", 20),
    ("extensi\u{f3}", 20),
    ("xtensi\u{f3}", 20),
    ("extensio", 20),
    ("xtensio", 20),
    ("\u{ff45}\u{ff58}\u{ff54}\u{ff4e}", 20),
    ("\u{ff58}\u{ff54}\u{ff4e}", 20),
    ("\u{ff45}\u{ff58}\u{ff54}", 20),
    ("\u{ff58}\u{ff54}", 20),
    ("extn", 20),
    ("xtn", 20),
    ("ext", 20),
    ("xt", 20),
    ("\u{434}\u{43e}\u{431}", 20),
    ("anexo", 20),
    ("int", 9),
    ("\u{ff49}\u{ff4e}\u{ff54}", 9),
    ("x", 9),
    ("\u{ff58}", 9),
    ("#", 9),
    ("\u{ff03}", 9),
    ("~", 9),
    ("\u{ff5e}", 9),
];

/// The number without its extension; `None` if it has none.
pub(super) fn strip(number: &str) -> Option<&str> {
    let (before, hash) = match number.strip_suffix('#') {
        Some(before) => (before, true),
        None => (number, false),
    };
    let label = before.trim_end_matches(|c| decimal_digit(c).is_some());
    let digits = before.get(label.len()..)?.chars().count();
    if digits == 0 {
        return None;
    }
    // Several ways may fit; the one that takes most is meant.
    let worded = if hash { None } else { label.strip_suffix(";ext=").filter(|_| digits <= 20) };
    let separated = label.trim_end_matches(is_separator);
    let unpointed = separated.strip_suffix([':', '.', '\u{ff0e}']).unwrap_or(separated);
    let found = [
        worded,
        after_word(separated, digits),
        after_word(unpointed, digits),
        after_comma(label, digits),
        after_comma(unpointed, digits),
        after_semicolon(separated, digits),
        after_semicolon(unpointed, digits),
        dashed(label, digits, hash),
    ];
    found.into_iter().flatten().min_by_key(|head| head.len())
}

fn after_word(label: &str, digits: usize) -> Option<&str> {
    let lower = label.to_lowercase();
    let (word, most) = WORDS.iter().find(|(word, _)| lower.ends_with(word))?;
    // The words have the same length in either case.
    let head = label.get(..label.len().checked_sub(word.len())?)?;
    (digits <= *most).then(|| head.trim_end_matches(|c| is_space(c) || c == ','))
}

fn after_semicolon(label: &str, digits: usize) -> Option<&str> {
    label.strip_suffix(';').filter(|_| digits <= 15).map(|head| head.trim_end_matches(is_space))
}

/// One comma is a short pause of the dialler, two are a long one.
fn after_comma(label: &str, digits: usize) -> Option<&str> {
    let head = label.trim_end_matches(is_separator);
    let separators = label.get(head.len()..)?;
    let comma = separators.find(',')?;
    let most = if separators.get(comma..)?.starts_with(",,") { 15 } else { 9 };
    let head = label.get(..head.len().checked_add(comma)?)?;
    (digits <= most).then(|| head.trim_end_matches(is_space))
}

/// `-12#` and ` 12#`.
fn dashed(label: &str, digits: usize, hash: bool) -> Option<&str> {
    let head = label.trim_end_matches(['-', ' ']);
    (hash && digits <= 6 && head.len() < label.len()).then_some(head)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\t')
}

fn is_separator(c: char) -> bool {
    is_space(c) || matches!(c, ',' | '-')
}
