//! Time and chance are arguments: the libraries carry no crate that could read a clock or draw a random number, and
//! none that would reach for the host of a WASM module to do so.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use stratum_tests::workspace;

/// Crates that read clocks, draw random numbers, start a runtime or reach into JavaScript.
const CLOCK_OR_CHANCE: &[&str] = &[
    "ahash",
    "ctor",
    "fastrand",
    "getrandom",
    "iana-time-zone",
    "instant",
    "js-sys",
    "mio",
    "rand",
    "rand_core",
    "time",
    "tokio",
    "web-sys",
    "web-time",
];

/// What belongs to a binding and never to a library.
const OF_A_BINDING: &[&str] = &["arrow-array", "wasm-bindgen"];

/// The names of the crates that are compiled for WASM into what a package ships.
fn compiled_for_wasm(manifest: &Path, options: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--quiet", "--target", "wasm32-unknown-unknown", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}", "--manifest-path"])
        .arg(manifest)
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn found(crates: &[String], forbidden: &[&str]) -> Vec<String> {
    let mut found: Vec<String> =
        crates.iter().filter(|name| forbidden.contains(&name.as_str())).cloned().collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_three_libraries_carry_no_clock_and_no_chance() {
    for library in ["stratum-core", "stratum-cdp", "stratum-autopilot"] {
        for features in [&["--no-default-features"][..], &["--all-features"]] {
            let options: Vec<&str> =
                ["--locked", "--package", library].iter().chain(features).copied().collect();
            let crates = compiled_for_wasm(&workspace::root().join("Cargo.toml"), &options);
            assert!(crates.iter().any(|name| name == library), "cargo tree did not answer for {library}");
            assert_eq!(found(&crates, CLOCK_OR_CHANCE), Vec::<String>::new(), "{library} {features:?}");
            assert_eq!(found(&crates, OF_A_BINDING), Vec::<String>::new(), "{library} {features:?}");
        }
    }
}

#[test]
fn the_table_of_operations_carries_no_clock_and_no_chance() {
    let crates = compiled_for_wasm(
        &workspace::root().join("Cargo.toml"),
        &["--locked", "--package", "stratum-ffi", "--all-features"],
    );
    assert_eq!(found(&crates, CLOCK_OR_CHANCE), Vec::<String>::new());
}

/// The package is called through `wasm-bindgen` and reaches into JavaScript for nothing but the last words of a panic.
#[test]
fn the_package_for_browsers_carries_no_clock_and_no_chance() {
    let crates = compiled_for_wasm(
        &workspace::root().join("Cargo.toml"),
        &["--locked", "--package", "stratum-wasm", "--all-features"],
    );
    assert!(crates.iter().any(|name| name == "wasm-bindgen"), "cargo tree did not answer for the package");
    assert_eq!(found(&crates, CLOCK_OR_CHANCE), Vec::<String>::new());
    assert_eq!(found(&crates, &["arrow-array", "schemars"]), Vec::<String>::new());
}

#[test]
fn the_small_package_for_browsers_leaves_the_customer_out() {
    let manifest = workspace::root().join("Cargo.toml");
    let knows_the_customer = |options: &[&str]| {
        let about = ["--locked", "--package", "stratum-wasm"];
        let crates = compiled_for_wasm(&manifest, &[&about, options].concat());
        assert!(crates.iter().any(|name| name == "stratum-autopilot"), "cargo tree did not answer");
        crates.iter().any(|name| name == "stratum-cdp" || name.starts_with("unicode-normalization"))
    };
    assert!(!knows_the_customer(&[]));
    assert!(knows_the_customer(&["--features", "customer"]));
}

/// The control: chrono with its clock is exactly the accident that the tests above are for, and they would see it.
#[test]
fn a_clock_would_be_found() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("with-a-clock");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    // With our own lock file the control needs no network and looks at the versions that we use.
    fs::copy(workspace::root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let manifest = folder.join("Cargo.toml");
    let chrono = r#"version = "*", default-features = false, features = ["clock", "wasmbind"]"#;
    fs::write(
        &manifest,
        format!("[package]\nname = \"with-a-clock\"\nedition = \"2024\"\n\n[dependencies]\nchrono = {{ {chrono} }}\n\n[workspace]\n"),
    )
    .unwrap();
    let crates = compiled_for_wasm(&manifest, &["--offline"]);
    assert!(found(&crates, CLOCK_OR_CHANCE).contains(&"js-sys".to_owned()), "{crates:?}");
    assert!(found(&crates, OF_A_BINDING).contains(&"wasm-bindgen".to_owned()), "{crates:?}");
}
