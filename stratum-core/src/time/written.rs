//! The one form in which an instant is written, `2026-03-01T12:00:00.000Z`, digit by digit.
//!
//! chrono reads and writes every form of RFC 3339; a decision has a dozen instants, nearly always in this one.

use super::DAY_MS;

/// Days from 0000-03-01 to 1970-01-01: years that begin in March have their leap day at their end.
const DAYS_BEFORE_1970: i64 = 719_468;
/// The days of 400 years, after which the calendar repeats itself.
const DAYS_OF_400_YEARS: i64 = 146_097;

/// Milliseconds since 1970 of an instant in this form, with or without the three digits; `None` for any other text.
pub(super) fn millis_of(text: &str) -> Option<i64> {
    let (moment, millis) = match text.as_bytes() {
        [moment @ .., b'Z'] if moment.len() == 19 => (moment, 0),
        [moment @ .., b'.', a, b, c, b'Z'] if moment.len() == 19 => (moment, number(&[*a, *b, *c])?),
        _ => return None,
    };
    let [date @ .., b'T', h1, h2, b':', m1, m2, b':', s1, s2] = moment else { return None };
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2] = date else { return None };
    let (hour, minute, second) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?);
    let (year, month, day) = (number(&[*y1, *y2, *y3, *y4])?, number(&[*o1, *o2])?, number(&[*d1, *d2])?);
    // A leap second is left to chrono.
    if hour > 23 || minute > 59 || second > 59 || day == 0 || day > days_of_month(year, month)? {
        return None;
    }
    let minutes = days_since_1970(year, month, day).wrapping_mul(24).wrapping_add(hour);
    let seconds = minutes.wrapping_mul(60).wrapping_add(minute).wrapping_mul(60).wrapping_add(second);
    Some(seconds.wrapping_mul(1_000).wrapping_add(millis))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| number.wrapping_mul(10).wrapping_add(i64::from(digit)))
    })
}

const fn days_of_month(year: i64, month: i64) -> Option<i64> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) =
        if month > 2 { (year, month.wrapping_sub(3)) } else { (year.wrapping_sub(1), month.wrapping_add(9)) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(day).wrapping_sub(1);
    let leap_days = (of_era / 4).wrapping_sub(of_era / 100);
    era.wrapping_mul(DAYS_OF_400_YEARS)
        .wrapping_add(of_era.wrapping_mul(365))
        .wrapping_add(leap_days)
        .wrapping_add(of_year)
        .wrapping_sub(DAYS_BEFORE_1970)
}

/// The text of an instant in the years 0 to 9999.
pub(super) fn text_of(millis: i64) -> [u8; 24] {
    let days = millis.div_euclid(DAY_MS).wrapping_add(DAYS_BEFORE_1970);
    let (era, of_era) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
    // The leap days before, taken out: one in four years, none in a hundred, one in the 400th.
    let without_leap =
        of_era.wrapping_sub(of_era / 1_460).wrapping_add(of_era / 36_524).wrapping_sub(of_era / 146_096);
    let year_of_era = without_leap / 365;
    let before_year =
        year_of_era.wrapping_mul(365).wrapping_add(year_of_era / 4).wrapping_sub(year_of_era / 100);
    let of_year = of_era.wrapping_sub(before_year);
    let from_march = of_year.wrapping_mul(5).wrapping_add(2) / 153;
    let day = of_year.wrapping_sub(from_march.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(1);
    let month = if from_march < 10 { from_march.wrapping_add(3) } else { from_march.wrapping_sub(9) };
    let year = era.wrapping_mul(400).wrapping_add(year_of_era).wrapping_add(i64::from(month <= 2));

    let of_day = millis.rem_euclid(DAY_MS);
    let (seconds, milli) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    [
        digit(year / 1_000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
        b'T',
        digit(hour / 10),
        digit(hour),
        b':',
        digit(minute / 10),
        digit(minute),
        b':',
        digit(second / 10),
        digit(second),
        b'.',
        digit(milli / 100),
        digit(milli / 10),
        digit(milli),
        b'Z',
    ]
}

/// The last digit of a number that is not negative.
fn digit(number: i64) -> u8 {
    let [last, ..] = number.rem_euclid(10).to_le_bytes();
    last.wrapping_add(b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{EARLIEST_MS, LATEST_MS};
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::*;

    fn of_chrono(millis: i64) -> String {
        DateTime::from_timestamp_millis(millis).unwrap().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    #[test]
    fn every_day_of_ten_thousand_years_is_written_and_read_as_chrono_does() {
        for day in EARLIEST_MS / DAY_MS..=LATEST_MS / DAY_MS {
            let millis = day * DAY_MS + day.rem_euclid(DAY_MS);
            let text = String::from_utf8(text_of(millis).to_vec()).unwrap();
            assert_eq!((text.as_str(), millis_of(&text)), (of_chrono(millis).as_str(), Some(millis)));
        }
        assert_eq!(
            (&text_of(EARLIEST_MS)[..], &text_of(LATEST_MS)[..]),
            (&b"0000-01-01T00:00:00.000Z"[..], &b"9999-12-31T23:59:59.999Z"[..])
        );
    }

    proptest! {
        #[test]
        fn a_text_that_is_read_here_is_read_by_chrono_alike(text in "[0-9]{2}(00|23|24)-(0[0-9]|1[0-3])-(0[01]|[123][0-9])T([01][0-9]|2[0-5]):[0-6][0-9]:[0-6][0-9](\\.[0-9]{3})?Z") {
            let chrono = DateTime::parse_from_rfc3339(&text).ok().map(|at| at.timestamp_millis());
            match millis_of(&text) {
                Some(millis) => prop_assert_eq!(Some(millis), chrono),
                // Only leap seconds are left to chrono.
                None => prop_assert!(chrono.is_none() || text.contains(":60"), "{}", text),
            }
        }
    }

    #[test]
    fn any_other_form_is_left_to_chrono() {
        for other in [
            "2026-03-01T12:00:00+00:00",
            "2026-03-01t12:00:00Z",
            "2026-03-01 12:00:00Z",
            "2026-03-01T12:00:00.1Z",
            "+026-03-01T12:00:00Z",
            "",
        ] {
            assert_eq!(millis_of(other), None, "{other}");
        }
    }
}
