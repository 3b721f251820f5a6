//! The shared e-mail vectors: raw addresses with the normal form or null, and the hash that each platform wants.
#![allow(clippy::unwrap_used, reason = "tests may panic: that is how they fail")]

use serde::Deserialize;
use stratum_cdp::identifier::{CleaningPolicy, Email, Identifier, IdentifierType};
use stratum_core::vocabulary::Platform;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    raw: String,
    normalized: Option<String>,
    already_hashed: bool,
    google_form: Option<String>,
    meta: Option<String>,
    google: Option<String>,
    tiktok: Option<String>,
    snapchat: Option<String>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../../tests/vectors/cdp/email.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    assert!(vectors.cases.len() >= 260, "the vectors hold {} cases", vectors.cases.len());
    vectors.cases
}

#[test]
fn every_address_has_the_normal_form_of_the_vectors_or_none() {
    for case in cases() {
        let email = Email::parse(&case.raw).ok();
        // A hash has no normal form: it is used as it is.
        let expected = if case.already_hashed { case.meta } else { case.normalized };
        assert_eq!(email.as_ref().map(Email::as_str), expected.as_deref(), "{}", case.id);
        assert_eq!(email.is_some_and(|email| email.is_hashed()), case.already_hashed, "{}", case.id);
    }
}

#[test]
fn every_platform_gets_the_hash_of_the_vectors_or_none() {
    for case in cases() {
        let email = Email::parse(&case.raw).ok();
        let google_form = email.as_ref().and_then(|email| email.hash_input(Platform::Google));
        assert_eq!(google_form.as_deref(), case.google_form.as_deref(), "{}", case.id);
        for (platform, expected) in [
            (Platform::Meta, case.meta),
            (Platform::Google, case.google),
            (Platform::Tiktok, case.tiktok),
            (Platform::Snapchat, case.snapchat),
        ] {
            let hash = email.as_ref().and_then(|email| email.platform_hash(platform));
            assert_eq!(hash.map(|hash| hash.to_string()), expected, "{} {platform}", case.id);
        }
    }
}

#[test]
fn the_published_examples_of_the_specification_come_out() {
    let email = Email::parse("Jane.Doe+x@gmail.com").unwrap();
    let hash = |platform| email.platform_hash(platform).unwrap().to_string();
    assert_eq!(hash(Platform::Google), "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69");
    assert_eq!(hash(Platform::Meta), "3eebe8d734dcf3f0bec40704e5ca2c3e48b513ad4af65ed70dcd168f425f4f4c");
}

#[test]
fn normalising_a_normal_form_changes_nothing() {
    for case in cases() {
        let Some(normal) = case.normalized else { continue };
        assert_eq!(Email::parse(&normal).unwrap().as_str(), normal, "{}", case.id);
    }
}

#[test]
fn a_debug_text_never_holds_the_address() {
    for case in cases() {
        if let Ok(email) = Email::parse(&case.raw) {
            assert!(!format!("{email:?}").contains(email.as_str()), "{}", case.id);
        }
        if let Ok(identifier) =
            Identifier::clean(IdentifierType::Email, &case.raw, &CleaningPolicy::default())
        {
            assert!(!format!("{identifier:?}").contains(identifier.value()), "{}", case.id);
        }
    }
}
