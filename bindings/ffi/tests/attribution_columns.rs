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
use stratum_ffi::batch::{Answer, Column, Columns, NO_INTEGER, Output, Progress, Texts};
use stratum_ffi::stratum_core::Timestamp;

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

/// What the operation says: cents and conversions by model and channel.
fn called(rows: &[Row]) -> BTreeMap<(String, Option<String>), (i64, f64)> {
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
    let journeys: Vec<Value> = journeys.into_values().collect();
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
    let journey: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let none = u32::MAX;
    let channel: Vec<u32> =
        rows.iter().map(|row| row.1.map_or(none, |channel| u32::try_from(channel).unwrap())).collect();
    let touched: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let converted: Vec<i64> = rows.iter().map(|row| row.3.unwrap_or(NO_INTEGER)).collect();
    let value: Vec<i64> = rows.iter().map(|row| row.4).collect();
    let kind: Vec<u8> = rows.iter().map(|row| row.5).collect();
    let values = CHANNELS.map(Some);
    let batch = stratum_ffi::find("attribution.rules").unwrap().batch.unwrap();
    let specs = batch.specs(policy).unwrap();
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
    batch.run("attribution.rules", policy, &pieces, &Progress::silent()).unwrap()
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
