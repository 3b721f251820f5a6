//! Phone numbers in their international form (ITU-T E.164): `+`, the calling code of the country, the national number.
//!
//! What a number without a country code means depends on the numbering plan of a country, and so does which numbers exist
//! at all. With the feature `phone-metadata` (on by default) the library carries the plans of all countries, those of
//! Google's libphonenumber, and reads a number as that library does, in any script, with its extension left out. Without it
//! a number must carry its country code and only its form is checked; that is for programs that count every byte.

mod digits;
#[cfg(feature = "phone-metadata")]
mod extension;
mod form;
#[cfg(feature = "phone-metadata")]
mod plans;
#[cfg(feature = "phone-metadata")]
mod prefix;
#[cfg(feature = "phone-metadata")]
mod read;
#[cfg(feature = "phone-metadata")]
mod written;

use std::fmt;

pub(crate) use digits::decimal_digit;
pub(super) use digits::is_one_digit_repeated;

use super::Region;

/// A phone number: `+` and digits, the first not 0.
///
/// ```
/// use stratum_cdp::identifier::{Phone, PhoneFault};
/// let kuwait = Some("KW".parse().unwrap());
/// assert_eq!(Phone::parse("٥٠٠١-٢٣٤٥ ext. 7", kuwait).unwrap().as_str(), "+96550012345");
/// assert_eq!(Phone::parse("00965 (5001) 23-45", None).unwrap().as_str(), "+96550012345");
/// assert_eq!(Phone::parse("tel:+44 (0)20 7946 0958", None).unwrap().as_str(), "+442079460958");
/// assert_eq!(Phone::parse("50012345", None).unwrap_err(), PhoneFault::NoCountryCode);
/// assert_eq!(Phone::parse("10012345", kuwait).unwrap_err(), PhoneFault::NotInUse);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    text: String,
    /// How many digits the calling code has; 0 if that is not known.
    code_digits: u8,
}

/// What keeps a text from being a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneFault {
    /// A character that is no part of a number, or no number at all.
    #[error("the text is not written as a phone number is")]
    Character,
    /// No country code, and no region to read it by.
    #[error("the number has no country code")]
    NoCountryCode,
    /// A country code that starts with 0.
    #[error("a country code does not start with 0")]
    LeadingZero,
    /// A country code that no country has.
    #[error("no country has this country code")]
    UnknownCountry,
    /// A trunk prefix in brackets after the country code, as in +44 (0)20: without the plans of the countries nobody knows
    /// whether it is dialled.
    #[error("a (0) after the country code may or may not be part of the number")]
    TrunkPrefix,
    /// Too few or too many digits.
    #[error("no number of the country has this many digits")]
    Length,
    /// A number that the numbering plan of its country does not hold.
    #[error("the country has no such number")]
    NotInUse,
}

impl Phone {
    /// Reads a number that is in use in its country; one without a country code by the plan of `region`.
    ///
    /// # Errors
    /// What keeps the text from being a number.
    pub fn parse(raw: &str, region: Option<Region>) -> Result<Self, PhoneFault> {
        read(raw, region, true)
    }

    /// Reads a number that is possible by its length, whether or not it is in use: for tenants whose country changes its
    /// plan faster than this library.
    ///
    /// # Errors
    /// What keeps the text from being a number.
    pub fn parse_possible(raw: &str, region: Option<Region>) -> Result<Self, PhoneFault> {
        read(raw, region, false)
    }

    /// Reads a number that carries its country code, by its form alone: `+` or `00`, 8 to 15 digits, the first not 0.
    ///
    /// # Errors
    /// What keeps the text from being a number.
    pub fn parse_form(raw: &str) -> Result<Self, PhoneFault> {
        form::read(raw).map(|text| Self { text, code_digits: 0 })
    }

    /// `+` and the digits. It names a person: never log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `+` and the digits, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// The digits without the +. No country code starts with 0, so neither do they.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.text.strip_prefix('+').unwrap_or(&self.text)
    }

    /// The digits after the country code; `None` if that is not known.
    #[must_use]
    pub fn national(&self) -> Option<&str> {
        (self.code_digits > 0).then(|| self.digits().get(usize::from(self.code_digits)..)).flatten()
    }
}

/// Which version of libphonenumber the numbering plans are those of; `None` without the feature `phone-metadata`.
#[must_use]
pub fn phone_metadata_version() -> Option<&'static str> {
    #[cfg(feature = "phone-metadata")]
    return Some(plans::version());
    #[cfg(not(feature = "phone-metadata"))]
    return None;
}

#[cfg(not(feature = "phone-metadata"))]
fn read(raw: &str, _: Option<Region>, _: bool) -> Result<Phone, PhoneFault> {
    Phone::parse_form(raw)
}

#[cfg(feature = "phone-metadata")]
fn read(raw: &str, region: Option<Region>, in_use: bool) -> Result<Phone, PhoneFault> {
    let number = read::read(raw, region)?;
    if in_use && !number.valid {
        return Err(if number.possible { PhoneFault::NotInUse } else { PhoneFault::Length });
    }
    // A number of a length that is only dialled within its area may be in use all the same: Canada's 310 numbers.
    if !number.possible && !number.valid {
        return Err(PhoneFault::Length);
    }
    let mut text = String::with_capacity(20);
    text.push('+');
    text.extend(number.code_written().chain(number.national.as_slice().iter().copied()).map(ascii));
    Ok(Phone { text, code_digits: number.code_digits() })
}

#[cfg(feature = "phone-metadata")]
fn ascii(digit: u8) -> char {
    char::from(digit.saturating_add(b'0'))
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}
