//! Names of people and cities, in every script.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::identifier::{lower_nfc, trim};

/// Between letters of Arabic and Indic scripts these are part of the word.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Lower case, without white space, punctuation and symbols. Letters, marks and digits of any script stay.
pub(super) fn compact(raw: &str) -> Option<String> {
    let kept: String = lower_nfc(raw).chars().filter(|&c| is_kept(c)).collect();
    // What punctuation kept from the ends stands there now: a joiner that joins nothing.
    let word = trim(&kept);
    (!word.is_empty()).then(|| word.to_owned())
}

fn is_kept(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    !c.is_whitespace()
        && !is_invisible(c)
        && !matches!(
            c.general_category_group(),
            GeneralCategoryGroup::Punctuation | GeneralCategoryGroup::Symbol
        )
}

/// Lower case, with inner spaces and punctuation; `None` without a letter or digit.
pub(super) fn spaced(raw: &str) -> Option<String> {
    let visible: String = lower_nfc(raw).chars().filter(|&c| !is_invisible(c)).collect();
    let named = |c: char| {
        matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
    };
    visible.chars().any(named).then(|| trim(&visible).to_owned())
}

fn is_invisible(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
        && !JOINERS.contains(&c)
}

/// `m` or `f`; whatever else is meant, no platform has a word for it.
pub(super) fn gender(raw: &str) -> Option<&'static str> {
    match lower_nfc(raw).as_ref() {
        "m" | "male" | "man" | "boy" => Some("m"),
        "f" | "female" | "woman" | "girl" => Some("f"),
        _ => None,
    }
}
