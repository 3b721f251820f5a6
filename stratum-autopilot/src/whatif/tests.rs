use proptest::prelude::*;
use stratum_core::math::pow;
use stratum_core::problem::Problems;

use super::*;

/// Days on which spend moved, and every metric followed it with this exponent.
fn moving(beta: f64) -> Vec<DailyFigures> {
    (0..28)
        .map(|day| {
            let spend = 5_000.0 + 600.0 * f64::from(day % 14);
            let scale = pow(spend / 5_000.0, beta);
            #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
            let cents = |amount: f64| amount.round() as i64;
            DailyFigures::new(cents(spend), cents(20_000.0 * scale), 8.0 * scale, 150.0 * scale, 2e4 * scale)
        })
        .collect()
}

/// Days on which spend never moved.
fn still() -> Vec<DailyFigures> {
    vec![DailyFigures::new(10_000, 40_000, 8.0, 150.0, 20_000.0); 28]
}

fn places(problems: &Problems) -> Vec<(&str, &str)> {
    problems.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect()
}

#[test]
fn the_worked_example_of_the_specification() {
    let mut request = SimulationRequest::new(still(), 100.0);
    request.horizon_days = 10; // 1000.00 spent, 4000.00 returned, 80 conversions
    let simulation = simulate(&request).unwrap();
    let predicted = simulation.predicted.unwrap();
    assert_eq!((predicted.spend_cents, predicted.revenue_cents), (200_000, 672_717));
    assert_eq!(predicted.conversions, 134.543);
    assert_eq!(predicted.roas, Some(3.363_585_661));
    assert_eq!(simulation.marginal_roas, Some(2.522_689_246));
}

#[test]
fn the_exponent_of_the_days_is_found() {
    let elasticity = simulate(&SimulationRequest::new(moving(0.6), 10.0)).unwrap().elasticity;
    for metric in [elasticity.conversions, elasticity.clicks, elasticity.impressions] {
        assert!(!metric.assumed);
        assert_eq!((metric.beta, metric.lower, metric.upper, metric.days), (0.6, 0.6, 0.6, 28));
    }
    // Revenue is rounded to cents, and so a little off.
    assert!((elasticity.revenue.beta - 0.6).abs() < 1e-5);
}

#[test]
fn an_exponent_is_held_within_its_bounds() {
    for (true_beta, held) in [(0.1, 0.3), (1.4, 1.0)] {
        let elasticity = simulate(&SimulationRequest::new(moving(true_beta), 10.0)).unwrap().elasticity;
        assert_eq!(elasticity.clicks.beta, held);
        assert!(!elasticity.clicks.assumed);
    }
}

#[test]
fn without_spend_nothing_is_said() {
    let days = vec![DailyFigures::new(0, 100, 1.0, 1.0, 1.0); 28];
    let simulation = simulate(&SimulationRequest::new(days, 50.0)).unwrap();
    assert_eq!((simulation.predicted, simulation.change_pct, simulation.interval), (None, None, None));
    assert_eq!(simulation.marginal_roas, None);
    assert_eq!(simulation.scenarios, []);
    assert_eq!(simulation.recommended_change_pct, 0.0);
    assert_eq!(simulation.flags, [SimulationFlag::Assumed, SimulationFlag::NotDefined]);
}

#[test]
fn without_a_budget_everything_is_0_and_a_return_is_not_defined() {
    let mut request = SimulationRequest::new(still(), -100.0);
    request.contribution_margin = Some(0.5);
    let simulation = simulate(&request).unwrap();
    let predicted = simulation.predicted.unwrap();
    assert_eq!((predicted.spend_cents, predicted.revenue_cents, predicted.net_profit_cents), (0, 0, Some(0)));
    assert_eq!((predicted.conversions, predicted.clicks, predicted.impressions), (0.0, 0.0, 0.0));
    assert_eq!((predicted.roas, simulation.marginal_roas), (None, None));
    assert_eq!(simulation.change_pct.unwrap().revenue, Some(-100.0));
}

#[test]
fn one_and_a_half_times_the_largest_day_is_seen_and_anything_beyond_is_not() {
    let flags = |change| simulate(&SimulationRequest::new(still(), change)).unwrap().flags;
    assert_eq!(flags(50.0), [SimulationFlag::Assumed]);
    assert_eq!(flags(50.000_000_001), [SimulationFlag::Assumed, SimulationFlag::Extrapolation]);
}

#[test]
fn of_two_equal_scenarios_the_smaller_change_is_recommended_and_of_opposite_ones_the_lower_spend() {
    // β is 1, so at a margin of a half every change earns nothing more.
    let days: Vec<DailyFigures> = moving(1.0)
        .into_iter()
        .map(|day| DailyFigures { revenue_cents: day.spend_cents.saturating_mul(2), ..day })
        .collect();
    let mut request = SimulationRequest::new(days, 0.0);
    request.contribution_margin = Some(0.5);
    request.scenarios = vec![100.0, 25.0, -25.0, -50.0];
    assert_eq!(simulate(&request).unwrap().recommended_change_pct, -25.0);
    request.roas_threshold = 2.000_000_001;
    assert_eq!(simulate(&request).unwrap().recommended_change_pct, 0.0);
}

#[test]
fn every_problem_of_a_request_is_named() {
    let mut request = SimulationRequest::new(still(), f64::NAN);
    request.days.truncate(27);
    request.days[3].spend_cents = -1;
    request.days[4].clicks = f64::INFINITY;
    request.horizon_days = 91;
    request.contribution_margin = Some(1.5);
    request.roas_threshold = -1.0;
    request.scenarios = vec![0.0, 200.1];
    let refused = simulate(&request).unwrap_err();
    assert_eq!(
        places(&refused),
        [
            ("/days", "insufficient_data"),
            ("/days/3/spend_cents", "out_of_range"),
            ("/days/4/clicks", "not_a_number"),
            ("/budget_change_pct", "not_a_number"),
            ("/horizon_days", "out_of_range"),
            ("/contribution_margin", "out_of_range"),
            ("/roas_threshold", "out_of_range"),
            ("/scenarios/1", "out_of_range"),
        ]
    );
    request.days = vec![still()[0]; 29];
    request.scenarios = vec![0.0; 32];
    let refused = simulate(&request).unwrap_err();
    assert!(places(&refused).contains(&("/days", "out_of_range")));
    assert!(places(&refused).contains(&("/scenarios", "too_many")));
}

#[test]
fn better_matching_is_worth_what_the_specification_works_out() {
    let mut request = RoiRequest::new(5_000_000, 3.0, 0.60, 0.4, 200_000);
    request.hours_saved = 20.0;
    request.hour_cost_cents = 5_000;
    request.setup_cost_cents = 500_000;
    let found = roi(&request).unwrap();
    assert_eq!((found.recovered_revenue_cents, found.benefit_cents), (Some(6_250_000), Some(2_600_000)));
    assert_eq!((found.roi_pct, found.payback_months), (Some(1200.0), Some(0.208_333_333)));
    assert_eq!(found.flags, [RoiFlag::Estimate]);
}

#[test]
fn at_most_half_of_the_revenue_is_recoverable_and_below_a_fifth_nothing_is_said() {
    let at = |match_rate| roi(&RoiRequest::new(100_000, 2.0, match_rate, 1.0, 0)).unwrap();
    assert_eq!(at(0.566_666_667).flags, [RoiFlag::Estimate]);
    assert_eq!(at(0.566_666_666).flags, [RoiFlag::Estimate, RoiFlag::Capped]);
    assert_eq!(at(0.2).recovered_revenue_cents, Some(100_000));
    let unknown = at(0.199_999_999);
    assert_eq!((unknown.recovered_revenue_cents, unknown.benefit_cents), (None, None));
    assert_eq!(unknown.flags, [RoiFlag::Estimate, RoiFlag::NotDefined]);
    assert_eq!(at(0.9).recovered_revenue_cents, Some(0)); // better than what is aimed at
}

#[test]
fn without_a_fee_there_is_no_return_on_it_and_without_a_gain_no_payback() {
    let with_fee = |fee| {
        let mut request = RoiRequest::new(100_000, 2.0, 0.85, 1.0, fee);
        (request.hours_saved, request.hour_cost_cents, request.setup_cost_cents) = (1.0, 1_000, 500);
        let found = roi(&request).unwrap();
        (found.roi_pct, found.payback_months)
    };
    assert_eq!(with_fee(0), (None, Some(0.5)));
    assert_eq!(with_fee(1_000), (Some(0.0), None));
    assert_eq!(with_fee(2_000), (Some(-50.0), None));
}

#[test]
fn every_problem_of_an_estimate_is_named() {
    let mut request = RoiRequest::new(-1, f64::NAN, 1.5, -0.1, -1);
    request.target_match_rate = 2.0;
    request.hours_saved = -1.0;
    let refused = roi(&request).unwrap_err();
    assert_eq!(
        places(&refused),
        [
            ("/monthly_spend_cents", "out_of_range"),
            ("/monthly_fee_cents", "out_of_range"),
            ("/roas", "not_a_number"),
            ("/match_rate", "out_of_range"),
            ("/target_match_rate", "out_of_range"),
            ("/contribution_margin", "out_of_range"),
            ("/hours_saved", "out_of_range"),
        ]
    );
}

fn day() -> impl Strategy<Value = DailyFigures> {
    (0_i64..1_000_000, 0_i64..5_000_000, 0_u32..1_000, 0_u32..100_000, 0_u32..10_000_000).prop_map(
        |(spend, revenue, conversions, clicks, impressions)| {
            DailyFigures::new(spend, revenue, conversions.into(), clicks.into(), impressions.into())
        },
    )
}

fn days() -> impl Strategy<Value = Vec<DailyFigures>> {
    prop_oneof![prop::collection::vec(day(), 28), (0.0..1.5_f64).prop_map(moving),]
}

proptest! {
    #[test]
    fn no_change_reproduces_the_input(days in days(), horizon_days in 1_u32..=90) {
        let spend: i64 = days.iter().map(|day| day.spend_cents).sum();
        let mut request = SimulationRequest::new(days, 0.0);
        request.horizon_days = horizon_days;
        request.contribution_margin = Some(0.35);
        let simulation = simulate(&request).unwrap();
        prop_assume!(spend > 0);
        prop_assert_eq!(simulation.predicted, Some(simulation.current));
        let interval = simulation.interval.unwrap();
        prop_assert_eq!((interval.lower, interval.upper), (simulation.current, simulation.current));
        if horizon_days == DAYS {
            prop_assert_eq!(simulation.current.spend_cents, spend);
        }
    }

    #[test]
    fn revenue_does_not_fall_and_its_return_does_not_rise_with_spend(days in days(), from in -99.0..200.0_f64, to in -99.0..200.0_f64) {
        let (from, to) = (from.min(to), from.max(to));
        let [less, more] = [from, to].map(|change| simulate(&SimulationRequest::new(days.clone(), change)).unwrap().predicted);
        if let (Some(less), Some(more)) = (less, more) {
            prop_assert!(less.revenue_cents <= more.revenue_cents);
            prop_assert!(less.roas >= more.roas);
            prop_assert!(less.conversions <= more.conversions && less.clicks <= more.clicks && less.impressions <= more.impressions);
        }
    }

    #[test]
    fn the_prediction_lies_within_its_interval(days in days(), change in -100.0..200.0_f64) {
        let simulation = simulate(&SimulationRequest::new(days, change)).unwrap();
        if let (Some(predicted), Some(interval)) = (simulation.predicted, simulation.interval) {
            // A fitted β that was moved to a bound is the middle of its interval all the same.
            prop_assert!((interval.lower.revenue_cents..=interval.upper.revenue_cents).contains(&predicted.revenue_cents));
            prop_assert!((interval.lower.impressions..=interval.upper.impressions).contains(&predicted.impressions));
        }
    }

    #[test]
    fn the_order_of_the_days_does_not_matter(days in days(), seed in 0_usize..28) {
        let mut rotated = days.clone();
        rotated.rotate_left(seed);
        let (one, other) = (simulate(&SimulationRequest::new(days, 37.5)).unwrap(), simulate(&SimulationRequest::new(rotated, 37.5)).unwrap());
        prop_assert_eq!(one.predicted, other.predicted);
    }

    #[test]
    fn aiming_at_more_matches_never_recovers_less(now in 0.2..=1.0_f64, aim in 0.0..=1.0_f64, further in 0.0..=1.0_f64) {
        let aiming_at = |target| {
            let mut request = RoiRequest::new(1_000_000, 3.0, now, 0.5, 1_000);
            request.target_match_rate = target;
            roi(&request).unwrap().recovered_revenue_cents.unwrap()
        };
        prop_assert!(aiming_at(aim.min(further)) <= aiming_at(aim.max(further)));
        prop_assert!((0..=1_500_000).contains(&aiming_at(aim)));
    }
}
