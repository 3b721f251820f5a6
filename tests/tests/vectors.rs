//! The project's vectors pass, and the program that runs them can fail.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use stratum_tests::vectors::{self, Tally};
use stratum_tests::workspace;

fn folder() -> PathBuf {
    workspace::root().join("tests/vectors")
}

/// The files in the project's own format.
fn operations() -> BTreeMap<PathBuf, Value> {
    let all = workspace::files(&[".json"]).unwrap().into_iter().filter(|file| file.starts_with(folder()));
    all.map(|file| {
        let content: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        (file, content)
    })
    .filter(|(file, content)| content.get("operation").is_some() && !file.ends_with("schema.json"))
    .collect()
}

/// One vector file in a folder of its own, run.
fn run(folder: &str, name: &str, content: &str) -> Tally {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join(folder)).unwrap();
    fs::write(root.path().join(folder).join(name), content).unwrap();
    vectors::run(&[root.path().to_path_buf()], |_, _| ()).unwrap()
}

#[test]
fn every_vector_of_the_project_passes() {
    let total = vectors::run(&[folder()], |_, _| ()).unwrap();
    assert_eq!(total.failures, Vec::<String>::new());
    assert!(total.passed > 1_700, "{} cases", total.passed);
}

#[test]
fn the_vectors_of_the_operations_follow_their_schema_and_no_name_stands_twice() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(folder().join("schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut cases = 0;
    for (file, content) in operations() {
        let errors: Vec<String> = validator
            .iter_errors(&content)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", file.display());
        let list = content["cases"].as_array().unwrap();
        let names: BTreeSet<&str> = list.iter().filter_map(|case| case["name"].as_str()).collect();
        assert_eq!(names.len(), list.len(), "{}", file.display());
        cases += list.len();
    }
    assert!(cases >= 300, "{cases} cases");
}

#[test]
fn a_case_without_an_expectation_does_not_follow_the_schema() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(folder().join("schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let file = |case: Value| json!({"source": "s", "operation": "gate.evaluate", "cases": [case]});
    assert!(validator.is_valid(&file(json!({"name": "n", "request": {}, "expect": {}}))));
    assert!(!validator.is_valid(&file(json!({"name": "n", "request": {}}))));
    assert!(
        !validator.is_valid(&file(json!({"name": "n", "request": {}, "expect": {}, "expect_problems": []})))
    );
}

#[test]
fn a_number_that_is_off_by_the_last_bit_fails() {
    let (_, content) =
        operations().into_iter().find(|(_, content)| content["operation"] == "health.evaluate").unwrap();
    let mut cases = content["cases"].as_array().unwrap().clone();
    let case = cases.iter_mut().find(|case| case["expect"]["score"].as_f64() == Some(60.5)).unwrap();
    case["expect"]["score"] = json!(60.500_000_000_000_01);
    let expected = cases.len() - 1;
    let tally = run(
        "operations",
        "health.json",
        &json!({"operation": "health.evaluate", "cases": cases}).to_string(),
    );
    assert_eq!((tally.passed, tally.failures.len()), (expected, 1));
    assert!(
        tally.failures[0].contains("/score is 60.5, expected 60.50000000000001"),
        "{}",
        tally.failures[0]
    );
}

#[test]
fn a_problem_too_few_or_too_many_fails() {
    let file = |problems: Value| {
        json!({"operation": "health.evaluate", "cases": [{"name": "n", "request": {}, "expect_problems": problems}]})
            .to_string()
    };
    let missing = json!({"path": "/facts", "code": "missing_field"});
    assert_eq!(run("a", "b.json", &file(json!([missing]))), Tally { passed: 1, failures: Vec::new() });
    assert_eq!(run("a", "b.json", &file(json!([missing, missing]))).failures.len(), 1);
    assert_eq!(run("a", "b.json", &file(json!([]))).failures.len(), 1);
}

#[test]
fn a_file_that_nothing_knows_and_one_that_is_no_json_fail_and_other_files_are_left_alone() {
    assert!(run("cdp", "horoscope.json", "{}").failures[0].ends_with("nothing here knows this file"));
    assert_eq!(run("cdp", "email.json", "{").failures.len(), 1);
    assert_eq!(
        run(
            "operations",
            "a.json",
            r#"{"operation": "gate.guess", "cases": [{"name": "n", "request": {}, "expect": {}}]}"#
        )
        .failures
        .len(),
        1
    );
    for name in ["README.md", "NAB-LICENSE.txt", "schema.json"] {
        assert_eq!(run("analytics", name, "read me"), Tally::default());
    }
}
