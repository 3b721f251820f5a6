//! `identity.stitch` over columns says what it says of the same links as JSON.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stratum_ffi::batch::{
    Answer, Column, ColumnSpec, Columns, NO_INTEGER, Output, Progress, Table, TextColumn,
};
use stratum_ffi::stratum_core::problem::Problems;

const VECTORS: &str = include_str!("../../../tests/vectors/operations/identity_stitch.json");

fn spec(name: &str) -> &'static ColumnSpec {
    let batch = stratum_ffi::find("identity.stitch").unwrap().batch.unwrap();
    batch.columns.iter().find(|spec| spec.name == name).unwrap()
}

fn run(policy: &Value, pieces: &[Vec<(&str, Column<'_>)>]) -> Result<Answer, Problems> {
    let batch = stratum_ffi::find("identity.stitch").unwrap().batch.unwrap();
    let pieces: Vec<Columns<'_>> = pieces
        .iter()
        .map(|piece| {
            let mut columns = Columns::default();
            piece.iter().for_each(|(name, column)| columns.insert(spec(name), *column));
            columns
        })
        .collect();
    batch.run("identity.stitch", policy, &pieces, &Progress::silent())
}

fn texts(table: &Table, name: &str) -> Vec<String> {
    match &table.0.iter().find(|(column, _)| column == name).unwrap().1 {
        Output::Texts(texts) => (0..texts.len()).map(|row| texts.get(row).unwrap().to_owned()).collect(),
        other => panic!("{name} is {other:?}"),
    }
}

fn integers(table: &Table, name: &str) -> Vec<i64> {
    match &table.0.iter().find(|(column, _)| column == name).unwrap().1 {
        Output::Integers(values) => values.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

fn further<'a>(answer: &'a Answer, name: &str) -> &'a Table {
    &answer.further.iter().find(|(table, _)| *table == name).unwrap().1
}

#[test]
fn columns_of_texts_in_two_pieces_give_the_answers_of_the_vectors() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut answered = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let Some(expected) = case.get("expect") else { continue };
        let links = case["request"]["links"].as_array().unwrap();
        let side = |name: &str| links.iter().map(|link| link[name].as_str()).collect::<TextColumn>();
        let (left, right) = (side("left"), side("right"));
        let sure: Vec<f64> =
            links.iter().map(|link| link["confidence"].as_f64().unwrap_or(f64::NAN)).collect();
        let policy = case["request"].get("policy").cloned().unwrap_or_default();
        let piece = vec![
            ("left", Column::Texts(left.as_texts())),
            ("right", Column::Texts(right.as_texts())),
            ("confidence", Column::Numbers(&sure)),
        ];
        // The second piece says everything again, which changes nothing but the number of weak links.
        let answer = run(&policy, &[piece.clone(), piece]).unwrap();
        let found: Vec<Value> = texts(&answer.table, "identifier")
            .into_iter()
            .zip(texts(&answer.table, "cluster"))
            .map(|(identifier, cluster)| json!({"identifier": identifier, "cluster": cluster}))
            .collect();
        assert_eq!(Value::from(found), expected["identifiers"], "{}", case["name"]);
        let summary = further(&answer, "summary");
        assert_eq!(integers(summary, "clusters"), [expected["clusters"].as_i64().unwrap()]);
        assert_eq!(integers(summary, "weak_links"), [2 * expected["weak_links"].as_i64().unwrap()]);
        let held = further(&answer, "held");
        let names: Vec<&str> = expected["held"]
            .as_array()
            .unwrap()
            .iter()
            .map(|held| held["cluster"].as_str().unwrap())
            .collect();
        assert_eq!(texts(held, "cluster"), names);
        answered += 1;
    }
    assert!(answered > 20);
}

#[test]
fn a_link_with_one_end_names_it_and_joins_nothing() {
    let left: TextColumn = [Some("email:a@shop.example"), None, None].into_iter().collect();
    let right: TextColumn = [None, Some("device_id:d"), None].into_iter().collect();
    let answer = run(
        &Value::Null,
        &[vec![("left", Column::Texts(left.as_texts())), ("right", Column::Texts(right.as_texts()))]],
    );
    assert_eq!(texts(&answer.unwrap().table, "cluster"), ["email:a@shop.example", "device_id:d"]);
}

#[test]
fn nodes_by_number_have_a_row_each() {
    let left = [5, 0, NO_INTEGER, 2, 6];
    let right = [3, 1, 4, NO_INTEGER, 5];
    let sure = [1.0, f64::NAN, 1.0, 1.0, 0.5];
    let whole = run(
        &Value::Null,
        &[vec![
            ("left_node", Column::Integers(&left)),
            ("right_node", Column::Integers(&right)),
            ("confidence", Column::Numbers(&sure)),
        ]],
    )
    .unwrap();
    assert_eq!(integers(&whole.table, "cluster"), [0, 0, 2, 3, 4, 3, 6]);
    assert_eq!(integers(further(&whole, "summary"), "weak_links"), [1]);
    let policy = json!({"max_cluster_ids": 2});
    let held = run(
        &policy,
        &[vec![("left_node", Column::Integers(&left)), ("right_node", Column::Integers(&right))]],
    )
    .unwrap();
    assert_eq!(integers(&held.table, "cluster"), [0, 0, 2, 3, 4, 5, 6]);
    assert_eq!(integers(further(&held, "held"), "identifiers"), [3]);
    assert_eq!(integers(further(&held, "summary"), "clusters"), [6]);
}

#[test]
fn what_cannot_be_stitched_says_why() {
    let some: TextColumn = [Some("email:a@shop.example"), Some("")].into_iter().collect();
    let some = Column::Texts(some.as_texts());
    let code = |pieces: &[Vec<(&str, Column<'_>)>], policy: Value| {
        let problems = run(&policy, pieces).unwrap_err();
        problems
            .iter()
            .map(|problem| (problem.path.clone(), problem.code.to_string()))
            .collect::<BTreeMap<_, _>>()
    };
    let one = |path: &str, code: &str| BTreeMap::from([(path.to_owned(), code.to_owned())]);
    assert_eq!(code(&[vec![("left", some)]], Value::Null), one("/left", "missing_column"));
    assert_eq!(code(&[vec![("left", some), ("right", some)]], Value::Null), one("/left/1", "empty"));
    let nodes = |left: &[i64], right: &[i64]| {
        code(
            &[vec![("left_node", Column::Integers(left)), ("right_node", Column::Integers(right))]],
            Value::Null,
        )
    };
    assert_eq!(nodes(&[0, 1], &[1, -7]), one("/right_node/1", "out_of_range"));
    assert_eq!(nodes(&[0], &[4_000_000_000]), one("/left_node", "too_sparse"));
    let policy = json!({"min_confidence": 2});
    assert_eq!(
        code(&[vec![("left", some), ("right", some)]], policy),
        one("/policy/min_confidence", "out_of_range")
    );
}

/// Path and code of the first problem of two pieces, of which the second is wrong.
fn refused(good: Vec<(&str, Column<'_>)>, wrong: Vec<(&str, Column<'_>)>) -> (String, String) {
    let problems = run(&json!({}), &[good, wrong]).unwrap_err();
    let problem = problems.iter().next().unwrap();
    (problem.path.clone(), problem.code.to_string())
}

#[test]
fn a_wrong_row_of_a_later_piece_is_counted_from_the_start() {
    let said = |path: &str, code: &str| (path.to_owned(), code.to_owned());
    let some: TextColumn = [Some("email:a@shop.example"), Some("device_id:d")].into_iter().collect();
    let empty: TextColumn = [Some("email:a@shop.example"), Some("")].into_iter().collect();
    let (some, empty) = (Column::Texts(some.as_texts()), Column::Texts(empty.as_texts()));
    let good = || vec![("left", some), ("right", some)];
    assert_eq!(refused(good(), vec![("left", some), ("right", empty)]), said("/right/3", "empty"));
    assert_eq!(refused(good(), vec![("left", empty), ("right", some)]), said("/left/3", "empty"));
    let unsure = Column::Numbers(&[0.9, 1.5]);
    let wrong = vec![("left", some), ("right", some), ("confidence", unsure)];
    assert_eq!(refused(good(), wrong), said("/confidence/3", "out_of_range"));
    let nodes = Column::Integers(&[0, 1]);
    let below = Column::Integers(&[0, -1]);
    assert_eq!(
        refused(
            vec![("left_node", nodes), ("right_node", nodes)],
            vec![("left_node", nodes), ("right_node", below)]
        ),
        said("/right_node/3", "out_of_range")
    );
}

#[test]
fn a_row_of_events_of_too_little_confidence_links_nothing() {
    let emails: TextColumn = [Some("ann@shop.test1"), Some("bob@shop.test1")].into_iter().collect();
    let devices: TextColumn = [Some("d-1"), Some("d-2")].into_iter().collect();
    let piece = vec![
        ("email", Column::Texts(emails.as_texts())),
        ("device_id", Column::Texts(devices.as_texts())),
        ("confidence", Column::Numbers(&[0.5, 0.95])),
    ];
    let answer = run(&json!({}), &[piece]).unwrap();
    let identifiers = further(&answer, "identifiers");
    assert_eq!(
        texts(identifiers, "cluster"),
        ["email:ann@shop.test1", "device_id:d-1", "email:bob@shop.test1", "email:bob@shop.test1"]
    );
    assert_eq!(integers(further(&answer, "summary"), "weak_links"), [1]);
}
