//! Identifiers against the identity rules: normal forms, blocked values, and what a `Debug` text may say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "tests may panic: that is how they fail"
)]

use proptest::prelude::*;
use stratum_cdp::identifier::{
    CleaningPolicy, EmailFault, Identifier, IdentifierRefusal, IdentifierType, Phone, PhoneFault,
};

use IdentifierType::{AnonymousId, DeviceId, Email, ExternalId};

fn clean(kind: IdentifierType, raw: &str) -> Result<String, IdentifierRefusal> {
    Identifier::clean(kind, raw, &CleaningPolicy::default()).map(|identifier| identifier.value().to_owned())
}

#[test]
fn the_stronger_type_has_the_higher_priority() {
    let mut types = IdentifierType::ALL.to_vec();
    types.sort_by_key(|kind| std::cmp::Reverse(kind.priority()));
    assert_eq!(types, [ExternalId, Email, IdentifierType::Phone, DeviceId, AnonymousId]);
}

#[test]
fn placeholders_are_blocked_for_every_type_in_any_case_and_spacing() {
    let placeholders = [
        "",
        "null",
        "undefined",
        "none",
        "nil",
        "nan",
        "n/a",
        "na",
        "unknown",
        "anonymous",
        "guest",
        "true",
        "false",
        "0",
        "-1",
        "-",
        "[object object]",
        "not_authenticated",
        "distinct_id",
        "distinctid",
        "id",
        "user",
        "email",
        "test",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "00000000-0000-0000-0000-000000000000",
        "0000",
        "---",
    ];
    for placeholder in placeholders {
        for kind in IdentifierType::ALL {
            for raw in [
                placeholder.to_owned(),
                placeholder.to_uppercase(),
                format!(" \u{feff}{placeholder}\u{200b}\t"),
            ] {
                assert_eq!(clean(*kind, &raw), Err(IdentifierRefusal::Blocked), "{kind} {raw:?}");
            }
        }
    }
}

#[test]
fn a_value_that_only_contains_a_placeholder_is_not_blocked() {
    assert_eq!(clean(ExternalId, "user-17").unwrap(), "user-17");
    assert_eq!(clean(AnonymousId, "testament").unwrap(), "testament");
    assert_eq!(clean(Email, "testa@shop.example").unwrap(), "testa@shop.example");
    assert_eq!(clean(ExternalId, "0-1").unwrap(), "0-1");
}

#[test]
fn shared_mailboxes_are_blocked_at_any_domain() {
    for local in
        ["test", "noreply", "No-Reply", "donotreply", "do-not-reply", "null", "undefined", "na", "none"]
    {
        assert_eq!(
            clean(Email, &format!("{local}@shop.example")),
            Err(IdentifierRefusal::Blocked),
            "{local}"
        );
    }
}

#[test]
fn digits_that_are_all_the_same_are_blocked_in_any_script() {
    for raw in ["+1111111111", "999 999 999", "٥٥٥٥٥٥٥٥", "+٠0٠0", "7"] {
        assert_eq!(clean(IdentifierType::Phone, raw), Err(IdentifierRefusal::Blocked), "{raw}");
    }
}

#[test]
fn a_tenants_own_blocked_values_are_compared_in_lower_case_before_and_after_normalisation() {
    let policy = CleaningPolicy::default()
        .block(ExternalId, "Kiosk-1")
        .block(Email, "TILL@Shop.example")
        .block(IdentifierType::Phone, "+96550012345");
    let refused = |kind, raw| Identifier::clean(kind, raw, &policy).unwrap_err();
    assert_eq!(refused(ExternalId, "kiosk-1"), IdentifierRefusal::Blocked);
    assert_eq!(refused(Email, " till@shop.EXAMPLE "), IdentifierRefusal::Blocked);
    assert_eq!(refused(IdentifierType::Phone, "00965 5001 2345"), IdentifierRefusal::Blocked);
    assert!(Identifier::clean(AnonymousId, "kiosk-1", &policy).is_ok(), "blocked for external ids only");
}

#[test]
fn device_ids_are_lower_cased_and_external_and_anonymous_ids_keep_their_case() {
    assert_eq!(clean(DeviceId, " AAAA-BBBB-1 ").unwrap(), "aaaa-bbbb-1");
    assert_eq!(clean(ExternalId, " U-1001 ").unwrap(), "U-1001");
    assert_eq!(clean(AnonymousId, "V1StGXR8").unwrap(), "V1StGXR8");
    assert_eq!(clean(ExternalId, "Jose\u{301}").unwrap(), "Jos\u{e9}", "two ways to write é are one id");
}

#[test]
fn a_value_of_256_bytes_is_the_longest() {
    assert_eq!(clean(ExternalId, &"x".repeat(256)).unwrap().len(), 256);
    assert_eq!(clean(ExternalId, &"x".repeat(257)), Err(IdentifierRefusal::TooLong));
    assert_eq!(clean(ExternalId, &"é".repeat(128)).unwrap().len(), 256);
    assert_eq!(clean(ExternalId, &"é".repeat(129)), Err(IdentifierRefusal::TooLong));
}

#[test]
fn one_phone_number_written_in_many_ways_has_one_form() {
    for raw in [
        "+96550012345",
        "0096550012345",
        "+965 5001 2345",
        "+965-5001-2345",
        "(+965) 5001.2345",
        "[+965] 50012345",
        "\u{ff0b}９６５ ５００１ ２３４５",
        "٠٠٩٦٥٥٠٠١٢٣٤٥",
        "+۹۶۵۵۰۰۱۲۳۴۵",
        "+965\u{a0}5001\u{2011}2345",
        "\u{202a}+96550012345\u{202c}",
        "+९६५ ५००१ २३४५",
    ] {
        assert_eq!(Phone::parse(raw, None).unwrap().as_str(), "+96550012345", "{raw:?}");
        assert_eq!(Phone::parse_form(raw).unwrap().as_str(), "+96550012345", "{raw:?}");
    }
}

#[test]
fn by_its_form_alone_a_number_needs_a_country_code_and_nothing_else() {
    for (raw, fault) in [
        ("0501234567", PhoneFault::NoCountryCode),
        ("501234567", PhoneFault::NoCountryCode),
        ("+0501234567", PhoneFault::LeadingZero),
        ("+00965 50012345", PhoneFault::LeadingZero),
        ("+9655001", PhoneFault::Length),
        ("+1234567890123456", PhoneFault::Length),
        ("+965 5001 CALL", PhoneFault::Character),
        ("+965 5001 2345 ext. 7", PhoneFault::Character),
        ("+965+50012345", PhoneFault::Character),
        ("96550012345+", PhoneFault::Character),
        ("+965,50012345", PhoneFault::Character),
        ("+44 (0)20 7946 0958", PhoneFault::TrunkPrefix),
        ("+44 (0) 20 7946 0958", PhoneFault::TrunkPrefix),
        ("", PhoneFault::NoCountryCode),
    ] {
        assert_eq!(Phone::parse_form(raw), Err(fault), "{raw:?}");
    }
}

#[test]
fn eight_and_fifteen_digits_are_the_shortest_and_longest_number() {
    assert_eq!(Phone::parse_form("+12345678").unwrap().as_str(), "+12345678");
    assert_eq!(Phone::parse_form("+1234567").unwrap_err(), PhoneFault::Length);
    assert_eq!(Phone::parse_form("+123456789012345").unwrap().as_str(), "+123456789012345");
    assert_eq!(Phone::parse_form("+1234567890123456").unwrap_err(), PhoneFault::Length);
}

#[test]
fn a_number_is_read_by_the_plan_of_its_region_and_refused_where_it_is_not_in_use() {
    let kuwait = Some("KW".parse().unwrap());
    for (raw, region, fault) in [
        ("0501234567", None, PhoneFault::NoCountryCode),
        ("50012345", Some("ZZ".parse().unwrap()), PhoneFault::NoCountryCode),
        ("+0501234567", None, PhoneFault::LeadingZero),
        ("+999123456789", kuwait, PhoneFault::UnknownCountry),
        ("+9655001", None, PhoneFault::Length),
        ("+1234567890123456789", None, PhoneFault::Length),
        ("+12345678901234567890123456789012345678901234567890", None, PhoneFault::Length),
        ("10012345", kuwait, PhoneFault::NotInUse),
        ("call me", kuwait, PhoneFault::Character),
        ("", kuwait, PhoneFault::Character),
    ] {
        assert_eq!(Phone::parse(raw, region), Err(fault), "{raw:?}");
    }
    assert_eq!(Phone::parse_possible("10012345", kuwait).unwrap().as_str(), "+96510012345");
    assert_eq!(Phone::parse("50012345", kuwait).unwrap().national(), Some("50012345"));
}

#[test]
fn the_preset_strict_also_blocks_sample_domains_and_numbers_that_count() {
    let strict = CleaningPolicy::strict().with_default_region(Some("US".parse().unwrap()));
    let standard = CleaningPolicy::standard();
    let us =
        CleaningPolicy::standard().with_possible_phones().with_default_region(Some("US".parse().unwrap()));
    for raw in ["jane@example.com", "jane@EXAMPLE.org", "jane@example.net", "jane@test.com"] {
        assert_eq!(Identifier::clean(Email, raw, &strict).unwrap_err(), IdentifierRefusal::Blocked, "{raw}");
        assert!(Identifier::clean(Email, raw, &standard).is_ok(), "{raw}");
    }
    for raw in ["jane@shop.example", "jane@example.com.kw", "jane@mytest.com"] {
        assert!(Identifier::clean(Email, raw, &strict).is_ok(), "{raw}");
    }
    let strict = strict.with_possible_phones();
    for raw in ["1234567890", "+1 234 567 8901", "+1 987 654 3210", "+965 12345678"] {
        let refused = Identifier::clean(IdentifierType::Phone, raw, &strict).unwrap_err();
        assert_eq!(refused, IdentifierRefusal::Blocked, "{raw}");
        assert!(Identifier::clean(IdentifierType::Phone, raw, &us).is_ok(), "{raw}");
    }
    assert!(Identifier::clean(IdentifierType::Phone, "+1 201 555 0123", &strict).is_ok());
    let zeros = "00000000-0000-0000-0000-000000000000";
    assert_eq!(Identifier::clean(DeviceId, zeros, &strict).unwrap_err(), IdentifierRefusal::Blocked);
}

#[test]
fn a_refusal_says_what_is_wrong_without_the_value() {
    let refused = clean(Email, "jane.doe@localhost").unwrap_err();
    assert_eq!(refused, IdentifierRefusal::Email(EmailFault::NoDotInDomain));
    assert_eq!(refused.to_string(), "the domain has no dot");
    let refused = clean(IdentifierType::Phone, "0501234567").unwrap_err();
    assert_eq!(refused.to_string(), "the number has no country code");
}

#[test]
fn an_identifier_serialises_as_type_and_value() {
    let identifier = Identifier::clean(Email, "Jane@Shop.example", &CleaningPolicy::default()).unwrap();
    let json = serde_json::to_value(&identifier).unwrap();
    assert_eq!(json, serde_json::json!({"type": "email", "value": "jane@shop.example"}));
    assert_eq!((identifier.kind(), format!("{identifier:?}").as_str()), (Email, "Identifier(email, …)"));
}

fn raw_value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        r"[a-zA-Z0-9.+_-]{1,20}@[a-zA-Z0-9.-]{1,20}\.[a-z]{2,5}",
        "\"[ -~]{0,10}\"@[a-z]{1,8}\\.[a-z]{2,3}",
        r"[ +0-9()\-.٠-٩]{1,22}",
        "[\\p{L}\\p{M}\u{3a3}\u{130}\u{212a}]{1,8}@[\\p{L}\\p{M}]{1,8}\\.[\\p{L}]{2,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn cleaning_never_panics_and_a_clean_value_stays_as_it_is(kind in 0..5_usize, raw in raw_value()) {
        let kind = IdentifierType::ALL[kind];
        let policy = CleaningPolicy::default();
        if let Ok(once) = Identifier::clean(kind, &raw, &policy) {
            prop_assert!((1..=256).contains(&once.value().len()));
            let twice = Identifier::clean(kind, once.value(), &policy);
            prop_assert_eq!(twice.as_ref().map(Identifier::value), Ok(once.value()), "from {:?}", raw);
        }
    }

    #[test]
    fn case_and_spaces_at_the_ends_do_not_make_another_address(local in "[a-z0-9]{1,12}", domain in "[a-z]{1,8}\\.[a-z]{2,4}") {
        let address = format!("{local}@{domain}");
        let policy = CleaningPolicy::default();
        let plain = Identifier::clean(Email, &address, &policy);
        let shouted = Identifier::clean(Email, &format!("\u{a0} {} \u{200d}", address.to_uppercase()), &policy);
        prop_assert_eq!(plain, shouted);
    }

    #[test]
    fn separators_and_digits_of_another_script_do_not_make_another_number(digits in "[1-9][0-9]{7,14}", gap in 1..8_usize) {
        let arabic: String = digits.chars().map(|digit| char::from_u32(u32::from(digit) + 0x0630).unwrap()).collect();
        let grouped = format!("+{} {}", &digits[..gap], &digits[gap..]);
        let plain = Phone::parse_form(&format!("+{digits}")).unwrap();
        prop_assert_eq!(Phone::parse_form(&grouped).unwrap(), plain.clone());
        prop_assert_eq!(Phone::parse_form(&format!("00{arabic}")).unwrap(), plain);
    }

    #[test]
    fn a_debug_text_never_holds_the_value(raw in "[a-z]{9,20}") {
        let identifier = Identifier::clean(ExternalId, &raw, &CleaningPolicy::default()).unwrap();
        let shown = format!("{identifier:?}");
        prop_assert!(!shown.contains(identifier.value()));
    }
}
