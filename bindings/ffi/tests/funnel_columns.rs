//! A funnel over columns, in one piece and in many, says what the call says.

#![allow(clippy::arithmetic_side_effects, reason = "the numbers are small")]

use serde_json::{Value, json};
use stratum_ffi::batch::{Column, Columns, Output, Progress, Texts};

const NAMES: [&str; 3] = ["view", "other", "buy"];

#[test]
fn a_funnel_over_columns_of_any_pieces_counts_what_the_call_counts() {
    let rows: Vec<(i64, usize, i64)> = (0..20_000_i64)
        .map(|row| {
            (row * 7919 % 611 - 40, usize::try_from(row * row % 7 % 3).unwrap(), row * 104_729 % 9_000_000)
        })
        .collect();
    let policy =
        json!({"steps": [{"event_name": "view"}, {"event_name": "buy"}], "conversion_window_days": 1});
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let positions: Vec<u32> = rows.iter().map(|row| u32::try_from(row.1).unwrap()).collect();
    let values = NAMES.map(Some);
    let batch = stratum_ffi::find("funnel.evaluate").unwrap().batch.unwrap();
    let specs = batch.specs(&policy).unwrap();
    let events: Vec<Value> = rows
        .iter()
        .map(|row| {
            let at: stratum_ffi::stratum_core::Timestamp =
                stratum_ffi::stratum_core::Timestamp::from_millis(row.2).unwrap();
            json!({"profile_id": row.0.to_string(), "event_name": NAMES[row.1], "event_time": at})
        })
        .collect();
    let called =
        stratum_ffi::call_json("funnel.evaluate", &json!({"funnel": policy, "events": events}).to_string())
            .unwrap();
    let called: Value = serde_json::from_str(&called).unwrap();
    let expected: Vec<i64> =
        called["steps"].as_array().unwrap().iter().map(|step| step["count"].as_i64().unwrap()).collect();
    for size in [20_000, 9_000, 333] {
        let pieces: Vec<Columns<'_>> = (0..rows.len())
            .step_by(size)
            .map(|start| {
                let part = start..(start + size).min(rows.len());
                let mut columns = Columns::default();
                columns.insert(&specs[0], Column::Integers(&ids[part.clone()]));
                columns
                    .insert(&specs[1], Column::Texts(Texts::dictionary(&positions[part.clone()], &values)));
                columns.insert(&specs[2], Column::Integers(&times[part]));
                columns
            })
            .collect();
        let answer = batch.run("funnel.evaluate", &policy, &pieces, &Progress::silent()).unwrap();
        let counts = answer.table.0.into_iter().find(|(name, _)| name == "count").unwrap().1;
        let Output::Integers(counts) = counts else { panic!("counts are whole numbers") };
        assert_eq!(counts, expected);
    }
}
