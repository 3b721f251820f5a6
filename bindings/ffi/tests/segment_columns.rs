//! Columns of the fields of profiles are read as what their fields hold, in whatever form they come.

#![cfg(feature = "customer")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use serde_json::{Value, json};
use stratum_ffi::batch::{Column, Columns, NO_CODE, NO_INTEGER, Output, Progress, TextColumn};
use stratum_ffi::stratum_core::Timestamp;

/// Who is a member, or the path and the code of what is wrong. In two pieces, of which the first is the column.
fn members(condition: &Value, column: Column<'_>) -> Result<Vec<u8>, (String, String)> {
    let policy = json!({"now": "2026-03-01T12:00:00Z", "rules": {"logic": "and", "conditions": [condition]}});
    let batch = stratum_ffi::find("segment.evaluate").unwrap().batch.unwrap();
    let specs = batch.specs(&policy).unwrap();
    let mut columns = Columns::default();
    specs.iter().for_each(|spec| columns.insert(spec, column));
    match batch.run("segment.evaluate", &policy, &[columns], &Progress::silent()) {
        Ok(answer) => match answer.table.0.into_iter().next().unwrap().1 {
            Output::Flags(flags) => Ok(flags),
            other => panic!("{other:?} are no flags"),
        },
        Err(problems) => {
            let problem = problems.iter().next().unwrap();
            Err((problem.path.clone(), problem.code.to_string()))
        }
    }
}

fn refused(path: &str, code: &str) -> Result<Vec<u8>, (String, String)> {
    Err((path.to_owned(), code.to_owned()))
}

fn texts(texts: &[Option<&str>]) -> TextColumn {
    texts.iter().copied().collect()
}

#[test]
fn who_denied_is_no_member_in_whatever_form_the_flags_come() {
    let granted = json!({"field": "consent.ads", "operator": "not_equals", "value": false});
    // Somebody who said nothing did not grant anything.
    assert_eq!(members(&granted, Column::Codes(&[0, 1, NO_CODE])), Ok(vec![0, 1, 0]));
    assert_eq!(members(&granted, Column::Integers(&[0, 1, NO_INTEGER])), Ok(vec![0, 1, 0]));
    assert_eq!(members(&granted, Column::Numbers(&[0.0, 1.0, f64::NAN, -0.0])), Ok(vec![0, 1, 0, 0]));
    let (unknown, words) = (texts(&[None, None]), texts(&[Some("false"), None]));
    assert_eq!(members(&granted, Column::Texts(unknown.as_texts())), Ok(vec![0, 0]));
    assert_eq!(members(&granted, Column::Texts(words.as_texts())), refused("/consent.ads", "wrong_type"));
    assert_eq!(members(&granted, Column::Integers(&[1, 2])), refused("/consent.ads/1", "invalid_value"));
    assert_eq!(members(&granted, Column::Numbers(&[0.5])), refused("/consent.ads/0", "invalid_value"));
}

#[test]
fn instants_are_texts_or_milliseconds_or_instants() {
    let recent = json!({"field": "profile.last_seen_at", "operator": "within_last", "value": {"n": 30, "unit": "days"}});
    let written = ["2026-02-20T00:00:00Z", "2025-02-20T00:00:00Z"];
    let ms = written.map(|text| text.parse::<Timestamp>().unwrap().millis());
    let text = texts(&[Some(written[0]), Some(written[1]), None]);
    let whole = [ms[0], ms[1], NO_INTEGER];
    let [first, second] = ms.map(stratum_ffi::stratum_core::math::amount);
    let expected = Ok(vec![1, 0, 0]);
    assert_eq!(members(&recent, Column::Texts(text.as_texts())), expected);
    assert_eq!(members(&recent, Column::Instants(&whole)), expected);
    assert_eq!(members(&recent, Column::Integers(&whole)), expected);
    assert_eq!(members(&recent, Column::Numbers(&[first, second, f64::NAN])), expected);
    let place = "/profile.last_seen_at";
    assert_eq!(
        members(&recent, Column::Numbers(&[first, 0.5])),
        refused("/profile.last_seen_at/1", "not_whole")
    );
    assert_eq!(members(&recent, Column::Codes(&[0, 1])), refused(place, "wrong_type"));
    let none = texts(&[Some("yesterday")]);
    assert!(members(&recent, Column::Texts(none.as_texts())).is_err());
}

#[test]
fn numbers_and_texts_are_not_taken_for_each_other() {
    let often = json!({"field": "rfm.frequency", "operator": "greater_than", "value": 5});
    let label = json!({"field": "rfm.segment", "operator": "not_equals", "value": "lost"});
    let words = texts(&[Some("lost"), Some("champions"), None]);
    assert_eq!(members(&often, Column::Integers(&[5, 6, NO_INTEGER])), Ok(vec![0, 1, 0]));
    assert_eq!(members(&often, Column::Texts(words.as_texts())), refused("/rfm.frequency", "wrong_type"));
    assert_eq!(members(&label, Column::Texts(words.as_texts())), Ok(vec![0, 1, 0]));
    assert_eq!(members(&label, Column::Integers(&[1])), refused("/rfm.segment", "wrong_type"));
}
