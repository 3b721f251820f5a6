//! A text is a number or is refused; a number is a + and digits, and does not change when it is read again.
//!
//! The first two characters are the region, the rest is what somebody wrote.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::identifier::{Phone, Region};

fuzz_target!(|text: &str| {
    let (region, raw) = match text.split_at_checked(2) {
        Some((region, raw)) => (region.parse::<Region>().ok(), raw),
        None => (None, text),
    };
    for phone in [Phone::parse(raw, region), Phone::parse_possible(raw, region), Phone::parse_form(raw)]
        .into_iter()
        .flatten()
    {
        let digits = phone.as_str().strip_prefix('+').expect("a number begins with +");
        assert!((4..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(!digits.starts_with('0'));
        assert!(!format!("{phone:?}").contains(digits));
    }
    if let Ok(phone) = Phone::parse(raw, region) {
        assert!(Phone::parse_possible(raw, region).is_ok(), "what is in use is possible");
        let again = Phone::parse(phone.as_str(), region).expect("a number in use stays one");
        assert_eq!(again.as_str(), phone.as_str());
    }
});
