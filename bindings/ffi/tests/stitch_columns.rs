//! `identity.stitch` over columns says what it says of the same links as JSON.

#![cfg(feature = "customer")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::identifier::Identifier;
use stratum_cdp::identity::{Identities, IdentityPolicy, LinkType, Observation};
use stratum_core::Timestamp;
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

/// A row of events: when, how sure, and which identifiers, by column.
type Row = (i64, f64, [Option<u8>; 5]);

const TYPES: [&str; 5] = ["external_id", "email", "phone", "device_id", "anonymous_id"];

fn value(kind: usize, number: u8) -> String {
    match kind {
        1 => format!("person{number}@shop.test1"),
        2 => format!("+9655001{:04}", 2345 + u32::from(number)),
        _ => format!("id-{number}"),
    }
}

/// What resolving the rows one after the other gives: the cluster of each identifier, those that nobody holds by themselves.
fn streamed(policy: &IdentityPolicy, rows: &[Row]) -> BTreeSet<BTreeSet<String>> {
    let compiled = policy.compile().unwrap();
    let mut identities = Identities::new(compiled);
    let mut every = BTreeSet::new();
    for (number, (at, sure, named)) in rows.iter().enumerate() {
        let clean = |kind: usize, value: &str| {
            Identifier::clean(TYPES[kind].parse().unwrap(), value, identities.policy().cleaning()).unwrap()
        };
        let named: Vec<Identifier> =
            (0..5).filter_map(|kind| named[kind].map(|number| clean(kind, &value(kind, number)))).collect();
        every.extend(named.iter().map(|id| format!("{}:{}", id.kind(), id.value())));
        let evidence = if *sure < 0.9 { LinkType::Inferred } else { LinkType::Purchase };
        let at = Timestamp::from_millis(*at).unwrap();
        identities.observe(&Observation { evidence, ..Observation::new(&format!("e{number}"), at, &named) });
    }
    let mut people: BTreeSet<BTreeSet<String>> = identities
        .profiles()
        .into_iter()
        .map(|profile| profile.identifiers.iter().map(|label| label.as_str().to_owned()).collect())
        .collect();
    let held: BTreeSet<String> = people.iter().flatten().cloned().collect();
    people.extend(every.difference(&held).map(|id| BTreeSet::from([id.clone()])));
    people
}

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    let named = [Just(6_u8), Just(6), Just(5), Just(9), Just(14)]
        .map(|most| prop::option::weighted(0.4, most.prop_flat_map(|most| 0..most)));
    prop::collection::vec((0_i64..40 * 86_400_000, prop::sample::select(vec![1.0, 0.9, 0.5]), named), 1..60)
}

proptest! {
    #[test]
    fn a_frame_of_events_gives_what_resolving_its_rows_one_after_the_other_gives(
        rows in some_rows(),
        preset in prop::sample::select(vec!["strict", "standard"]),
        cut in 0_usize..60,
    ) {
        let rows: Vec<Row> =
            rows.into_iter().filter(|(_, _, named)| named.iter().any(Option::is_some)).collect();
        let policy: IdentityPolicy = serde_json::from_value(json!({"preset": preset})).unwrap();
        let (before, after) = rows.split_at(cut.min(rows.len()));
        let pieces = [before, after].map(|rows| {
            let columns: Vec<TextColumn> = (0..5)
                .map(|kind| rows.iter().map(|(.., named)| named[kind].map(|n| value(kind, n))).collect::<Vec<_>>())
                .map(|texts| texts.iter().map(|text| text.as_deref()).collect())
                .collect();
            let times: Vec<i64> = rows.iter().map(|row| row.0).collect();
            let sure: Vec<f64> = rows.iter().map(|row| row.1).collect();
            (columns, times, sure)
        });
        let pieces: Vec<Vec<(&str, Column<'_>)>> = pieces
            .iter()
            .map(|(columns, times, sure)| {
                let texts = TYPES.iter().zip(columns).map(|(&name, texts)| (name, Column::Texts(texts.as_texts())));
                let further = [("event_time", Column::Integers(times)), ("confidence", Column::Numbers(sure))];
                texts.chain(further).collect()
            })
            .collect();
        let answer = run(&json!({"identity": {"preset": preset}}), &pieces).unwrap();
        let identifiers = further(&answer, "identifiers");
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (identifier, cluster) in texts(identifiers, "identifier").into_iter().zip(texts(identifiers, "cluster")) {
            found.entry(cluster).or_default().insert(identifier);
        }
        let found: BTreeSet<BTreeSet<String>> = found.into_values().collect();
        prop_assert_eq!(&found, &streamed(&policy, &rows));
        let summary = integers(further(&answer, "summary"), "clusters");
        prop_assert_eq!(summary, vec![i64::try_from(found.len()).unwrap()]);
    }
}

#[test]
fn a_policy_that_says_only_what_a_cluster_may_hold_leaves_what_is_held_parted() {
    let emails: TextColumn = [Some("a@shop.test1"), Some("b@shop.test1")].into_iter().collect();
    let phones: TextColumn = [Some("+96550012345"), Some("+96550012345")].into_iter().collect();
    let family =
        [vec![("email", Column::Texts(emails.as_texts())), ("phone", Column::Texts(phones.as_texts()))]];
    let clusters = |policy: &Value| {
        let answer = run(policy, &family).unwrap();
        (integers(further(&answer, "summary"), "clusters"), texts(further(&answer, "held"), "cluster"))
    };
    // The phone is its first user's, unless nobody is asked.
    assert_eq!(clusters(&Value::Null), (vec![2], vec!["email:a@shop.test1".to_owned()]));
    assert_eq!(clusters(&json!({"min_confidence": 0.5})), (vec![3], vec!["email:a@shop.test1".to_owned()]));
    let refused = run(&json!({"identity": {"evidence_threshold": 2}}), &family).unwrap_err();
    assert_eq!(refused.iter().next().unwrap().path, "/policy/identity/evidence_threshold");
}

/// Families of three behind one phone, which a strict policy resolves event by event.
#[test]
fn resolving_what_is_held_can_be_called_off() {
    let rows = 12_000;
    let (mut emails, mut phones) = (TextColumn::default(), TextColumn::default());
    for row in 0..rows {
        emails.push(Some(&format!("p{row}@shop.test1")));
        phones.push(Some(&format!("+9655{:07}", 1_234 + row / 3)));
    }
    let mut columns = Columns::default();
    columns.insert(spec("email"), Column::Texts(emails.as_texts()));
    columns.insert(spec("phone"), Column::Texts(phones.as_texts()));
    let batch = stratum_ffi::find("identity.stitch").unwrap().batch.unwrap();
    let looks = std::cell::Cell::new(0);
    for patience in [1, usize::MAX] {
        looks.set(0);
        let tell = |done| {
            looks.set(looks.get() + usize::from(done == rows));
            if looks.get() > patience {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        };
        let pieces = [columns.clone()];
        let answer = batch.run("identity.stitch", &Value::Null, &pieces, &Progress::new(&tell));
        if patience == 1 {
            let problems = answer.unwrap_err();
            assert_eq!(problems.iter().next().unwrap().code, "cancelled");
        } else {
            assert!(answer.is_ok() && looks.get() >= 3, "{} looks", looks.get());
        }
    }
}

/// An event says as much as its name: what no event of its kind would join under the policy, a frame does not join.
#[test]
fn a_row_of_events_is_as_sure_as_an_event_of_its_name() {
    let emails: TextColumn = [Some("ann@shop.test1"), Some("bob@shop.test1")].into_iter().collect();
    let devices: TextColumn = [Some("d-1"), Some("d-2")].into_iter().collect();
    let names: TextColumn = [Some("PageView"), Some("Login")].into_iter().collect();
    let cautious = json!({"identity": {"evidence_threshold": 0.95}});
    let mut piece =
        vec![("email", Column::Texts(emails.as_texts())), ("device_id", Column::Texts(devices.as_texts()))];
    let clusters = |piece: &[(&str, Column<'_>)], policy: &Value| {
        let answer = run(policy, &[piece.to_vec()]).unwrap();
        let summary = further(&answer, "summary");
        (integers(summary, "clusters"), integers(summary, "weak_links"))
    };
    assert_eq!(clusters(&piece, &Value::Null), (vec![2], vec![0]));
    assert_eq!(clusters(&piece, &cautious), (vec![4], vec![2]));
    piece.push(("event_name", Column::Texts(names.as_texts())));
    assert_eq!(clusters(&piece, &cautious), (vec![3], vec![1]));
    // What a row says itself counts before that.
    piece.push(("confidence", Column::Numbers(&[0.97, 0.9])));
    assert_eq!(clusters(&piece, &cautious), (vec![3], vec![1]));
}

/// Whoever waits is asked by the rows that are gone through, not by those of them that are held.
#[test]
fn going_through_rows_of_which_few_are_held_can_be_called_off() {
    let rows = 40_000;
    let (mut emails, mut phones) = (TextColumn::default(), TextColumn::default());
    for row in 0..rows {
        emails.push(Some(&format!("p{row}@shop.test1")));
        // The first three share one.
        phones.push(Some(&format!("+9655{:07}", 1_234 + usize::max(row, 2))));
    }
    let mut columns = Columns::default();
    columns.insert(spec("email"), Column::Texts(emails.as_texts()));
    columns.insert(spec("phone"), Column::Texts(phones.as_texts()));
    let batch = stratum_ffi::find("identity.stitch").unwrap().batch.unwrap();
    let looks = std::cell::Cell::new(0);
    let tell = |done| {
        looks.set(looks.get() + usize::from(done == rows));
        std::ops::ControlFlow::Continue(())
    };
    batch.run("identity.stitch", &Value::Null, &[columns], &Progress::new(&tell)).unwrap();
    assert!(looks.get() >= rows / 4_096, "{} looks", looks.get());
}
