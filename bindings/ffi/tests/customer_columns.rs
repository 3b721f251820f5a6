//! Predictions, lifetime values, purchases and fields of persons over columns say what the calls say, and what is wrong with
//! which row.

#![cfg(feature = "customer")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

use serde_json::{Map, Value, json};
use stratum_ffi::batch::{
    Answer, Column, ColumnKind, Columns, NO_CODE, NO_INTEGER, Output, Progress, Table, TextColumn,
};
use stratum_ffi::stratum_core::problem::Problems;
use stratum_ffi::{call_value, find};

/// A column of rows, as its kind wants it.
enum Given {
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    Texts(TextColumn),
}

fn column(kind: ColumnKind, rows: &[Value], name: &str) -> Given {
    match kind {
        ColumnKind::Number => {
            Given::Numbers(rows.iter().map(|row| row[name].as_f64().unwrap_or(f64::NAN)).collect())
        }
        ColumnKind::Integer => {
            Given::Integers(rows.iter().map(|row| row[name].as_i64().unwrap_or(NO_INTEGER)).collect())
        }
        _ => Given::Texts(rows.iter().map(|row| row[name].as_str()).collect()),
    }
}

/// Runs an operation over rows, so many of them in a piece.
fn run(operation: &str, policy: &Value, rows: &[Value], at_once: usize) -> Result<Answer, Problems> {
    let batch = find(operation).unwrap().batch.unwrap();
    let has = |name: &str| rows.iter().any(|row| row.get(name).is_some());
    let given: Vec<Vec<(usize, Given)>> = rows
        .chunks(at_once)
        .map(|rows| {
            let specs = batch.columns.iter().enumerate().filter(|(_, spec)| has(&spec.name));
            specs.map(|(place, spec)| (place, column(spec.kind, rows, &spec.name))).collect()
        })
        .collect();
    let pieces: Vec<Columns<'_>> = given
        .iter()
        .map(|given| {
            let mut columns = Columns::default();
            for (place, column) in given {
                columns.insert(
                    &batch.columns[*place],
                    match column {
                        Given::Numbers(values) => Column::Numbers(values),
                        Given::Integers(values) => Column::Integers(values),
                        Given::Texts(texts) => Column::Texts(texts.as_texts()),
                    },
                );
            }
            columns
        })
        .collect();
    batch.run(operation, policy, &pieces, &Progress::silent())
}

fn cell(column: &Output, row: usize) -> Value {
    match column {
        Output::Numbers(values) => json!(values[row]),
        Output::Integers(values) => json!(Some(values[row]).filter(|&value| value != NO_INTEGER)),
        Output::Texts(texts) => json!(texts.get(row)),
        Output::Codes(codes, words) => match codes[row] {
            NO_CODE => Value::Null,
            code => json!((words.names)()[usize::from(code)]),
        },
        Output::Flags(flags) => json!(flags[row] == 1),
        other => panic!("{other:?} is none of these columns"),
    }
}

fn rows_of(table: &Table) -> Vec<Value> {
    let row = |row: usize| {
        let cells = table.0.iter().map(|(name, column)| (name.clone().into_owned(), cell(column, row)));
        Value::Object(cells.collect::<Map<String, Value>>())
    };
    (0..table.rows()).map(|place| floats(&row(place))).collect()
}

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// The same with every number as a float: JSON writes a whole one in two ways.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(values) => values.iter().map(floats).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), floats(value))).collect())
        }
        other => other.clone(),
    }
}

fn without(request: &Value, field: &str) -> Value {
    let mut rest = request.clone();
    rest.as_object_mut().unwrap().remove(field);
    rest
}

fn told(problems: &Problems) -> Vec<(&str, &str)> {
    problems.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect()
}

#[test]
fn predictions_over_columns_are_those_of_the_vectors() {
    let mut tried = 0;
    for case in cases(include_str!("../../../tests/vectors/operations/prediction_evaluate.json")) {
        let customers = case["request"]["customers"].as_array().unwrap();
        if case.get("expect").is_none() || customers.is_empty() {
            continue;
        }
        let policy = without(&case["request"], "customers");
        let found = rows_of(&run("prediction.evaluate", &policy, customers, 7).unwrap().table);
        for (found, expected) in found.iter().zip(case["expect"]["customers"].as_array().unwrap()) {
            let nobody = expected.is_null();
            assert!(
                *found == floats(expected)
                    || nobody && found.as_object().unwrap().values().all(Value::is_null),
                "{}: {found} is not {expected}",
                case["name"]
            );
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried} customers");
}

/// A customer in the words of the columns.
fn in_columns(customer: &Value) -> Value {
    json!({
        "frequency": customer["x"], "recency": customer["t_x"], "T": customer["T"],
        "monetary_value": customer["m"],
    })
}

#[test]
fn lifetime_values_over_columns_are_those_of_the_vectors() {
    let mut tried = 0;
    for case in cases(include_str!("../../../tests/vectors/operations/clv_predict.json")) {
        let Some(expected) = case.get("expect") else { continue };
        let customers = case["request"]["customers"].as_array().unwrap();
        let rows: Vec<Value> = customers.iter().map(in_columns).collect();
        let answer = run("clv.predict", &without(&case["request"], "customers"), &rows, 3).unwrap();
        for (found, expected) in rows_of(&answer.table).iter().zip(expected["customers"].as_array().unwrap())
        {
            for name in ["clv", "expected_average"] {
                assert_eq!(found[name], floats(&expected[name]), "{name} of {}", case["name"]);
            }
            tried += 1;
        }
    }
    assert!(tried > 80, "{tried} customers");
}

/// The sample of CDNOW, with the amounts of those who came back.
fn cdnow() -> Vec<Value> {
    let input = |text: &str| cases(text).into_iter().find(|case| case["name"] == "fit_cdnow").unwrap();
    let bought = input(include_str!("../../../tests/vectors/analytics/bgnbd.json"))["input"].clone();
    let spent = input(include_str!("../../../tests/vectors/analytics/gamma_gamma_clv.json"))["input"].clone();
    let mut amounts = spent["m"].as_array().unwrap().iter();
    let of = |name: &str| bought[name].as_array().unwrap().clone();
    let rows = of("x").into_iter().zip(of("t_x")).zip(of("T"));
    rows.map(|((x, t_x), age)| {
        let m = if x == 0 { Value::Null } else { amounts.next().unwrap().clone() };
        json!({"x": x, "t_x": t_x, "T": age, "m": m})
    })
    .collect()
}

fn table<'a>(answer: &'a Answer, name: &str) -> &'a Table {
    &answer.further.iter().find(|(known, _)| *known == name).unwrap().1
}

/// The fit and what it says of each customer are those of the four calls one after the other; and those of the vectors.
#[test]
fn models_that_are_fitted_to_columns_are_those_of_the_calls() {
    let customers = cdnow();
    let rows: Vec<Value> = customers.iter().map(in_columns).collect();
    let policy =
        json!({"months": 12, "monthly_discount": 0.01, "periods_per_month": 4.345, "confidence": 0.9});
    let answer = run("clv.predict", &policy, &rows, 500).unwrap();
    let parameters = rows_of(table(&answer, "parameters"));
    let value = |model: &str, name: &str| {
        let row = parameters.iter().find(|row| row["model"] == model && row["parameter"] == name).unwrap();
        (row["value"].clone(), json!({"low": row["value_low"], "high": row["value_high"]}))
    };
    let all = |name: &str| customers.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    let amounts: Vec<Value> = all("m").into_iter().map(|m| if m.is_null() { json!(0) } else { m }).collect();
    let histories = json!({"x": all("x"), "t_x": all("t_x"), "T": all("T"), "confidence": 0.9});
    let bgnbd = call_value("bgnbd.fit", &histories).unwrap();
    let spent = json!({"x": all("x"), "m": amounts, "confidence": 0.9});
    let gamma_gamma = call_value("gamma_gamma.fit", &spent).unwrap();
    for (model, fit, names) in
        [("bgnbd", &bgnbd, &["r", "alpha", "a", "b"][..]), ("gamma_gamma", &gamma_gamma, &["p", "q", "v"])]
    {
        for &name in names {
            assert_eq!(value(model, name), (fit["params"][name].clone(), fit["intervals"][name].clone()));
        }
    }
    // Fader, Hardie and Lee (2005), table 2; lifetimes 0.11.3 for the rest, as the vectors say.
    let near =
        |(found, _): (Value, Value), expected: f64| (found.as_f64().unwrap() / expected - 1.0).abs() < 0.005;
    assert!(near(value("bgnbd", "r"), 0.242_593) && near(value("bgnbd", "alpha"), 4.413_532));
    assert!(near(value("gamma_gamma", "p"), 6.248_802) && near(value("gamma_gamma", "v"), 15.447_751));
    let fits = rows_of(table(&answer, "fits"));
    assert_eq!(fits.iter().map(|fit| fit["converged"].clone()).collect::<Vec<_>>(), [true, true]);
    assert!((fits[0]["log_likelihood"].as_f64().unwrap() + 9_582.425_56).abs() < 0.005);

    let asked = json!({
        "bgnbd": bgnbd["params"], "gamma_gamma": gamma_gamma["params"],
        "bgnbd_covariance": bgnbd["covariance"], "gamma_gamma_covariance": gamma_gamma["covariance"],
        "confidence": 0.9, "months": 12, "monthly_discount": 0.01, "periods_per_month": 4.345,
    });
    let some: Vec<Value> = customers
        .iter()
        .step_by(37)
        .map(|row| {
            let mut row = row.clone();
            row["m"] = json!(row["m"].as_f64().unwrap_or_default());
            row
        })
        .collect();
    let mut request = asked.clone();
    request["customers"] = json!(some);
    let values = call_value("clv.predict", &request).unwrap();
    let customers: Vec<Value> = some.iter().map(|row| without(row, "m")).collect();
    let purchases = call_value(
        "bgnbd.predict",
        &json!({
            "params": bgnbd["params"], "covariance": bgnbd["covariance"], "confidence": 0.9, "t": [12.0 * 4.345],
            "customers": customers,
        }),
    )
    .unwrap();
    let found = rows_of(&answer.table);
    for (place, found) in found.iter().step_by(37).enumerate() {
        let (bought, worth) = (&purchases["customers"][place], &values["customers"][place]);
        let interval =
            |name: &str| json!({"low": found[format!("{name}_low")], "high": found[format!("{name}_high")]});
        assert_eq!(
            (&found["p_alive"], interval("p_alive")),
            (&bought["p_alive"], bought["p_alive_interval"].clone())
        );
        assert_eq!(
            (&found["expected_purchases"], interval("expected_purchases")),
            (&bought["expected"][0], bought["expected_intervals"][0].clone())
        );
        for name in ["clv", "expected_average"] {
            assert_eq!(
                (&found[name], interval(name)),
                (&worth[name], worth[format!("{name}_interval")].clone())
            );
        }
    }
    // Given again, the models say the same.
    assert_eq!(rows_of(&run("clv.predict", &asked, &rows, 2_357).unwrap().table), found);
    let quick = run(
        "clv.predict",
        &json!({"bgnbd": bgnbd["params"], "confidence": null, "months": 12, "periods_per_month": 4.345}),
        &rows,
        900,
    );
    assert_eq!(quick.unwrap().table.0.len(), 4);
}

#[test]
fn what_is_wrong_with_customers_is_said_of_every_column_and_row_at_once() {
    let row = |x: Value, t_x: Value, age: Value, m: Value| {
        in_columns(&json!({"x": x, "t_x": t_x, "T": age, "m": m}))
    };
    let rows = [
        row(json!(1), json!(2.0), json!(5.0), json!(10.0)),
        row(json!(-1), json!(2.0), json!(5.0), json!(10.0)),
        row(json!(null), json!(2.0), json!(5.0), json!(10.0)),
        row(json!(1), json!(9.0), json!(5.0), json!(10.0)),
        row(json!(0), json!(0.0), json!(null), json!(null)),
        row(json!(2), json!(3.0), json!(5.0), json!(null)),
        row(json!(2), json!(3.0), json!(5.0), json!(-1.0)),
    ];
    let policy =
        json!({"months": 0, "periods_per_month": 4.345, "gamma_gamma_covariance": [[0,0,0],[0,0,0],[0,0,0]]});
    let refused = run("clv.predict", &policy, &rows, 2).unwrap_err();
    assert_eq!(
        told(&refused),
        [
            ("/policy/gamma_gamma_covariance", "not_allowed_here"),
            ("/policy/months", "out_of_range"),
            ("/frequency/1", "out_of_range"),
            ("/frequency/2", "missing_value"),
            ("/recency/3", "out_of_range"),
            ("/T/4", "missing_value"),
            ("/monetary_value/5", "missing_value"),
            ("/monetary_value/6", "out_of_range"),
        ]
    );
    // What only a fit sees.
    let free = [row(json!(1), json!(2.0), json!(5.0), json!(0.0)), rows[0].clone()];
    let refused =
        run("clv.predict", &json!({"months": 1, "periods_per_month": 4.345}), &free, 1).unwrap_err();
    assert_eq!(told(&refused), [("/monetary_value/0", "out_of_range")]);

    let rows = [
        json!({"purchases": 2, "days_since_last_purchase": -1.0, "revenue_cents": 5}),
        json!({"purchases": 0, "days_since_last_purchase": null, "revenue_cents": null}),
        json!({"purchases": 2, "days_since_last_purchase": null, "revenue_cents": null}),
        json!({"purchases": -2, "days_since_last_purchase": 1.0, "revenue_cents": 5}),
    ];
    let policy = json!({"base": {"median_gap_days": -1}});
    let refused = run("prediction.evaluate", &policy, &rows, 3).unwrap_err();
    assert_eq!(
        told(&refused),
        [
            ("/policy/base/median_gap_days", "out_of_range"),
            ("/days_since_last_purchase/0", "out_of_range"),
            ("/days_since_last_purchase/2", "missing_value"),
            ("/revenue_cents/2", "missing_value"),
            ("/purchases/3", "out_of_range"),
        ]
    );
    let many = vec![json!({"purchases": null, "days_since_last_purchase": 1.0, "revenue_cents": 5}); 500];
    assert_eq!(run("prediction.evaluate", &Value::Null, &many, 100).unwrap_err().len(), 10);
}

#[test]
fn purchases_over_columns_come_to_what_the_vectors_say() {
    let mut tried = 0;
    for case in cases(include_str!("../../../tests/vectors/operations/rfm_aggregate.json")) {
        let request = &case["request"];
        if request.get("states").is_some() || case.get("expect").is_none() {
            continue;
        }
        let purchases = request["purchases"].as_array().unwrap();
        let mut rows = purchases.clone();
        rows.iter_mut().for_each(|row| row["refunded_cents"] = json!(row["refunded_cents"].as_i64()));
        let policy = json!({"now": request["now"], "window_days": request["window_days"]});
        let answer = run("rfm.aggregate", &policy, &rows, 5);
        if rows.is_empty() {
            continue;
        }
        let mut found = rows_of(&answer.unwrap().table);
        found.sort_by_key(|row| row["customer_id"].as_str().unwrap().to_owned());
        let ids: Vec<Value> = found.iter().map(|row| row["customer_id"].clone()).collect();
        assert_eq!(json!(ids), case["expect"]["customer_ids"], "{}", case["name"]);
        let figures: Vec<Value> = found.iter().map(|row| without(row, "customer_id")).collect();
        assert_eq!(json!(figures), floats(&case["expect"]["customers"]), "{}", case["name"]);
        tried += figures.len();
    }
    assert!(tried > 8, "{tried} customers");
}

#[test]
fn what_is_wrong_with_purchases_is_said_of_every_column_and_row_at_once() {
    let rows = [
        json!({"customer_id": "a", "at": "2026-01-10T00:00:00Z", "amount_cents": 1, "refunded_cents": -1}),
        json!({"customer_id": "b", "at": null, "amount_cents": i64::MAX, "refunded_cents": null}),
        json!({"customer_id": "b", "at": "2026-01-10T00:00:00Z", "amount_cents": i64::MAX, "refunded_cents": null}),
        json!({"customer_id": null, "at": "2026-01-10T00:00:00Z", "amount_cents": null, "refunded_cents": null}),
    ];
    let refused = run("rfm.aggregate", &json!({"now": "2026-03-01T00:00:00Z", "window_days": 7}), &rows, 2)
        .unwrap_err();
    assert_eq!(
        told(&refused),
        [
            ("/policy/window_days", "out_of_range"),
            ("/refunded_cents/0", "out_of_range"),
            ("/at/1", "missing_value"),
            ("/customer_id/3", "missing_value"),
            ("/amount_cents/2", "amount_too_large"),
            ("/amount_cents/3", "missing_value"),
        ]
    );
    // The row is counted over all pieces, and what else is wrong is said too.
    let soon = [rows[0].clone(), json!({"customer_id": "a", "at": "soon", "amount_cents": 1})];
    let refused = run("rfm.aggregate", &json!({"now": "2026-03-01T00:00:00Z"}), &soon, 1).unwrap_err();
    assert_eq!(told(&refused), [("/at/1", "invalid_timestamp")]);
}

const FIELDS: [&str; 8] =
    ["first_name", "last_name", "city", "state", "zip", "country", "date_of_birth", "gender"];

#[test]
fn fields_of_persons_over_columns_are_normalised_as_the_vectors_say() {
    let requests: Vec<Value> = cases(include_str!("../../../tests/vectors/operations/person_normalize.json"))
        .into_iter()
        .filter(|case| case.get("expect").is_some() && case["request"].get("latest_birth").is_none())
        .map(|case| case["request"].clone())
        .collect();
    let policy = json!({"platforms": ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"]});
    for operation in ["person.normalize", "identifier.normalize"] {
        let found = rows_of(&run(operation, &policy, &requests, 100).unwrap().table);
        assert_eq!(found.len(), requests.len());
        for (found, request) in found.iter().zip(&requests) {
            let called = call_value("person.normalize", request).unwrap();
            for field in FIELDS {
                let forms = &called[field];
                assert_eq!(found[field], forms["meta"], "{field} of {request}");
                for platform in ["meta", "google", "tiktok", "snapchat"] {
                    let expected = &forms["platforms"][platform]["value"];
                    assert_eq!(&found[format!("{field}_{platform}")], expected, "{field} of {request}");
                }
                let nothing = !forms.is_null()
                    && forms["meta"].is_null()
                    && forms["google"].is_null()
                    && forms["already_hashed"] == false;
                assert_eq!(found[format!("{field}_refusal")], json!(nothing.then_some("nothing_usable")));
            }
        }
    }
}

#[test]
fn a_field_that_is_too_long_is_not_looked_at_and_births_end_on_the_day_that_is_given() {
    let long = "é".repeat(513);
    let rows = [
        json!({"city": long, "date_of_birth": "2026-06-01"}),
        json!({"city": "é".repeat(512), "date_of_birth": "2026-06-02"}),
    ];
    let found =
        rows_of(&run("person.normalize", &json!({"latest_birth": "2026-06-01"}), &rows, 2).unwrap().table);
    assert_eq!((&found[0]["city"], &found[0]["city_refusal"]), (&Value::Null, &json!("too_long")));
    assert_eq!(found[1]["city_refusal"], Value::Null);
    assert_eq!((&found[0]["date_of_birth"], &found[1]["date_of_birth"]), (&json!("20260601"), &Value::Null));
}
