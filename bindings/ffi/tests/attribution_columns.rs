//! Credit over columns, in any order and in any pieces, says what the call says.

#![cfg(feature = "customer")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stratum_ffi::batch::{Answer, Batch, Column, Columns, NO_INTEGER, Output, Progress, Texts};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::problem::Problems;

const CHANNELS: [&str; 4] = ["meta", "google", "email", "direct"];
const DAY_MS: i64 = 86_400_000;

/// Journey, channel (none: no touch), touched, converted (none: not), cents, view.
type Row = (i64, Option<usize>, i64, Option<i64>, i64, u8);

fn drawn() -> Vec<Row> {
    let mut rows = Vec::new();
    for journey in 0..300_i64 {
        let converted = (journey % 7 != 0).then_some(60 * DAY_MS + journey * 1_000);
        let cents = if journey % 11 == 0 { -journey * 37 - 1 } else { journey * journey % 9_973 };
        let touches = journey * 31 % 9;
        for touch in 0..touches {
            let channel = usize::try_from((journey + touch * touch) % 4).unwrap();
            let at = 60 * DAY_MS + journey * 1_000 - touch * 7_919 % 40 * DAY_MS + (touch % 5 - 3) * 500;
            rows.push((journey, Some(channel), at, converted, cents, u8::from(touch % 3 == 1)));
        }
        if touches == 0 {
            rows.push((journey, None, 0, converted, cents, 0));
        }
    }
    rows
}

/// The journeys of these rows, as requests have them.
fn journeys(rows: &[Row]) -> BTreeMap<i64, Value> {
    let instant = |ms: i64| Timestamp::from_millis(ms).unwrap();
    let mut journeys: BTreeMap<i64, Value> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        let journey = journeys.entry(row.0).or_insert_with(|| {
            let conversion = row.3.map(|at| json!({"converted_at": instant(at), "value_cents": row.4}));
            json!({"conversion": conversion, "touches": []})
        });
        if let Some(channel) = row.1 {
            let kind = if row.5 == 1 { "view" } else { "click" };
            journey["touches"].as_array_mut().unwrap().push(json!({
                "touch_id": format!("{position:06}"), "channel": CHANNELS[channel], "touched_at": instant(row.2), "kind": kind,
            }));
        }
    }
    journeys
}

/// What the operation says: cents and conversions by model and channel.
fn called(rows: &[Row]) -> BTreeMap<(String, Option<String>), (i64, f64)> {
    let journeys: Vec<Value> = journeys(rows).into_values().collect();
    let answer = stratum_ffi::call_value("attribution.rules", &json!({"journeys": journeys})).unwrap();
    let mut found = BTreeMap::new();
    for model in answer["models"].as_array().unwrap() {
        for credit in model["credits"].as_array().unwrap() {
            let channel = credit["channel"].as_str().map(str::to_owned);
            let credited = (credit["value_cents"].as_i64().unwrap(), credit["conversions"].as_f64().unwrap());
            found.insert((model["model"].as_str().unwrap().to_owned(), channel), credited);
        }
    }
    found
}

fn over_columns(rows: &[Row], policy: &Value, size: usize) -> Answer {
    answered("attribution.rules", rows, policy, size).unwrap()
}

fn answered(operation: &str, rows: &[Row], policy: &Value, size: usize) -> Result<Answer, Problems> {
    let batch = stratum_ffi::find(operation).unwrap().batch.unwrap();
    with_pieces(batch, rows, size, |pieces| batch.run(operation, policy, pieces, &Progress::silent()))
}

/// The rows as columns, in pieces of this size.
fn with_pieces<T>(batch: &Batch, rows: &[Row], size: usize, take: impl FnOnce(&[Columns<'_>]) -> T) -> T {
    let journey: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let none = u32::MAX;
    let channel: Vec<u32> =
        rows.iter().map(|row| row.1.map_or(none, |channel| u32::try_from(channel).unwrap())).collect();
    let touched: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let converted: Vec<i64> = rows.iter().map(|row| row.3.unwrap_or(NO_INTEGER)).collect();
    let value: Vec<i64> = rows.iter().map(|row| row.4).collect();
    let kind: Vec<u8> = rows.iter().map(|row| row.5).collect();
    let values = CHANNELS.map(Some);
    let specs = batch.specs(&Value::Null).unwrap();
    let spec = |name: &str| specs.iter().find(|spec| spec.name == name).unwrap();
    let pieces: Vec<Columns<'_>> = (0..rows.len())
        .step_by(size)
        .map(|start| {
            let part = start..(start + size).min(rows.len());
            let mut columns = Columns::default();
            columns.insert(spec("journey_id"), Column::Integers(&journey[part.clone()]));
            columns
                .insert(spec("channel"), Column::Texts(Texts::dictionary(&channel[part.clone()], &values)));
            columns.insert(spec("touched_at"), Column::Integers(&touched[part.clone()]));
            columns.insert(spec("converted_at"), Column::Integers(&converted[part.clone()]));
            columns.insert(spec("value_cents"), Column::Integers(&value[part.clone()]));
            columns.insert(spec("kind"), Column::Codes(&kind[part]));
            columns
        })
        .collect();
    take(&pieces)
}

/// The paths of the journeys, as the operations that learn take them: touches that count, by time, clicks before views.
fn paths(rows: &[Row]) -> Value {
    let mut journeys: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        journeys.entry(row.0).or_default().push(row);
    }
    let path = |mut touches: Vec<&Row>| {
        let (converted, value) = (touches[0].3, touches[0].4);
        touches.retain(|row| row.1.is_some() && converted.is_none_or(|until| row.2 <= until));
        touches.sort_by_key(|row| (row.2, row.5));
        json!({
            "path": touches.iter().map(|row| CHANNELS[row.1.unwrap()]).collect::<Vec<_>>(),
            "conversions": u8::from(converted.is_some() && value >= 0), "nulls": u8::from(converted.is_none()),
            "value_cents": if converted.is_some() { value } else { 0 },
        })
    };
    journeys.into_values().map(path).collect()
}

/// The rows of a table of channels: the name, whole cents, and the numbers of other columns.
fn channels(answer: &Answer, numbers: &[&str]) -> Vec<(Option<String>, i64, Vec<u64>)> {
    let column = |name: &str| &answer.table.0.iter().find(|(found, _)| found == name).unwrap().1;
    let (Output::Texts(names), Output::Integers(cents)) = (column("channel"), column("value_cents")) else {
        panic!("channels are texts, cents are whole numbers")
    };
    let number = |name: &&str, row: usize| match column(name) {
        Output::Numbers(values) => values[row].to_bits(),
        other => panic!("{name} are numbers, not {other:?}"),
    };
    let row = |row| {
        let of_row = numbers.iter().map(|name| number(name, row)).collect();
        (names.get(row).map(str::to_owned), cents[row], of_row)
    };
    (0..cents.len()).map(row).collect()
}

#[test]
fn the_models_that_learn_read_the_frame_of_the_rules_and_say_what_the_calls_say() {
    let rows = drawn();
    let totals = called(&rows);
    let of_rules = || totals.iter().filter(|((model, _), _)| model == "linear").map(|(_, credit)| credit);
    let (cents, conversions): (i64, f64) =
        of_rules().fold((0, 0.0), |(cents, whole), credit| (cents + credit.0, whole + credit.1));
    let mut scattered = rows.clone();
    scattered.sort_by_key(|row| row.2 % 977);
    for (operation, policy, shown) in [
        ("attribution.markov", json!({}), ["removal_effect", "weight", "conversions"].as_slice()),
        ("attribution.markov", json!({"order": 3}), &["removal_effect", "weight", "conversions"]),
        ("attribution.shapley", json!({}), &["weight", "conversions"]),
    ] {
        for (rows, size) in [(&rows, rows.len()), (&rows, 100), (&scattered, 64)] {
            let found = channels(&answered(operation, rows, &policy, size).unwrap(), shown);
            let mut request = policy.clone();
            request["paths"] = paths(rows);
            let expected = stratum_ffi::call_value(operation, &request).unwrap();
            let of_call = |channel: &Value| {
                let number = |name: &&str| {
                    let name = if channel.get(*name).is_some() { name } else { "shapley_value" };
                    channel[name].as_f64().unwrap().to_bits()
                };
                let name = channel["channel"].as_str().map(str::to_owned);
                (name, channel["value_cents"].as_i64().unwrap(), shown.iter().map(number).collect())
            };
            let mut all: Vec<_> = expected["channels"].as_array().unwrap().iter().map(of_call).collect();
            let untouched = expected["unattributed_conversions"].as_f64().unwrap();
            assert!(untouched > 0.0, "some journeys have no touch");
            let mut numbers = vec![f64::NAN.to_bits(); shown.len() - 1];
            numbers.push(untouched.to_bits());
            all.push((None, expected["unattributed_value_cents"].as_i64().unwrap(), numbers));
            assert_eq!(found, all, "{operation} {policy} in pieces of {size}");
            // And all of it adds up to what the rules share out.
            assert_eq!(found.iter().map(|row| row.1).sum::<i64>(), cents);
            let whole: f64 = found.iter().map(|row| f64::from_bits(*row.2.last().unwrap())).sum();
            assert!((whole - conversions).abs() < 1e-6, "{whole} {conversions}");
        }
    }
}

/// Columns of whole numbers, and a channel, as one piece.
fn refused(operation: &str, columns: &[(&str, &[i64])], channel: &[Option<&str>]) -> Vec<(String, String)> {
    let batch = stratum_ffi::find(operation).unwrap().batch.unwrap();
    let specs = batch.specs(&Value::Null).unwrap();
    let spec = |name: &str| specs.iter().find(|spec| spec.name == name).unwrap();
    let places: Vec<u32> = (0..u32::try_from(channel.len()).unwrap()).collect();
    let mut piece = Columns::default();
    piece.insert(spec("channel"), Column::Texts(Texts::dictionary(&places, channel)));
    for &(name, values) in columns {
        piece.insert(spec(name), Column::Integers(values));
    }
    let problems = batch.run(operation, &Value::Null, &[piece], &Progress::silent()).unwrap_err();
    problems.iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect()
}

#[test]
fn a_frame_that_says_neither_or_twice_what_journeys_led_to_is_refused() {
    let (id, at, channel) =
        (("journey_id", [1_i64, 1].as_slice()), ("touched_at", [1_i64, 2].as_slice()), [Some("a"), None]);
    let (converted, conversions) =
        (("converted_at", [5_i64, 5].as_slice()), ("conversions", [1_i64, 1].as_slice()));
    let told = |path: &str, code: &str| vec![(path.to_owned(), code.to_owned())];
    for operation in ["attribution.markov", "attribution.shapley"] {
        assert_eq!(refused(operation, &[id, at], &channel), told("/converted_at", "missing_column"));
        assert_eq!(
            refused(operation, &[id, at, converted, conversions], &channel),
            told("/conversions", "not_allowed_here")
        );
        assert_eq!(refused(operation, &[id, converted], &channel), told("/touched_at", "missing_column"));
    }
    let other = ("converted_at", [5_i64, 6].as_slice());
    let untold = ("touched_at", [NO_INTEGER, NO_INTEGER].as_slice());
    for operation in ["attribution.rules", "attribution.markov", "attribution.shapley"] {
        assert_eq!(refused(operation, &[id, at, other], &channel), told("/converted_at", "inconsistent"));
        // The second row is no touch, and needs no time.
        assert_eq!(
            refused(operation, &[id, untold, converted], &channel),
            told("/touched_at/0", "missing_value")
        );
        assert_eq!(
            refused(operation, &[id, at, converted], &[Some("a"), Some("")]),
            told("/channel/1", "empty_channel")
        );
    }
}

#[test]
fn the_first_touch_that_counts_and_made_a_lead_anchors_the_w() {
    // Six touches, the last one after the conversion; (leads, what of 100.00 each channel of a, b, c, d, e gets).
    let batch = stratum_ffi::find("attribution.rules").unwrap().batch.unwrap();
    let policy = json!({"models": ["w_shaped"]});
    let specs = batch.specs(&policy).unwrap();
    let spec = |name: &str| specs.iter().find(|spec| spec.name == name).unwrap();
    let names = ["a", "b", "c", "d", "e", "f"].map(Some);
    for (leads, expected) in [
        // 0.3 for the first, the lead and the last, 0.1 shared by the other two.
        ([0, 1, 0, 0, 0, 0], [30_00, 30_00, 5_00, 5_00, 30_00]),
        ([0, 0, 0, 1, 1, 0], [30_00, 5_00, 5_00, 30_00, 30_00]),
        // Held between the first and the last.
        ([1, 0, 0, 1, 0, 0], [30_00, 30_00, 5_00, 5_00, 30_00]),
        ([0, 0, 0, 0, 1, 0], [30_00, 5_00, 5_00, 30_00, 30_00]),
        // None, or one that does not count: the middle one.
        ([0, 0, 0, 0, 0, 0], [30_00, 5_00, 30_00, 5_00, 30_00]),
        ([0, 0, 0, 0, 0, 1], [30_00, 5_00, 30_00, 5_00, 30_00]),
    ] {
        for order in [[0, 1, 2, 3, 4, 5], [5, 3, 1, 4, 2, 0]] {
            let lead = order.map(|place: usize| leads[place]);
            let at = order.map(|place| i64::try_from(place).unwrap());
            let positions = order.map(|place| u32::try_from(place).unwrap());
            let mut piece = Columns::default();
            piece.insert(spec("journey_id"), Column::Integers(&[7; 6]));
            piece.insert(spec("channel"), Column::Texts(Texts::dictionary(&positions, &names)));
            piece.insert(spec("touched_at"), Column::Integers(&at));
            piece.insert(spec("converted_at"), Column::Integers(&[4; 6]));
            piece.insert(spec("value_cents"), Column::Integers(&[10_000; 6]));
            piece.insert(spec("lead"), Column::Codes(&lead));
            let answer = batch.run("attribution.rules", &policy, &[piece], &Progress::silent()).unwrap();
            let cents: Vec<i64> = channels(&answer, &[]).into_iter().map(|row| row.1).collect();
            assert_eq!(cents, expected, "{leads:?} {order:?}");
        }
    }
}

fn credited(answer: &Answer) -> BTreeMap<(String, Option<String>), (i64, f64)> {
    let column = |name: &str| &answer.table.0.iter().find(|(found, _)| found == name).unwrap().1;
    let (Output::Codes(models, vocabulary), Output::Texts(channels)) = (column("model"), column("channel"))
    else {
        panic!("models are codes, channels are texts")
    };
    let (Output::Integers(cents), Output::Numbers(conversions)) =
        (column("value_cents"), column("conversions"))
    else {
        panic!("cents are whole numbers")
    };
    let names = (vocabulary.names)();
    (0..models.len())
        .map(|row| {
            let channel = channels.get(row).map(str::to_owned);
            ((names[usize::from(models[row])].to_owned(), channel), (cents[row], conversions[row]))
        })
        .collect()
}

#[test]
fn credit_over_columns_in_any_order_and_pieces_is_what_the_call_says() {
    let rows = drawn();
    let mut expected = called(&rows);
    // A journey that came to nothing is told by the call and by no row.
    expected.retain(|_, credit| *credit != (0, 0.0));
    let mut mixed = rows.clone();
    // In an order of journeys that no sort has, the rows of each in theirs.
    mixed.sort_by_key(|row| row.0 * 7_919 % 300);
    let mut scattered = rows.clone();
    scattered.sort_by_key(|row| row.2 % 977);
    for (rows, sizes) in
        [(&rows, [rows.len(), 100]), (&mixed, [rows.len(), 333]), (&scattered, [rows.len(), 64])]
    {
        for size in sizes {
            assert_eq!(credited(&over_columns(rows, &Value::Null, size)), expected);
        }
    }
}

#[test]
fn the_weights_of_a_conversion_sum_to_one_wherever_its_rows_stand() {
    let mut rows = drawn();
    rows.sort_by_key(|row| row.2 % 977);
    let answer = over_columns(&rows, &json!({"weights": true, "models": ["time_decay", "w_shaped"]}), 211);
    let (_, weights) = answer.further.iter().find(|(name, _)| *name == "weights").unwrap();
    for (_, column) in &weights.0 {
        let Output::Numbers(weights) = column else { panic!("weights are numbers") };
        let mut sums: BTreeMap<i64, f64> = BTreeMap::new();
        for (row, weight) in rows.iter().zip(weights) {
            let counts = row.1.is_some() && row.3.is_some_and(|until| row.2 <= until);
            assert_eq!(counts, !weight.is_nan());
            if counts {
                *sums.entry(row.0).or_default() += weight;
            }
        }
        assert!(sums.len() > 200 && sums.values().all(|sum| (sum - 1.0).abs() < 1e-12));
    }
}

#[test]
fn credits_by_day_over_columns_are_those_of_the_journeys() {
    use stratum_ffi::operations::frames::credit_totals::{BATCH, CreditState};
    use stratum_ffi::stratum_cdp::attribution::{CreditLevel, CreditTotals, RuleModel, RuleSettings};
    use stratum_ffi::stratum_cdp::journey::Journey;

    // Conversions of three days, in an order of journeys that no day has.
    let mut rows = drawn();
    for row in &mut rows {
        row.3 = row.3.map(|at| at + row.0 % 3 * DAY_MS);
    }
    let mut expected = CreditTotals::new();
    let rules = RuleSettings::default().compile().unwrap();
    for journey in journeys(&rows).into_values() {
        let journey: Journey = serde_json::from_value(journey).unwrap();
        expected.add(&rules, RuleModel::ALL, CreditLevel::Channel, &journey);
    }
    for size in [rows.len(), 90] {
        let mut state = CreditState::new(&Value::Null).unwrap();
        with_pieces(&BATCH, &rows, size, |pieces| state.add(pieces, &Progress::silent())).unwrap();
        let found = state.to_bytes();
        assert!(found.ends_with(&expected.to_bytes()), "in pieces of {size}");
        assert_eq!(CreditState::from_bytes(&found).unwrap(), state);
        // The same journeys again, and merged: twice of each.
        let mut twice = state.empty();
        twice.merge(state.clone()).unwrap();
        twice.merge(state).unwrap();
        assert_eq!(twice.len(), expected.len());
    }
}
