//! EMQ of one event against the specification (section 3.1). Expected numbers are worked out by hand or with exact
//! fractions, never by the code under test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use proptest::prelude::*;
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::{
    ContextSignals, EventColumns, EventEmqMean, EventEmqSample, EventFacts, EventProperties, EventRefusal,
    EventSchema, IdentifierKinds, completeness, evaluate,
};
use stratum_core::{Score, Timestamp};

/// An e-mail address and nothing else, received at once.
const EMAIL_ONLY: EventFacts = EventFacts {
    identifiers: IdentifierKinds::EMAIL,
    completeness: 0.0,
    latency_s: 0.0,
    context: ContextSignals::NONE,
};

fn score(facts: EventFacts) -> f64 {
    evaluate(&facts).unwrap().score.get()
}

#[test]
fn the_worked_values_of_the_specification_come_out_exactly() {
    let purchase = EventFacts {
        identifiers: IdentifierKinds::EMAIL | IdentifierKinds::ANONYMOUS_ID,
        completeness: 100.0,
        latency_s: 10.0,
        context: ContextSignals::ALL,
    };
    assert_eq!(score(purchase), 88.0);
    let page_view = EventFacts { identifiers: IdentifierKinds::ANONYMOUS_ID, ..purchase };
    assert_eq!(score(page_view), 64.0);
    let late_and_bare =
        EventFacts { completeness: 0.0, latency_s: 86_400.0, context: ContextSignals::NONE, ..page_view };
    assert_eq!(score(late_and_bare), 4.0);
}

#[test]
fn identifier_quality_is_the_sum_of_the_kinds_up_to_100() {
    use IdentifierKinds as K;
    for (kinds, quality) in [
        (K::EMAIL, 60.0),
        (K::PHONE, 50.0),
        (K::EXTERNAL_ID, 30.0),
        (K::DEVICE_ID, 20.0),
        (K::ANONYMOUS_ID, 10.0),
        (K::ANONYMOUS_ID | K::CLICK_ID, 30.0),
        (K::DEVICE_ID | K::ANONYMOUS_ID | K::EXTERNAL_ID, 60.0),
        (K::EMAIL | K::EXTERNAL_ID | K::ANONYMOUS_ID, 100.0),
        (K::EMAIL | K::PHONE, 100.0),
        (K::ALL, 100.0),
    ] {
        let emq = evaluate(&EventFacts { identifiers: kinds, ..EMAIL_ONLY }).unwrap();
        assert_eq!(emq.factors.identifier_quality.get(), quality, "{kinds:?}");
    }
}

#[test]
fn timeliness_falls_from_five_minutes_over_an_hour_to_a_day() {
    for (latency_s, timeliness) in [
        (-300.0, 100.0),
        (-0.001, 100.0),
        (0.0, 100.0),
        (300.0, 100.0),
        (300.001, 99.999_984_848),
        (301.0, 99.984_848_485),
        (1_000.0, 89.393_939_394),
        (1_950.0, 75.0),
        (3_600.0, 50.0),
        (3_601.0, 49.999_396_135),
        (45_000.0, 25.0),
        (86_399.0, 0.000_603_865),
        (86_400.0, 0.0),
        (1e9, 0.0),
    ] {
        let emq = evaluate(&EventFacts { latency_s, ..EMAIL_ONLY }).unwrap();
        assert_eq!(emq.factors.timeliness.get(), timeliness, "{latency_s} s");
    }
}

#[test]
fn the_score_is_rounded_once_and_not_made_of_rounded_factors() {
    // 40·10 + 25·40 + 20·(100 − 50/3300) over 100, exactly 33.996969696…
    let facts = EventFacts {
        identifiers: IdentifierKinds::ANONYMOUS_ID,
        completeness: 40.0,
        latency_s: 301.0,
        context: ContextSignals::NONE,
    };
    assert_eq!(score(facts), 33.996_969_697);
}

#[test]
fn context_richness_adds_user_agent_address_campaign_and_page() {
    use ContextSignals as C;
    for (context, richness) in [
        (C::NONE, 0.0),
        (C::USER_AGENT, 30.0),
        (C::CLIENT_IP, 30.0),
        (C::CAMPAIGN, 25.0),
        (C::PAGE, 15.0),
        (C::USER_AGENT | C::PAGE, 45.0),
        (C::ALL, 100.0),
    ] {
        let emq = evaluate(&EventFacts { context, ..EMAIL_ONLY }).unwrap();
        assert_eq!(emq.factors.context_richness.get(), richness, "{context:?}");
    }
}

#[test]
fn a_click_id_stands_for_the_campaign_and_counts_it_once() {
    let identifiers = IdentifierKinds::EMAIL | IdentifierKinds::CLICK_ID;
    for context in [ContextSignals::NONE, ContextSignals::CAMPAIGN] {
        let emq = evaluate(&EventFacts { identifiers, context, ..EMAIL_ONLY }).unwrap();
        assert_eq!(emq.factors.context_richness.get(), 25.0);
        assert_eq!(emq.factors.identifier_quality.get(), 80.0);
    }
}

#[test]
fn an_event_more_than_five_minutes_ahead_is_refused() {
    assert!(evaluate(&EventFacts { latency_s: -300.0, ..EMAIL_ONLY }).is_ok());
    let refused = evaluate(&EventFacts { latency_s: -300.001, ..EMAIL_ONLY }).unwrap_err();
    assert_eq!(refused, EventRefusal::EventTimeInFuture);
    assert_eq!(refused.problem().code, "event_time_in_future");
    assert_eq!(refused.problem().path, "/event_time");
}

#[test]
fn an_event_without_an_identifier_is_refused_even_with_a_click_id() {
    for identifiers in [IdentifierKinds::NONE, IdentifierKinds::CLICK_ID] {
        let refused = evaluate(&EventFacts { identifiers, ..EMAIL_ONLY }).unwrap_err();
        assert_eq!(refused.problem().code, "no_valid_identifier");
    }
}

#[test]
fn numbers_that_are_none_are_refused_instead_of_scored() {
    for (completeness, latency_s) in [
        (f64::NAN, 0.0),
        (-0.001, 0.0),
        (100.001, 0.0),
        (0.0, f64::NAN),
        (0.0, f64::INFINITY),
        (0.0, f64::NEG_INFINITY),
    ] {
        let refused = evaluate(&EventFacts { completeness, latency_s, ..EMAIL_ONLY }).unwrap_err();
        assert_eq!(refused, EventRefusal::InvalidInput);
    }
}

/// The table of the specification, typed off it a second time.
const TABLE: [(&str, &str, &str); 12] = [
    ("PageView", "page_url", "page_title referrer"),
    ("ProductViewed", "product_id", "product_name price"),
    ("AddToCart", "product_id quantity", "price currency"),
    ("RemoveFromCart", "product_id", "quantity"),
    ("CheckoutStarted", "cart_total", "item_count currency"),
    ("Purchase", "order_id total currency", "items"),
    ("SignUp", "", "method"),
    ("Login", "", "method"),
    ("FormSubmitted", "form_id", "form_name"),
    ("NewsletterSubscribed", "", "list_id"),
    ("Lead", "", "value currency"),
    ("Search", "search_string", ""),
];

#[test]
fn the_known_events_ask_for_the_properties_of_the_specification() {
    let set = |names: &str| {
        names.split_whitespace().fold(EventProperties::NONE, |set, name| {
            set | EventProperties::named(name).unwrap_or_else(|| panic!("{name} is not known"))
        })
    };
    assert_eq!(EventSchema::ALL.len(), TABLE.len());
    for (name, required, recommended) in TABLE {
        let schema = EventSchema::of(name).unwrap();
        assert_eq!((schema.required, schema.recommended), (set(required), set(recommended)), "{name}");
    }
}

#[test]
fn completeness_weighs_required_70_and_recommended_30() {
    use EventProperties as P;
    for (name, present, expected) in [
        ("PageView", P::NONE, 0.0),
        ("PageView", P::PAGE_URL, 70.0),
        ("PageView", P::PAGE_TITLE, 15.0),
        ("PageView", P::PAGE_URL | P::PAGE_TITLE | P::REFERRER, 100.0),
        ("Purchase", P::ORDER_ID | P::ITEMS, 30.0 + 70.0 / 3.0),
        ("Purchase", P::ORDER_ID | P::TOTAL | P::CURRENCY, 70.0),
        ("Login", P::NONE, 70.0),
        ("Login", P::METHOD, 100.0),
        ("Search", P::NONE, 30.0),
        ("Search", P::SEARCH_STRING, 100.0),
        ("Lead", P::CURRENCY, 85.0),
        // What the event does not ask for changes nothing.
        ("Lead", P::CURRENCY | P::ITEMS | P::PAGE_URL, 85.0),
    ] {
        let found = completeness(name, present, true);
        assert!((found - expected).abs() < 1e-12, "{name} {present:?}: {found}, not {expected}");
    }
}

#[test]
fn an_event_of_another_name_is_complete_with_any_property() {
    assert_eq!(completeness("purchase", EventProperties::ALL, true), 100.0, "names are compared exactly");
    assert_eq!(completeness("WarrantyRegistered", EventProperties::NONE, true), 100.0);
    assert_eq!(completeness("WarrantyRegistered", EventProperties::NONE, false), 40.0);
}

#[test]
fn columns_of_different_lengths_are_refused_with_every_problem() {
    let problems = EventColumns::new(&[1, 1], &[0.0], &[0.0, 0.0], &[]).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["/completeness", "/context"]);
}

#[test]
fn a_bit_without_a_meaning_refuses_its_row() {
    let columns = EventColumns::new(&[0b0100_0001, 1], &[0.0, 0.0], &[0.0, 0.0], &[0, 0b0001_0000]).unwrap();
    assert_eq!(columns.len(), 2);
    for row in columns.evaluate() {
        assert_eq!(row, Err(EventRefusal::InvalidInput));
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn sample(received: &str, score: f64, volume: u64) -> EventEmqSample {
    EventEmqSample { at: at(received), score: Score::new(score).unwrap(), volume }
}

#[test]
fn the_mean_of_a_window_is_weighted_by_volume_and_leaves_out_what_lies_outside() {
    let now = at("2026-03-02T12:00:00Z");
    let samples = [
        sample("2026-03-01T12:00:00Z", 0.0, 1_000), // exactly 24 h old: out
        sample("2026-03-01T12:00:00.001Z", 90.0, 3),
        sample("2026-03-02T12:00:00Z", 50.0, 1),
        sample("2026-03-02T12:00:00.001Z", 0.0, 1_000), // not received yet
    ];
    let mean = EventEmqMean::of_window(&samples, now, 24).finish();
    assert_eq!((mean.mean.unwrap().get(), mean.events, mean.band), (80.0, 4, EmqBand::Excellent));
}

#[test]
fn without_an_event_the_mean_is_missing_and_the_band_poor() {
    let mean = EventEmqMean::default().finish();
    assert_eq!((mean.mean, mean.band), (None, EmqBand::Poor));
    let silent =
        EventEmqMean::of_window(&[sample("2026-03-02T12:00:00Z", 90.0, 0)], at("2026-03-02T12:00:00Z"), 24);
    assert_eq!(silent.finish().mean, None);
}

fn facts() -> impl Strategy<Value = EventFacts> {
    let identifiers =
        (0..=IdentifierKinds::ALL.bits()).prop_map(|bits| IdentifierKinds::from_bits(bits).unwrap());
    let context = (0..=ContextSignals::ALL.bits()).prop_map(|bits| ContextSignals::from_bits(bits).unwrap());
    (identifiers, 0.0..=100.0, -300.0..200_000.0, context).prop_map(
        |(identifiers, completeness, latency_s, context)| EventFacts {
            identifiers,
            completeness,
            latency_s,
            context,
        },
    )
}

proptest! {
    #[test]
    fn a_score_lies_in_its_range_and_in_its_band(facts in facts()) {
        if let Ok(emq) = evaluate(&facts) {
            prop_assert!((0.0..=100.0).contains(&emq.score.get()));
            prop_assert_eq!(emq.band, EmqBand::of(emq.score));
        } else {
            prop_assert!(!facts.identifiers.intersects(IdentifierKinds::PERSON));
        }
    }

    #[test]
    fn more_identifiers_or_more_context_never_lower_the_score(facts in facts(), more in 0..=63_u8, richer in 0..=15_u8) {
        let richer_facts = EventFacts {
            identifiers: facts.identifiers | IdentifierKinds::from_bits(more).unwrap(),
            context: facts.context | ContextSignals::from_bits(richer).unwrap(),
            ..facts
        };
        if let Ok(before) = evaluate(&facts) {
            prop_assert!(evaluate(&richer_facts).unwrap().score >= before.score);
        }
    }

    #[test]
    fn later_never_raises_the_score(facts in facts(), delay in 0.0..100_000.0) {
        if let Ok(before) = evaluate(&facts) {
            let later = evaluate(&EventFacts { latency_s: facts.latency_s + delay, ..facts }).unwrap();
            prop_assert!(later.score <= before.score);
        }
    }

    #[test]
    fn one_more_property_never_lowers_completeness(index in 0..12_usize, bits in 0..(1_u32 << 19), more in 0..(1_u32 << 19)) {
        let schema = EventSchema::ALL[index];
        let set = |bits| EventProperties::from_bits(bits).unwrap();
        let before = schema.completeness(set(bits));
        let after = schema.completeness(set(bits | more));
        prop_assert!((0.0..=100.0).contains(&before) && after >= before);
    }

    #[test]
    fn columns_say_what_rows_say(rows in prop::collection::vec(facts(), 0..40)) {
        let identifiers: Vec<u8> = rows.iter().map(|row| row.identifiers.bits()).collect();
        let completeness: Vec<f64> = rows.iter().map(|row| row.completeness).collect();
        let latency: Vec<f64> = rows.iter().map(|row| row.latency_s).collect();
        let context: Vec<u8> = rows.iter().map(|row| row.context.bits()).collect();
        let columns = EventColumns::new(&identifiers, &completeness, &latency, &context).unwrap();
        prop_assert_eq!(columns.evaluate().collect::<Vec<_>>(), rows.iter().map(evaluate).collect::<Vec<_>>());
    }

    #[test]
    fn a_mean_does_not_depend_on_how_it_was_gathered(
        samples in prop::collection::vec((0.0..=100.0_f64, 0..1_000_000_u64), 1..30),
        cut in 0..30_usize,
    ) {
        let gather = |part: &[(f64, u64)]| {
            let mut mean = EventEmqMean::default();
            for &(score, volume) in part {
                mean.add(Score::new(score).unwrap(), volume);
            }
            mean
        };
        let whole = gather(&samples).finish();
        let (left, right) = samples.split_at(cut.min(samples.len()));
        let mut merged = gather(left);
        merged.merge(gather(right));
        let merged = merged.finish();
        prop_assert_eq!(merged.events, whole.events);
        match (merged.mean, whole.mean) {
            (Some(merged), Some(whole)) => prop_assert!((merged.get() - whole.get()).abs() <= 1e-9),
            (merged, whole) => prop_assert_eq!(merged, whole),
        }
    }
}
