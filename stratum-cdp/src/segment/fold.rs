//! Text as the text operators compare it: NFC, case-folded, NFC.

use std::borrow::Cow;

use crate::identifier::nfc;

/// The text as `contains`, `starts_with` and `ends_with` compare it: Unicode NFC, full case folding, NFC.
///
/// ```
/// use stratum_cdp::segment::fold;
/// assert_eq!(fold("STRASSE"), fold("Straße"));
/// assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
/// ```
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let folded: String = nfc(text).chars().flat_map(fold_one).collect();
    Cow::Owned(nfc(&folded).into_owned())
}

/// Unicode's full case folding (CaseFolding.txt, C + F) up to spelling: two letters fold to the same here if they do there.
/// Lower, upper and lower case once more bring together ß, ẞ and SS, and the three sigmas.
fn fold_one(letter: char) -> impl Iterator<Item = char> {
    // The dotless i is the one letter that has the capital of another and still is a letter of its own.
    let dotless = (letter == 'ı').then_some(letter);
    let others = (letter != 'ı').then_some(letter).into_iter();
    dotless
        .into_iter()
        .chain(others.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_unicode_folds_together_are_one_and_others_are_not() {
        // Expected by CaseFolding.txt (Python's str.casefold).
        for (a, b) in
            [("ß", "SS"), ("ẞ", "ss"), ("ς", "Σ"), ("K", "k"), ("ﬁ", "FI"), ("é", "E\u{301}"), ("Ꭰ", "ꭰ")]
        {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        for (a, b) in [("ı", "i"), ("ı", "I"), ("é", "e"), ("İ", "i")] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
        }
    }
}
