//! What holds of every model and every journey.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::time::{DAY_MS, HOUR_MS};

use super::*;
use crate::journey::{Conversion, Journey, Touchpoint};

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms).unwrap()
}

fn journeys() -> impl Strategy<Value = Vec<Journey>> {
    let touch = (0_usize..5, 0_i64..60, proptest::option::of(0_u8..3));
    let journey = (vec(touch, 0..9), -100_000_i64..100_000, 0_i64..20, proptest::option::of(0_u32..9));
    vec(journey, 0..20).prop_map(|drawn| {
        let made = drawn.into_iter().map(|(touches, value, day, lead)| {
            let at = 100 * DAY_MS + day * DAY_MS;
            let touches = touches.into_iter().map(|(channel, half_days, campaign)| {
                let mut touch = Touchpoint::click(
                    ["a", "b", "c", "d", "e"][channel],
                    instant(at - half_days * 12 * HOUR_MS),
                );
                touch.campaign = campaign.map(|campaign| campaign.to_string());
                touch
            });
            let mut journey = Journey::new(touches.collect(), Some(Conversion::new(instant(at), value)));
            journey.lead_touch = lead;
            journey
        });
        made.collect()
    })
}

fn totals(journeys: &[Journey]) -> CreditTotals {
    let rules = RuleSettings::default().compile().unwrap();
    let mut totals = CreditTotals::new();
    for journey in journeys {
        totals.add(&rules, RuleModel::ALL, CreditLevel::Campaign, journey);
    }
    totals
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn weights_are_not_negative_and_sum_to_one(
        mut at in vec(0_i64..400 * DAY_MS, 1..30), half_life in 1.0_f64..30.0, lead in proptest::option::of(0_usize..40),
    ) {
        at.sort_unstable();
        let rules = RuleSettings { half_life_days: half_life }.compile().unwrap();
        for &model in RuleModel::ALL {
            let weights: Vec<f64> = rules.shares(model, &at, lead).weights().collect();
            prop_assert!(weights.iter().all(|weight| *weight >= 0.0));
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{model}: {weights:?}");
            if model == RuleModel::TimeDecay {
                prop_assert!(weights.is_sorted());
                for (pair, times) in weights.windows(2).zip(at.windows(2)) {
                    prop_assert!(times[0] != times[1] || pair[0] == pair[1]);
                }
            }
        }
    }

    #[test]
    fn the_last_touch_alone_decides_the_last_touch(mut at in vec(0_i64..DAY_MS, 2..9), moved in 0_i64..DAY_MS) {
        at.sort_unstable();
        let rules = RuleSettings::default().compile().unwrap();
        let before = rules.shares(RuleModel::LastTouch, &at, None);
        at[0] = at[0].min(moved);
        prop_assert_eq!(before, rules.shares(RuleModel::LastTouch, &at, None));
    }

    #[test]
    fn every_model_credits_the_whole_value_of_every_conversion(journeys in journeys()) {
        let value: i64 = journeys.iter().map(|journey| journey.conversion.as_ref().unwrap().value_cents).sum();
        let conversions = journeys.iter().filter(|journey| !journey.conversion.as_ref().unwrap().is_refund()).count();
        let conversions = u32::try_from(conversions).unwrap();
        let credits = totals(&journeys).finish();
        for &model in RuleModel::ALL {
            let of_model = || credits.iter().filter(|credit| credit.model == model);
            prop_assert_eq!(of_model().map(|credit| credit.value_cents).sum::<i64>(), value);
            let counted: f64 = of_model().map(|credit| credit.conversions).sum();
            prop_assert!((counted - f64::from(conversions)).abs() < 1e-6);
        }
    }

    #[test]
    fn parts_merge_to_the_whole_to_the_bit_in_any_order(journeys in journeys(), parts in 1_usize..5) {
        let whole = totals(&journeys).to_bytes();
        let mut merged = CreditTotals::new();
        for part in (0..parts).rev() {
            let part: Vec<Journey> = journeys.iter().skip(part).step_by(parts).cloned().collect();
            let bytes = totals(&part).to_bytes();
            merged.merge(CreditTotals::from_bytes(&bytes).unwrap());
        }
        prop_assert_eq!(merged.to_bytes(), whole);
    }

    #[test]
    fn damaged_totals_are_refused_or_read_and_never_panic(bytes in vec(any::<u8>(), 0..200), journeys in journeys(), cut in any::<usize>()) {
        let _ = CreditTotals::from_bytes(&bytes);
        let written = totals(&journeys).to_bytes();
        let cut = cut % written.len();
        let read = CreditTotals::from_bytes(&written[..cut]);
        prop_assert!(read.is_err() || read.unwrap().to_bytes() == written[..cut]);
    }

    #[test]
    fn a_refund_takes_back_to_the_cent_what_its_conversion_was_credited(journeys in journeys()) {
        let refunded: Vec<Journey> = journeys
            .iter()
            .flat_map(|journey| {
                let mut refund = journey.clone();
                let conversion = refund.conversion.as_mut().unwrap();
                conversion.value_cents = -conversion.value_cents;
                [journey.clone(), refund]
            })
            .collect();
        prop_assert!(totals(&refunded).finish().iter().all(|credit| credit.value_cents == 0));
    }
}
