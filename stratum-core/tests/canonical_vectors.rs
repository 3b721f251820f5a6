//! Canonical JSON against Python's `repr` and hashlib: `tests/vectors/canonical`.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Number, Value};
use stratum_core::{Digest, canonical};

#[derive(Deserialize)]
struct File<Case> {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct ValueCase {
    name: String,
    json: String,
    canonical: Option<String>,
    sha256: Option<Digest>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct NumberCase {
    bits: String,
    text: Option<String>,
    error: Option<String>,
}

fn cases<Case: for<'de> Deserialize<'de>>(text: &str) -> Vec<Case> {
    serde_json::from_str::<File<Case>>(text).unwrap().cases
}

fn double(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).unwrap())
}

#[test]
fn every_value_of_the_vectors_has_the_text_and_the_digest_of_the_oracle() {
    let cases: Vec<ValueCase> = cases(include_str!("../../tests/vectors/canonical/values.json"));
    assert!(cases.len() >= 40);
    for case in cases {
        let name = case.name;
        let written = match serde_json::from_str::<Value>(&case.json) {
            Ok(value) => canonical::write(&value).map_err(|problem| problem.code.into_owned()),
            Err(_) => Err("not_json".to_owned()),
        };
        match written {
            Ok(text) => {
                assert_eq!(Some(Digest::of(text.as_bytes())), case.sha256, "{name}: {text}");
                assert_eq!(Some(text), case.canonical, "{name}");
            }
            Err(code) => assert_eq!(Some(code), case.error, "{name}"),
        }
    }
}

#[test]
fn every_double_of_the_vectors_has_the_text_of_the_oracle() {
    let cases: Vec<NumberCase> = cases(include_str!("../../tests/vectors/canonical/numbers.json"));
    assert!(cases.len() > 1_000);
    for case in cases {
        let number = Number::from_f64(double(&case.bits)).unwrap();
        match canonical::write(&Value::Number(number)) {
            Ok(text) => assert_eq!(Some(text), case.text, "{}", case.bits),
            Err(problem) => assert_eq!(Some(problem.code.into_owned()), case.error, "{}", case.bits),
        }
    }
}

#[test]
fn a_digest_reads_back_from_its_hexadecimal_text() {
    let digest = Digest::of(b"stratum");
    assert_eq!(digest.to_string().parse(), Ok(digest));
    assert_eq!(digest.to_string().to_uppercase().parse(), Ok(digest));
    assert_eq!(Digest::from_bytes(*digest.as_bytes()), digest);
    for text in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65)] {
        assert_eq!(text.parse::<Digest>().unwrap_err().code, "invalid_digest", "{text}");
    }
    // SHA-256 of nothing (FIPS 180-4).
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Digest::of(b"").to_string(), nothing);
    assert_eq!(Digest::of_pieces(&[b"str", b"", b"atum"]), digest);
}

#[test]
fn a_map_whose_keys_are_no_strings_is_refused() {
    let map = std::collections::BTreeMap::from([(vec![1], 2)]);
    assert_eq!(canonical::to_string(&map).unwrap_err().code, "not_serializable");
    assert!(canonical::digest(&map).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn any_double_is_written_as_the_independent_implementation_writes_it_or_refused(bits in any::<u64>()) {
        let Some(number) = Number::from_f64(f64::from_bits(bits)) else { return Ok(()) };
        let value = Value::Number(number);
        match canonical::write(&value) {
            Ok(text) => {
                prop_assert_eq!(&text, &serde_json_canonicalizer::to_string(&value).unwrap());
                // -0 is written as 0; every other double comes back bit for bit.
                prop_assert_eq!(text.parse::<f64>().unwrap() + 0.0, f64::from_bits(bits) + 0.0);
            }
            Err(problem) => {
                let magnitude = f64::from_bits(bits).abs();
                prop_assert_eq!(problem.code, "unsafe_integer");
                prop_assert!((9_007_199_254_740_992.0..1e21).contains(&magnitude));
            }
        }
    }
}
