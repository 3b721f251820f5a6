//! The house rules that a compiler does not check.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by a panic"
)]

use std::fs;
use std::path::Path;

use cargo_metadata::MetadataCommand;
use stratum_tests::workspace;
use toml::{Table, Value};

const SOURCES: &[&str] = &[".rs", ".py", ".ts", ".tsx", ".css", ".cts", ".mts", ".js", ".cjs", ".mjs"];
const TEXTS: &[&str] = &[
    ".rs",
    ".py",
    ".pyi",
    ".ts",
    ".tsx",
    ".cts",
    ".mts",
    ".js",
    ".cjs",
    ".mjs",
    ".md",
    ".toml",
    ".yml",
    ".sql",
    ".sh",
    "Makefile",
    "run",
    "need-postgres",
];

/// The lines of the files for which a test says that they break a rule, as `path:line: text`.
fn offending_lines(extensions: &[&str], breaks_the_rule: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in workspace::files(extensions).unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        let name = shown(&file);
        let lines = text.lines().enumerate().filter(|(_, line)| breaks_the_rule(line));
        found.extend(lines.map(|(number, line)| format!("{name}:{}: {}", number + 1, line.trim())));
    }
    found
}

fn shown(file: &Path) -> String {
    file.strip_prefix(workspace::root()).unwrap_or(file).display().to_string()
}

fn nothing() -> Vec<String> {
    Vec::new()
}

#[test]
fn a_file_is_read_in_one_sitting() {
    let too_long: Vec<String> = workspace::files(SOURCES)
        .unwrap()
        .into_iter()
        .filter_map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let lines = text.lines().count();
            // Nobody reads or edits what the generator wrote.
            let written_by_people = !text.starts_with("# @generated") && !text.starts_with("// @generated");
            (lines > 500 && written_by_people).then(|| format!("{}: {lines} lines", shown(&file)))
        })
        .collect();
    assert_eq!(too_long, nothing(), "past 500 lines a file has two subjects");
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    // Put together here, so that this file does not name what it looks for.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("HA", "CK"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[ig", "nore"),
        concat!("mark.", "skip("),
        concat!(".sk", "ip(\""),
        concat!("sk", "ip: true"),
    ];
    let unfinished = |line: &str| marks.iter().any(|mark| holds_the_word(line, mark));
    assert_eq!(offending_lines(SOURCES, unfinished), nothing());
}

/// Whether the mark stands in the line as a word of its own, not as a part of a longer one.
fn holds_the_word(line: &str, mark: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    let needs_an_end = mark.ends_with(part_of_a_word);
    line.match_indices(mark).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + mark.len()..].chars().next();
        let begins = !mark.starts_with(part_of_a_word) || !before.is_some_and(part_of_a_word);
        begins && !(needs_an_end && after.is_some_and(part_of_a_word))
    })
}

#[test]
fn no_file_names_a_folder_of_the_machine_that_it_was_written_on() {
    let root = workspace::root().display().to_string();
    let homes = [concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/")];
    let names_a_machine = |line: &str| {
        // A checkout directly below `/` has a name too short to tell from a part of a path in the tree.
        (root.matches('/').count() > 1 && line.contains(&root))
            || homes.iter().any(|home| starts_a_path(line, home))
    };
    assert_eq!(offending_lines(TEXTS, names_a_machine), nothing());
}

/// Whether an absolute path begins with this folder, which the same name in the middle of a path does not.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        !line[..start].ends_with(|before: char| before.is_alphanumeric() || "._-}$~".contains(before))
    })
}

/// The manifests of the packages in the workspace.
fn manifests() -> Vec<(String, Table)> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let mut manifests: Vec<(String, Table)> = metadata
        .packages
        .iter()
        .map(|package| {
            let text = fs::read_to_string(&package.manifest_path).unwrap();
            (package.name.to_string(), text.parse().unwrap())
        })
        .collect();
    manifests.sort_by(|a, b| a.0.cmp(&b.0));
    manifests
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[test]
fn every_package_inherits_the_lints_of_the_workspace() {
    let without: Vec<String> = manifests()
        .into_iter()
        .filter(|(_, manifest)| !inherits(manifest.get("lints")))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(without, nothing());
}

#[test]
fn every_package_inherits_its_edition_and_licence_and_is_not_published_by_accident() {
    let mut without = nothing();
    for (name, manifest) in manifests() {
        let package = manifest.get("package");
        for key in ["version", "edition", "license", "publish"] {
            if !inherits(package.and_then(|package| package.get(key))) {
                without.push(format!("{name}: {key}"));
            }
        }
    }
    assert_eq!(without, nothing());
}

#[test]
fn the_version_of_a_dependency_stands_in_the_root_alone() {
    let mut own = nothing();
    for (name, manifest) in manifests() {
        for (section, dependencies) in dependency_sections(&manifest) {
            let Some(dependencies) = dependencies.as_table() else { continue };
            own.extend(
                dependencies
                    .iter()
                    .filter(|(_, dependency)| !inherits(Some(dependency)))
                    .map(|(dependency, _)| format!("{name}: {section}.{dependency}")),
            );
        }
    }
    assert_eq!(own, nothing());
}

/// Every table of dependencies, those for one target among them.
fn dependency_sections(manifest: &Table) -> Vec<(String, &Value)> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(target, table)| Some((format!("{target}."), table.as_table()?)));
    let mut sections = Vec::new();
    for (prefix, table) in tables.chain([(String::new(), manifest)]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            sections.extend(table.get(kind).map(|section| (format!("{prefix}{kind}"), section)));
        }
    }
    sections
}

#[test]
fn forbidden_words_and_paths_are_recognised() {
    let mark = concat!("TO", "DO");
    assert!(holds_the_word(&format!("// {mark}: later"), mark));
    assert!(!holds_the_word(&format!("ADAP{mark}S"), mark));
    let home = concat!("/ho", "me/");
    assert!(starts_a_path(&format!("see {home}ada/notes"), home));
    assert!(!starts_a_path(&format!("docs{home}page"), home));
}
