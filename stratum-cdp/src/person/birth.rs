//! Days of birth, in the orders in which people write them.

use chrono::{Datelike, NaiveDate};

use crate::identifier::decimal_digit;

/// The last day of birth for callers that do not say what day it is.
pub(super) const LATEST: NaiveDate = match NaiveDate::from_ymd_opt(2026, 4, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The earliest year of birth.
const EARLIEST_YEAR: i32 = 1_900;

/// `YYYYMMDD`; `None` for what is no date from 1900 on, for years of two digits and months in words.
///
/// The year stands first or last. Where it stands last, the month comes before the day unless it is above 12.
pub(super) fn date(raw: &str, latest: NaiveDate) -> Option<String> {
    let mut groups = Groups { text: raw, first: true };
    let (first, digits) = groups.next()?;
    let day = if digits == 8 {
        NaiveDate::from_ymd_opt(
            i32::try_from(first / 10_000).ok()?,
            (first / 100).checked_rem(100)?,
            first.checked_rem(100)?,
        )
    } else {
        let ((second, second_digits), (third, third_digits)) = (groups.next()?, groups.next()?);
        match (digits, second_digits, third_digits) {
            (4, 1..=2, 1..=2) => NaiveDate::from_ymd_opt(i32::try_from(first).ok()?, second, third),
            (1..=2, 1..=2, 4) => {
                let (month, day) = if first > 12 { (second, first) } else { (first, second) };
                NaiveDate::from_ymd_opt(i32::try_from(third).ok()?, month, day)
            }
            _ => None,
        }
    }?;
    let ends = groups.text.chars().next().is_none_or(|c| c == 'T' || c == 't' || !c.is_alphanumeric());
    (ends && day.year() >= EARLIEST_YEAR && day <= latest).then(|| day.format("%Y%m%d").to_string())
}

/// Runs of digits with anything but letters between them.
struct Groups<'a> {
    text: &'a str,
    first: bool,
}

impl Groups<'_> {
    /// The next number and how many digits it has.
    fn next(&mut self) -> Option<(u32, usize)> {
        let rest = self.text.trim_start_matches(|c: char| !c.is_alphanumeric());
        if !self.first && rest.len() == self.text.len() {
            return None;
        }
        self.first = false;
        self.text = rest;
        let (mut number, mut digits) = (0_u32, 0_usize);
        for c in rest.chars() {
            let Some(digit) = decimal_digit(c) else { break };
            number = number.checked_mul(10)?.checked_add(u32::from(digit))?;
            digits = digits.saturating_add(1);
            self.text = self.text.get(c.len_utf8()..)?;
        }
        (digits > 0).then_some((number, digits))
    }
}
