//! Countries, states and postal codes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::name;
use crate::identifier::{Region, decimal_digit, lower_nfc};

/// A line for each country: its two letters, then the three letters and the English names, a to z and digits only.
const COUNTRIES: &str = include_str!("../../data/countries.txt");

static BY_NAME: LazyLock<BTreeMap<&'static str, Region>> = LazyLock::new(|| {
    let lines = COUNTRIES.lines().filter_map(|line| {
        let code = line.split(' ').next()?.parse::<Region>().ok()?;
        Some(line.split(' ').map(move |name| (name, code)))
    });
    lines.flatten().collect()
});

/// The states and the district whose two letters platforms want.
const US_STATES: [(&str, &str); 51] = [
    ("alabama", "al"),
    ("alaska", "ak"),
    ("arizona", "az"),
    ("arkansas", "ar"),
    ("california", "ca"),
    ("colorado", "co"),
    ("connecticut", "ct"),
    ("delaware", "de"),
    ("districtofcolumbia", "dc"),
    ("florida", "fl"),
    ("georgia", "ga"),
    ("hawaii", "hi"),
    ("idaho", "id"),
    ("illinois", "il"),
    ("indiana", "in"),
    ("iowa", "ia"),
    ("kansas", "ks"),
    ("kentucky", "ky"),
    ("louisiana", "la"),
    ("maine", "me"),
    ("maryland", "md"),
    ("massachusetts", "ma"),
    ("michigan", "mi"),
    ("minnesota", "mn"),
    ("mississippi", "ms"),
    ("missouri", "mo"),
    ("montana", "mt"),
    ("nebraska", "ne"),
    ("nevada", "nv"),
    ("newhampshire", "nh"),
    ("newjersey", "nj"),
    ("newmexico", "nm"),
    ("newyork", "ny"),
    ("northcarolina", "nc"),
    ("northdakota", "nd"),
    ("ohio", "oh"),
    ("oklahoma", "ok"),
    ("oregon", "or"),
    ("pennsylvania", "pa"),
    ("rhodeisland", "ri"),
    ("southcarolina", "sc"),
    ("southdakota", "sd"),
    ("tennessee", "tn"),
    ("texas", "tx"),
    ("utah", "ut"),
    ("vermont", "vt"),
    ("virginia", "va"),
    ("washington", "wa"),
    ("westvirginia", "wv"),
    ("wisconsin", "wi"),
    ("wyoming", "wy"),
];

/// A country by its code of two or three letters or its English name; marks and all but a to z and digits do not count.
pub(super) fn country(raw: &str) -> Option<Region> {
    let name: String =
        lower_nfc(raw).nfd().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit()).collect();
    BY_NAME.get(name.as_str()).copied()
}

/// A state as a name is written; of the United States its two letters.
pub(super) fn state(raw: &str, country: Option<Region>) -> Option<String> {
    let name = name::compact(raw)?;
    let in_the_us = country.is_none_or(|country| country.as_str() == "US");
    let known = US_STATES.iter().find(|(full, _)| in_the_us && *full == name);
    Some(known.map_or(name, |(_, letters)| (*letters).to_owned()))
}

/// A postal code in lower case without white space and dashes; in the United States its first five digits.
pub(super) fn zip(raw: &str, country: Option<Region>) -> Option<String> {
    let raw = with_ascii_digits(raw);
    let in_the_us = country.map_or_else(|| is_five_and_four(&raw), |country| country.as_str() == "US");
    if in_the_us {
        let five: String = raw.chars().filter(char::is_ascii_digit).take(5).collect();
        return (five.len() == 5).then_some(five);
    }
    let code: String = lower_nfc(&raw).chars().filter(|&c| !is_gap(c)).collect();
    (code.chars().count() >= 2).then_some(code)
}

/// A postal code as it is written, for the platform that takes it so.
pub(super) fn plain_zip(raw: &str) -> Option<String> {
    (!raw.is_empty()).then(|| with_ascii_digits(raw))
}

fn with_ascii_digits(raw: &str) -> String {
    raw.chars().map(|c| decimal_digit(c).map_or(c, |digit| char::from(digit.saturating_add(b'0')))).collect()
}

/// 94035-1234: nowhere but in the United States.
fn is_five_and_four(raw: &str) -> bool {
    raw.chars().count() == 10
        && raw.chars().enumerate().all(|(place, c)| if place == 5 { is_gap(c) } else { c.is_ascii_digit() })
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == '\u{2212}' || c.general_category() == GeneralCategory::DashPunctuation
}
