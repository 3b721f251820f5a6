//! No text breaks a field of a person; what has no form has no hash.
//!
//! The first line is the country, the second the value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::person::{PersonContext, PersonField};

fuzz_target!(|text: &str| {
    let (country, raw) = text.split_once('\n').unwrap_or(("", text));
    let context = PersonContext::default().with_country(country);
    for field in PersonField::ALL {
        let value = field.normalize(raw, &context);
        assert!(value.meta() != Some("") && value.google() != Some(""), "nothing is no value");
        let values = value.platform_values();
        assert_eq!(values.meta.is_some(), value.meta().is_some() || value.is_hashed());
        if *field == PersonField::DateOfBirth
            && let Some(day) = value.meta()
        {
            assert!(day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
});
