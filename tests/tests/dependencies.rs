//! The dependency rules of the workspace: edges point one way, and a new edge is a decision, not an accident.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::MetadataCommand;

type Graph = BTreeMap<String, BTreeSet<String>>;

const CORE: &str = "stratum-core";
const CDP: &str = "stratum-cdp";
const AUTOPILOT: &str = "stratum-autopilot";
const FFI: &str = "stratum-ffi";
const SERVER: &str = "stratum-server";

/// What each package may know of the others; a package that is not named here may not exist.
const MAY_KNOW: &[(&str, &[&str])] = &[
    (CORE, &[]),
    (CDP, &[CORE]),
    (AUTOPILOT, &[CORE]),
    (FFI, &[CORE, CDP, AUTOPILOT]),
    // A binding only converts, so the table of operations is all that it needs to see.
    ("stratum-node", &[FFI]),
    ("stratum-python", &[FFI]),
    ("stratum-wasm", &[FFI]),
    ("stratum-uniffi", &[FFI]),
    // The server stands beside the bindings, not on top of them.
    (SERVER, &[CORE, CDP, AUTOPILOT]),
    // Unpublished packages that nobody depends on.
    ("stratum-examples", &[CORE, CDP, AUTOPILOT]),
    ("stratum-benches", &[CORE, CDP, AUTOPILOT, FFI, SERVER]),
    // The tests try on a few generated people what the benches try on many.
    ("stratum-tests", &[CORE, CDP, AUTOPILOT, FFI, "stratum-benches"]),
    ("xtask", &[FFI]),
];

/// The edges between packages of this workspace, of every kind: a test that needs a forbidden neighbour is in the
/// wrong package.
fn workspace_graph() -> Graph {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let members: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    metadata
        .packages
        .iter()
        .map(|package| {
            let known = package.dependencies.iter().map(|dependency| dependency.name.clone());
            (package.name.to_string(), known.filter(|name| members.contains(name.as_str())).collect())
        })
        .collect()
}

fn violations(graph: &Graph) -> Vec<String> {
    let rules: BTreeMap<&str, &[&str]> = MAY_KNOW.iter().copied().collect();
    let mut found = Vec::new();
    for (package, known) in graph {
        match rules.get(package.as_str()) {
            None => found.push(format!("{package} has no rule")),
            Some(allowed) => found.extend(
                known
                    .iter()
                    .filter(|name| !allowed.contains(&name.as_str()))
                    .map(|name| format!("{package} may not know {name}")),
            ),
        }
    }
    found
}

#[test]
fn dependencies_point_one_way() {
    assert_eq!(violations(&workspace_graph()), Vec::<String>::new());
}

#[test]
fn every_rule_is_about_a_package_that_exists() {
    let graph = workspace_graph();
    let gone: Vec<_> = MAY_KNOW.iter().filter(|(package, _)| !graph.contains_key(*package)).collect();
    assert!(gone.is_empty(), "rules for packages that do not exist: {gone:?}");
}

#[test]
fn an_edge_that_the_rules_do_not_name_is_found() {
    let real = workspace_graph();
    for (from, allowed) in MAY_KNOW {
        for (to, _) in MAY_KNOW.iter().filter(|(to, _)| !allowed.contains(to)) {
            let mut doctored = real.clone();
            doctored.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            assert_eq!(violations(&doctored), [format!("{from} may not know {to}")]);
        }
    }
}

#[test]
fn a_package_without_a_rule_is_found() {
    let mut doctored = workspace_graph();
    doctored.insert("stratum-helpers".to_owned(), BTreeSet::new());
    assert_eq!(violations(&doctored), ["stratum-helpers has no rule"]);
}
