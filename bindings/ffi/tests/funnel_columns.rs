//! A funnel over columns, in one piece and in many, says what the call says.

#![cfg(feature = "customer")]
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

#[test]
fn columns_are_broken_down_as_the_call_breaks_events_down() {
    let values = [Some("view"), Some("buy"), Some("KW"), Some("AE"), None];
    let rows: Vec<(usize, usize, usize, i64)> = (0..400_usize)
        .map(|row| {
            let time = i64::try_from(row * 7919 % 400).unwrap() * 60_000;
            (row * 31 % 37, row * row % 7 % 2, 2 + row * 13 % 3, time)
        })
        .collect();
    let policy = json!({
        "steps": [{"event_name": "view"}, {"event_name": "buy"}], "conversion_window_days": 1, "break_down": "country",
    });
    let events: Vec<Value> = rows
        .iter()
        .map(|&(person, name, country, at)| {
            let at = stratum_ffi::stratum_core::Timestamp::from_millis(at).unwrap();
            let (name, country) = (values[name], values[country]);
            json!({"profile_id": person.to_string(), "event_name": name, "event_time": at, "properties": {"country": country}})
        })
        .collect();
    let called =
        stratum_ffi::call_value("funnel.evaluate", &json!({"funnel": policy, "events": events})).unwrap();
    let batch = stratum_ffi::find("funnel.evaluate").unwrap().batch.unwrap();
    let specs = batch.specs(&policy).unwrap();
    let position = |value: usize| u32::try_from(value).unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| i64::try_from(row.0).unwrap()).collect();
    let names: Vec<u32> = rows.iter().map(|row| position(row.1)).collect();
    let countries: Vec<u32> = rows.iter().map(|row| position(row.2)).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.3).collect();
    let mut columns = Columns::default();
    columns.insert(&specs[0], Column::Integers(&ids));
    columns.insert(&specs[1], Column::Texts(Texts::dictionary(&names, &values)));
    columns.insert(&specs[2], Column::Integers(&times));
    columns.insert(&specs[3], Column::Texts(Texts::dictionary(&countries, &values)));
    let answer = batch.run("funnel.evaluate", &policy, &[columns], &Progress::silent()).unwrap();
    let (_, groups) = answer.further.into_iter().find(|(name, _)| *name == "groups").unwrap();
    let column = |name: &str| groups.0.iter().find(|(found, _)| found == name).unwrap().1.clone();
    let Output::Texts(found) = column("value") else { panic!("values are texts") };
    let expected = called["groups"].as_array().unwrap();
    assert_eq!((expected.len(), found.len()), (3, 3));
    for (row, group) in expected.iter().enumerate() {
        assert_eq!(found.get(row), group["value"].as_str());
        for (step, count) in group["counts"].as_array().unwrap().iter().enumerate() {
            let Output::Integers(counts) = column(&format!("step_{}", step + 1)) else {
                panic!("whole numbers")
            };
            assert_eq!(Some(counts[row]), count.as_i64());
        }
    }
}
