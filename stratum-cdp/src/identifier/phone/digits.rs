//! Decimal digits: of every script, and a few of them in a row.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// What a decimal digit of any script stands for.
///
/// Unicode keeps the ten digits of a script in one ascending run that starts at zero, so the place in the run is the value.
pub(crate) fn decimal_digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        _ if c.is_ascii() => return None,
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{966}'..='\u{96f}' => '\u{966}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return rare_digit(c),
    };
    u8::try_from(u32::from(c).checked_sub(u32::from(zero))?).ok()
}

fn rare_digit(c: char) -> Option<u8> {
    if c.general_category() != GeneralCategory::DecimalNumber {
        return None;
    }
    let before = (1..=60)
        .map_while(|back| u32::from(c).checked_sub(back).and_then(char::from_u32))
        .take_while(|earlier| earlier.general_category() == GeneralCategory::DecimalNumber)
        .count();
    u8::try_from(before % 10).ok()
}

/// Whether all digits of a text are the same one: what people type to get past a form.
pub(in crate::identifier) fn is_one_digit_repeated(text: &str) -> bool {
    let mut digits = text.chars().filter_map(decimal_digit);
    let first = digits.next();
    first.is_some() && digits.all(|digit| Some(digit) == first)
}

/// A few digits by value, without an allocation.
#[cfg(feature = "phone-metadata")]
#[derive(Clone, Copy)]
pub(super) struct Digits {
    digits: [u8; Digits::MOST],
    len: usize,
}

#[cfg(feature = "phone-metadata")]
impl Digits {
    /// More than any number has with the prefixes of two countries before it.
    const MOST: usize = 48;

    pub(super) const EMPTY: Self = Self { digits: [0; Self::MOST], len: 0 };

    /// Adds a digit; `None` if there are too many.
    pub(super) fn push(&mut self, digit: u8) -> Option<()> {
        *self.digits.get_mut(self.len)? = digit;
        self.len = self.len.saturating_add(1);
        Some(())
    }

    pub(super) fn of(digits: &[u8]) -> Option<Self> {
        let mut all = Self::EMPTY;
        all.digits.get_mut(..digits.len())?.copy_from_slice(digits);
        all.len = digits.len();
        Some(all)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }
}
