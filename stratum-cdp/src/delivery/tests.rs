//! What holds of the state machines whatever happens to them.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::vocabulary::Platform;

use super::*;

fn at(ms: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap().plus_millis(ms)
}

#[test]
fn the_contract_of_the_port_holds_in_memory() {
    let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
    let platform = MemoryConversions::default();
    let received = || platform.received().into_iter().map(|(key, _)| key).collect();
    pollster::block_on(contract::conversion_destination(&platform, received, ["one", "two"], tenant, at(0)))
        .unwrap();
}

#[test]
fn an_answer_shows_nothing_of_what_was_sent() {
    let answer = PlatformAnswer::new(400)
        .header("x-echo", "ada@example.com")
        .body(br#"{"error": {"code": 100, "error_subcode": 1, "message": "ada@example.com is not valid"}}"#);
    let verdict = classify(Platform::Meta, PlatformCall::Conversions, 1, &answer);
    assert!(!format!("{answer:?} {verdict:?}").contains("ada"));
    assert_eq!(verdict.platform_code.as_deref(), Some("100/1"));
}

#[test]
fn a_delivery_and_a_dead_letter_move_only_along_their_states() {
    use ConversionDeliveryStatus::{Dead, Delivered, Failed, Queued, Retrying};
    let allowed = [
        (Queued, Delivered),
        (Queued, Retrying),
        (Queued, Failed),
        (Queued, Dead),
        (Retrying, Delivered),
        (Retrying, Retrying),
        (Retrying, Failed),
        (Retrying, Dead),
        (Failed, Queued),
        (Dead, Queued),
    ];
    for &from in ConversionDeliveryStatus::ALL {
        for &to in ConversionDeliveryStatus::ALL {
            assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} to {to}");
        }
    }

    use DeadLetterEvent::{Delivered as Arrived, Discard, FailedAgain, Replay, Tick};
    let mut letter = DeadLetter::new(at(0));
    assert_eq!(letter.take(Arrived, at(1)).unwrap_err().status, DeadLetterStatus::Pending);
    letter.take(Replay, at(2)).unwrap();
    assert!(letter.take(Discard, at(3)).is_err(), "what is on its way is not thrown away");
    letter.take(Tick, letter.expires_at()).unwrap();
    assert_eq!(letter.status(), DeadLetterStatus::Retrying, "what is on its way does not expire");
    letter.take(FailedAgain, letter.expires_at().plus_millis(-1)).unwrap();
    letter.take(Replay, letter.expires_at().plus_millis(-1)).unwrap();
    letter.take(Arrived, letter.expires_at()).unwrap();
    assert_eq!((letter.status(), letter.replays()), (DeadLetterStatus::Recovered, 2));

    let mut letter = DeadLetter::new(at(0));
    assert!(letter.take(Replay, letter.expires_at()).is_err());
    assert_eq!(letter.status(), DeadLetterStatus::Expired);
    let mut letter = DeadLetter::new(at(0));
    letter.take(Discard, at(1)).unwrap();
    assert!(letter.take(Replay, at(2)).is_err());
}

#[test]
fn every_advice_is_a_step_that_a_delivery_may_take() {
    use ConversionDeliveryStatus::{Queued, Retrying};
    for &class in AnswerClass::ALL {
        for attempt in 1..=MAX_ATTEMPTS {
            for now in [at(0), at(KEPT_FOR_MS)] {
                let request =
                    RetryRequest { class, attempt, random: 0.5, retry_after_s: None, queued_at: at(0), now };
                let advice = request.advise().unwrap();
                for from in [Queued, Retrying] {
                    assert!(from.may_become(advice.status), "{from} to {} by {request:?}", advice.status);
                }
            }
        }
    }
}

#[test]
fn of_a_partial_answer_only_what_no_try_can_cure_becomes_a_dead_letter() {
    let error = |place: u64, kind: &str, word: &str| {
        let path = [serde_json::json!({"fieldName": "conversions", "index": place})];
        serde_json::json!({"errorCode": {kind: word}, "location": {"fieldPathElements": path}})
    };
    let read = |items, details: serde_json::Value| {
        let mut answer = PlatformAnswer::new(200);
        answer.body =
            serde_json::json!({"partialFailureError": {"code": 3, "details": details}, "results": []});
        classify(Platform::Google, PlatformCall::ClickConversions, items, &answer)
    };
    let errors = [
        error(3, "conversionUploadError", "TOO_RECENT_EVENT"),
        error(0, "conversionUploadError", "EXPIRED_EVENT"),
        error(1, "internalError", "INTERNAL_ERROR"),
        error(2, "conversionUploadError", "INVALID_CONVERSION_ACTION"),
        error(4, "internalError", "INTERNAL_ERROR"),
        error(4, "conversionUploadError", "EXPIRED_EVENT"),
    ];
    let some = read(6, serde_json::json!([{"errors": errors}]));
    assert_eq!((some.class, some.next), (AnswerClass::Partial, NextStep::SetFailedAside));
    assert_eq!((some.failed_items, some.retry_items), (vec![0, 1, 2, 3, 4], vec![1, 2, 3]));
    let all = read(2, serde_json::json!([{"errors": [errors[1], errors[2]]}]));
    assert_eq!((all.class, all.next), (AnswerClass::InvalidEvent, NextStep::SetFailedAside));
    assert_eq!((all.failed_items, all.retry_items), (vec![0, 1], vec![1]));

    for unread in [
        serde_json::Value::Null,
        serde_json::json!([]),
        serde_json::json!(["?"]),
        serde_json::json!([{"errors": []}]),
    ] {
        let several = read(3, unread.clone());
        assert_eq!((several.class, several.next), (AnswerClass::Partial, NextStep::CountFailed));
        assert_eq!(several.failed_count, None);
        let one = read(1, unread);
        assert_eq!((one.class, one.next), (AnswerClass::InvalidEvent, NextStep::DeadLetter));
    }
}

#[test]
fn a_delivery_is_remembered_for_seven_days() {
    assert!(!is_remembered(None, at(0)));
    assert!(is_remembered(Some(at(0)), at(REMEMBERED_FOR_MS - 1)));
    assert!(!is_remembered(Some(at(0)), at(REMEMBERED_FOR_MS)));
    assert!(is_remembered(Some(at(1000)), at(0)));
}

#[test]
fn a_request_beyond_the_capacity_comes_in_parts() {
    let policy = BucketPolicy::default();
    let mut bucket = TokenBucket::full(&policy, at(0));
    let first = bucket.take(&policy, 250, at(0));
    assert_eq!((first.granted, first.rest, first.wait_ms), (100, 150, 10_000));
    let early = bucket.take(&policy, first.rest, at(9_999));
    assert_eq!((early.granted, early.rest, early.retry_at), (0, 150, first.retry_at));
    let second = bucket.take(&policy, early.rest, at(10_000));
    assert_eq!((second.granted, second.rest, second.wait_ms), (100, 50, 5_000));
    assert_eq!(bucket.take(&policy, second.rest, at(15_000)).granted, 50);
}

#[test]
fn a_clock_that_was_ahead_by_a_year_stops_nothing_for_longer_than_a_pause() {
    let policy = BucketPolicy::default();
    let mut bucket = TokenBucket::full(&policy, at(365 * 86_400_000));
    bucket.take(&policy, 100, at(365 * 86_400_000));
    let grant = bucket.take(&policy, 1, at(0));
    assert!(grant.granted == 0 && grant.wait_ms <= 300_000 + 100, "{grant:?}");

    let policy = BreakerPolicy::default();
    let mut breaker = Breaker::Open { until: at(365 * 86_400_000) };
    assert_eq!(breaker.ask(&policy, at(0)), Err(at(60_000)));
    assert_eq!(breaker.ask(&policy, at(60_000)), Ok(()));
}

#[test]
fn a_trial_that_never_comes_back_does_not_keep_the_breaker_from_closing() {
    let policy = BreakerPolicy::default();
    let mut breaker = Breaker::Open { until: at(0) };
    for _ in 0..3 {
        assert_eq!(breaker.ask(&policy, at(0)), Ok(()));
    }
    breaker.report(&policy, false, at(1));
    breaker.report(&policy, false, at(2));
    assert_eq!(breaker.ask(&policy, at(3)), Err(at(60_000)), "three at most are on their way");
    assert_eq!(breaker.ask(&policy, at(60_000)), Ok(()), "the third was lost");
    breaker.report(&policy, false, at(60_001));
    assert_eq!(breaker, Breaker::default());
}

/// Steps of a clock: mostly forward, now and then back by up to five minutes.
fn clock() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..3_000_i64, 1 => -300_000..0_i64]
}

proptest! {
    #[test]
    fn a_bucket_never_gives_more_than_its_capacity_and_what_time_adds(
        capacity in 1..300_u64,
        per_second in 1..50_u64,
        asks in vec((clock(), 0..400_u64, prop::option::weighted(0.05, 0..400_u64)), 1..80),
    ) {
        let policy = BucketPolicy::new(capacity, per_second).unwrap();
        let (mut now, mut latest) = (at(0), at(0));
        let mut bucket = TokenBucket::full(&policy, now);
        let mut given: Vec<(Timestamp, u64)> = Vec::new();
        for (step, tokens, pause) in asks {
            // Steps back are counted from the latest instant seen.
            now = if step < 0 { latest.plus_millis(step) } else { now.plus_millis(step) };
            latest = latest.max(now);
            if let Some(seconds) = pause {
                bucket.pause(&policy, seconds, now);
                prop_assert_eq!(bucket.take(&policy, 1, now).granted, 0);
            }
            let grant = bucket.take(&policy, tokens, now);
            prop_assert_eq!(grant.granted + grant.rest, tokens);
            given.push((latest, grant.granted));
            if let Some(retry_at) = grant.retry_at {
                let mut later = bucket;
                let next = grant.rest.min(capacity);
                prop_assert_eq!(later.take(&policy, next, retry_at).granted, next, "it keeps its word");
            }
        }
        for (first, (from, _)) in given.iter().enumerate() {
            let mut sum = 0;
            for (until, tokens) in &given[first..] {
                sum += tokens;
                let elapsed = u64::try_from(until.millis_since(*from)).unwrap();
                prop_assert!(sum * 1000 <= capacity * 1000 + elapsed * per_second);
            }
        }
    }

    #[test]
    fn a_breaker_lets_nothing_through_while_it_is_open(events in vec((0..20_000_i64, 0..3_u8), 1..200)) {
        let policy = BreakerPolicy::default();
        let mut breaker = Breaker::default();
        let mut now = at(0);
        let (mut failures, mut open_until, mut trials) = (0_u32, None::<Timestamp>, 0_u32);
        for (step, event) in events {
            now = now.plus_millis(step);
            match event {
                0 => {
                    let answer = breaker.ask(&policy, now);
                    match open_until {
                        Some(until) if now < until => prop_assert_eq!(answer, Err(until)),
                        Some(_) => {
                            open_until = None;
                            trials = 3;
                            prop_assert!(answer.is_ok());
                        }
                        None if trials == 0 => prop_assert!(answer.is_ok(), "a closed breaker lets through"),
                        None => {}
                    }
                }
                told => {
                    let failed = told == 1;
                    breaker.report(&policy, failed, now);
                    if open_until.is_some() {
                        continue;
                    }
                    failures = if failed { failures + 1 } else { 0 };
                    if failed && (trials > 0 || failures == 5) {
                        open_until = Some(now.plus_millis(60_000));
                        (failures, trials) = (0, 0);
                    } else if trials > 0 && matches!(breaker, Breaker::Closed { .. }) {
                        (failures, trials) = (0, 0);
                    }
                }
            }
        }
    }

    #[test]
    fn a_breaker_survives_a_clock_that_jumps(events in vec((-1_000_000..1_000_000_i64, 0..3_u8), 1..100)) {
        let policy = BreakerPolicy::default();
        let mut breaker = Breaker::default();
        let mut now = at(0);
        for (step, event) in events {
            now = now.plus_millis(step);
            match event {
                0 => {
                    if let Err(retry_at) = breaker.ask(&policy, now) {
                        prop_assert!(retry_at > now && retry_at <= now.plus_millis(60_000));
                    }
                }
                told => breaker.report(&policy, told == 1, now),
            }
        }
        prop_assert!(breaker.ask(&policy, now.plus_millis(60_000)).is_ok(), "a minute later it is asked again");
    }

    #[test]
    fn halving_finds_exactly_the_bad_rows(items in 1..300_u64, bad in prop::collection::btree_set(0..300_u64, 0..6), named in any::<bool>()) {
        let bad: std::collections::BTreeSet<u64> = bad.into_iter().filter(|place| *place < items).collect();
        let mut halving = Halving::new(items);
        while let Some(sent) = halving.next() {
            let places: Vec<u64> =
                (0_u64..).zip(sent).filter(|(_, item)| bad.contains(item)).map(|(place, _)| place).collect();
            match places.as_slice() {
                [] => halving.taken(&[]),
                some => halving.refused(if named { some } else { &[] }),
            }
        }
        prop_assert_eq!(halving.refused_items(), bad.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(halving.delivered().len() + bad.len(), usize::try_from(items).unwrap());
        let halvings = u64::from(items.ilog2()) + 1;
        prop_assert!(halving.requests() <= 1 + 2 * halvings * u64::try_from(bad.len()).unwrap());
    }

    #[test]
    fn a_wait_lies_between_nothing_and_its_ceiling(k in 0..100_u32, random in any::<f64>()) {
        let ceiling = 1000 * if k < 6 { 1_i64 << k } else { 60 };
        prop_assert!((0..=ceiling).contains(&jittered_wait_ms(k, random)));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        status in any::<u16>(), body in vec(any::<u8>(), 0..200), header in ".{0,30}",
    ) {
        let answer = PlatformAnswer::new(status).header("Retry-After", header).body(&body);
        for &platform in Platform::ALL {
            for &call in PlatformCall::ALL {
                let verdict = classify(platform, call, 3, &answer);
                prop_assert!(verdict.failed_items.iter().all(|place| *place < 3));
            }
        }
    }
}
