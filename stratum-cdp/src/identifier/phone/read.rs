//! A number by the numbering plan of its country, as libphonenumber reads it.

use super::PhoneFault;
use super::digits::Digits;
use super::plans::{self, Length, Plan};
use super::prefix::Fit;
use super::written::{self, Unreadable, Written};
use crate::identifier::Region;

/// The longest national number.
const LONGEST: usize = 17;

/// A number taken apart.
pub(super) struct International {
    pub(super) code: u16,
    pub(super) national: Digits,
    /// Whether a number of this length exists in the country.
    pub(super) possible: bool,
    /// Whether the number is in use in the country.
    pub(super) valid: bool,
}

impl International {
    pub(super) fn code_digits(&self) -> u8 {
        match self.code {
            0..=9 => 1,
            10..=99 => 2,
            _ => 3,
        }
    }

    /// The digits of the calling code.
    pub(super) fn code_written(&self) -> impl Iterator<Item = u8> + use<> {
        code_digits(self.code)
    }
}

/// The digits of a calling code, which has one to three of them.
fn code_digits(code: u16) -> impl Iterator<Item = u8> {
    let places: &[u16] = match code {
        0..=9 => &[1],
        10..=99 => &[10, 1],
        _ => &[100, 10, 1],
    };
    places.iter().filter_map(move |&place| u8::try_from(code.checked_div(place)? % 10).ok())
}

pub(super) fn read(raw: &str, region: Option<Region>) -> Result<International, PhoneFault> {
    let written = written::read(raw).map_err(|unreadable| match unreadable {
        Unreadable::Character => PhoneFault::Character,
        Unreadable::TooLong => PhoneFault::Length,
    })?;
    let home = region.and_then(plans::of_region);
    let (plan, national) = match country(&written, home)? {
        Some((code, national)) => (plans::of_code(code).ok_or(PhoneFault::UnknownCountry)?, national),
        None => (home.ok_or(PhoneFault::NoCountryCode)?, written.digits),
    };
    if national.as_slice().len() < 2 {
        return Err(PhoneFault::Length);
    }
    let bare = without_national_prefix(plan, national.as_slice()).ok_or(PhoneFault::Length)?;
    let national = match plan.length(bare.as_slice()) {
        Length::TooShort | Length::Local | Length::Between => national,
        Length::Possible | Length::TooLong => bare,
    };
    if !(2..=LONGEST).contains(&national.as_slice().len()) {
        return Err(PhoneFault::Length);
    }
    let possible =
        plans::of_code(plan.code).is_some_and(|main| main.length(national.as_slice()) == Length::Possible);
    let valid = plans::is_valid(plan.code, national.as_slice());
    Ok(International { code: plan.code, national, possible, valid })
}

/// The calling code that the number carries, and the number behind it; `None` if it carries none.
fn country(written: &Written, home: Option<&'static Plan>) -> Result<Option<(u16, Digits)>, PhoneFault> {
    let digits = written.digits.as_slice();
    if written.plus {
        return match behind_code(digits) {
            // A prefix or the code of the own country behind the + is a slip of the pen.
            Err(PhoneFault::UnknownCountry | PhoneFault::LeadingZero) if home.is_some() => {
                let fault = if digits.first() == Some(&0) {
                    PhoneFault::LeadingZero
                } else {
                    PhoneFault::UnknownCountry
                };
                from_home(digits, home)?.ok_or(fault).map(Some)
            }
            other => other.map(Some),
        };
    }
    from_home(digits, home)
}

/// A number without a +, as it is dialled at home.
fn from_home(digits: &[u8], home: Option<&'static Plan>) -> Result<Option<(u16, Digits)>, PhoneFault> {
    let Some(home) = home else {
        // Most of the world dials 00 for +; from nowhere in particular nothing else can be meant.
        return digits.strip_prefix(&[0, 0]).map(behind_code).transpose();
    };
    let dialled =
        home.international.and_then(|prefix| prefix.fit(digits)).and_then(|fit| digits.get(fit.end..));
    if let Some(abroad) = dialled.filter(|abroad| abroad.first() != Some(&0)) {
        return behind_code(abroad).map(Some);
    }
    let Some(behind) = without_code(digits, home.code) else { return Ok(None) };
    let bare = without_national_prefix(home, behind).ok_or(PhoneFault::Length)?;
    let carries =
        (!home.fits(digits) && home.fits(bare.as_slice())) || home.length(digits) == Length::TooLong;
    Ok(carries.then_some((home.code, bare)))
}

/// Parts a number from its calling code of one to three digits; no code begins as another one.
fn behind_code(digits: &[u8]) -> Result<(u16, Digits), PhoneFault> {
    if digits.len() <= 2 {
        return Err(PhoneFault::Length);
    }
    if digits.first() == Some(&0) {
        return Err(PhoneFault::LeadingZero);
    }
    let mut code = 0_u16;
    for (place, &digit) in digits.iter().enumerate().take(3) {
        code = code.saturating_mul(10).saturating_add(u16::from(digit));
        if plans::of_code(code).is_some() {
            let behind = digits.get(place.saturating_add(1)..).and_then(Digits::of);
            return behind.map(|behind| (code, behind)).ok_or(PhoneFault::Length);
        }
    }
    Err(PhoneFault::UnknownCountry)
}

fn without_code(digits: &[u8], code: u16) -> Option<&[u8]> {
    code_digits(code).try_fold(digits, |digits, wanted| {
        digits.split_first().filter(|&(&digit, _)| digit == wanted).map(|(_, rest)| rest)
    })
}

/// Without what is dialled before a number of the same country, and with what the plan makes of the rest.
///
/// The number stays as it is where it fits the plan and would no longer fit it. `None` if it grows beyond all numbers.
fn without_national_prefix(plan: &Plan, digits: &[u8]) -> Option<Digits> {
    let Some(fit) = plan.national.and_then(|prefix| prefix.fit(digits)) else { return Digits::of(digits) };
    let bare = if plan.rule.is_empty() || !fit.last_captured {
        Digits::of(digits.get(fit.end..)?)?
    } else {
        rewritten(plan.rule, &fit, digits)?
    };
    if plan.fits(digits) && !plan.fits(bare.as_slice()) { Digits::of(digits) } else { Some(bare) }
}

/// What the rule says, then what the prefix left.
fn rewritten(rule: &str, fit: &Fit, digits: &[u8]) -> Option<Digits> {
    let mut all = Digits::EMPTY;
    let mut rule = rule.bytes();
    while let Some(byte) = rule.next() {
        if byte == b'\\' {
            let capture = usize::from(rule.next()?.checked_sub(b'1')?);
            if let Some((start, end)) = *fit.captures.get(capture)? {
                digits.get(start..end)?.iter().try_for_each(|&digit| all.push(digit))?;
            }
        } else {
            all.push(byte.checked_sub(b'0')?)?;
        }
    }
    digits.get(fit.end..)?.iter().try_for_each(|&digit| all.push(digit))?;
    Some(all)
}
