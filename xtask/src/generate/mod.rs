//! The files that are made from the table of operations: written by `xtask generate`, held fresh by `--check`.
//!
//! Nobody edits a generated file. A change to a request or response type shows itself as a stale file, so the JSON
//! Schema and the typed stubs never say something that the code does not.

mod document;
mod hot;
mod models;
mod python;
mod records;
mod requests;
mod typescript;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

/// A generated file: where it stands, from the root of the workspace, and what must be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Artifact {
    pub(crate) path: &'static str,
    pub(crate) contents: String,
}

/// Every generated file of the tree.
fn artifacts() -> Result<Vec<Artifact>> {
    let document = stratum_ffi::schema::build();
    let file = |path, contents| Artifact { path, contents };
    let decide = stratum_ffi::schema::build_without_customer();
    let typescript = typescript::types(&document)?;
    // The facts of an event are scored in the small module too, whose operations do not name what that answers.
    let mut decide_types = decide.clone();
    if let (Some(band), Some(definitions)) = (
        document.pointer("/$defs/EmqBand"),
        decide_types.get_mut("$defs").and_then(serde_json::Value::as_object_mut),
    ) {
        definitions.insert("EmqBand".to_owned(), band.clone());
    }
    Ok(vec![
        file(
            "bindings/ffi/operations.schema.json",
            format!("{}\n", serde_json::to_string_pretty(&document)?),
        ),
        file("bindings/ffi/decide.requests.json", format!("{}\n", requests::requests(&decide)?)),
        file("bindings/python/py/stratum/types.py", python::types(&document)?),
        file("bindings/python/py/stratum/models.py", models::models(&document)?),
        file("bindings/python/py/stratum/_call.pyi", python::call_stub(&document)?),
        file("bindings/node/types/operations.d.ts", typescript.clone()),
        file("bindings/wasm/types/operations.d.ts", typescript::types(&decide_types)?),
        file("bindings/wasm/types/full/operations.d.ts", typescript),
        file("bindings/node/types/decisions.d.ts", hot::types()),
        file("bindings/wasm/types/decisions.d.ts", hot::types()),
        file("bindings/node/lib/hot.cjs", hot::shim(hot::Modules::Common)),
        file("bindings/wasm/js/hot.js", hot::shim(hot::Modules::Es)),
        file("bindings/uniffi/src/records.rs", records::records(&document)?),
    ])
}

/// Writes the files that are stale, and names them.
pub(crate) fn write(root: &Path) -> Result<ExitCode> {
    for artifact in stale(root, artifacts()?) {
        let file = root.join(artifact.path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, &artifact.contents).with_context(|| format!("writing {}", file.display()))?;
        println!("wrote {}", artifact.path);
    }
    Ok(ExitCode::SUCCESS)
}

/// Names the files that are stale, and fails when there is one.
pub(crate) fn check(root: &Path) -> Result<ExitCode> {
    let stale = stale(root, artifacts()?);
    for artifact in &stale {
        println!("{} is stale: run `cargo xtask generate` and commit it", artifact.path);
    }
    Ok(if stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn stale(root: &Path, artifacts: Vec<Artifact>) -> Vec<Artifact> {
    artifacts
        .into_iter()
        .filter(|artifact| {
            fs::read_to_string(root.join(artifact.path)).ok().as_ref() != Some(&artifact.contents)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_stale_when_it_is_missing_or_differs() {
        let root = tempfile::tempdir().unwrap();
        let file = |path, contents: &str| Artifact { path, contents: contents.to_owned() };
        fs::write(root.path().join("same"), "1").unwrap();
        fs::write(root.path().join("old"), "1").unwrap();
        let found = stale(root.path(), vec![file("same", "1"), file("old", "2"), file("missing", "3")]);
        assert_eq!(found.iter().map(|artifact| artifact.path).collect::<Vec<_>>(), ["old", "missing"]);
    }

    #[test]
    fn the_generated_files_of_this_tree_are_fresh() {
        assert_eq!(check(&crate::root().unwrap()).unwrap(), ExitCode::SUCCESS);
    }
}
