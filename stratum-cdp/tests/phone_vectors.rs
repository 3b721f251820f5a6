//! Phone numbers against what libphonenumber makes of them: the shared vectors, and random numbers of every region.
#![cfg(feature = "phone-metadata")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use proptest::prelude::*;
use serde_json::Value;
use stratum_cdp::identifier::{Phone, Region, phone_metadata_version};
use stratum_core::vocabulary::Platform;

const PHONES: &str = include_str!("../../tests/vectors/cdp/phone.json");
const RANDOM_PHONES: &str = include_str!("../../tests/vectors/cdp/phone-random.json");
const HASHES: &str = include_str!("../../tests/vectors/cdp/phone-hashes.json");

fn cases(content: &str) -> Vec<Value> {
    let mut content: Value = serde_json::from_str(content).unwrap();
    serde_json::from_value(content["cases"].take()).unwrap()
}

fn region(case: &Value) -> Option<Region> {
    case["region"].as_str().map(|region| region.parse().unwrap())
}

fn compare(content: &str) {
    let mut wrong = Vec::new();
    for case in &cases(content) {
        let raw = case["raw"].as_str().unwrap();
        let valid = Phone::parse(raw, region(case)).map(Phone::into_string);
        let possible = Phone::parse_possible(raw, region(case)).map(Phone::into_string);
        if valid.as_deref().ok() != case["e164"].as_str() {
            wrong.push(format!("{case}: {valid:?}"));
        }
        if possible.as_deref().ok() != case["possible_e164"].as_str() {
            wrong.push(format!("{case}: possible {possible:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_shared_case_has_its_international_form() {
    compare(PHONES);
}

#[test]
fn random_numbers_of_every_region_are_read_as_libphonenumber_reads_them() {
    compare(RANDOM_PHONES);
}

/// python phonenumbers 9.0.43: `is_valid_number` is true, `is_possible_number_with_reason` is `IS_POSSIBLE_LOCAL_ONLY`.
#[test]
fn a_number_in_use_is_possible_though_it_is_dialled_within_its_area_only() {
    let us: Option<Region> = "US".parse().ok();
    for read in [Phone::parse, Phone::parse_possible] {
        assert_eq!(read(" (310bGaB", us).unwrap().as_str(), "+13102422");
    }
}

#[test]
fn every_number_has_the_hash_that_each_platform_wants() {
    for case in &cases(HASHES) {
        let phone = Phone::parse(case["raw"].as_str().unwrap(), region(case)).ok();
        for (name, platform) in [
            ("meta", Platform::Meta),
            ("google", Platform::Google),
            ("tiktok", Platform::Tiktok),
            ("snapchat", Platform::Snapchat),
        ] {
            let hash = phone.as_ref().map(|phone| phone.platform_hash(platform).to_string());
            assert_eq!(hash.as_deref(), case[name].as_str(), "{name} of {case}");
        }
    }
}

#[test]
fn the_plans_are_those_that_the_vectors_were_made_with() {
    assert_eq!(phone_metadata_version(), Some("9.0.43"));
}

fn written_number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        r"[+0]{0,2}[0-9]{4,14}",
        r"\+?(1|7|20|27|3[0-9]|4[0-9]|5[2-8]|6[0-6]|8[1246]|9[0-8]|2[1-9][0-9]|37[0-9]|67[0-9]|9[67][0-9])[0-9]{5,11}",
        "[ +0-9()/.,;#xext٠-٩-]{1,26}",
        r"tel:[0-9+-]{3,12};phone-context=[+a-z0-9.-]{1,10}(;isub=[0-9]{1,3})?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_international_form_is_a_plus_and_digits_and_read_again_stays(raw in written_number(), region in "[A-Z]{2}") {
        let region = region.parse().unwrap();
        if let Ok(phone) = Phone::parse(&raw, Some(region)) {
            let digits = phone.as_str().strip_prefix('+').unwrap();
            prop_assert!((4..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!(!digits.starts_with('0'));
            prop_assert_eq!(Phone::parse(phone.as_str(), Some(region)), Ok(phone.clone()), "from {:?}", raw);
            prop_assert_eq!(Phone::parse(phone.as_str(), None), Ok(phone.clone()), "from {:?}", raw);
        }
    }
}
