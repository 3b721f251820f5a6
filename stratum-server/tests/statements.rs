//! Every SQL statement in the sources is prepared against the migrated schema: a misspelt column fails here, not at
//! night. Statements are found in the text, so that a new one cannot be forgotten.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests fail by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::fresh_database;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqlSafeStr as _};

#[tokio::test]
async fn every_statement_fits_the_schema() {
    let mut statements = Vec::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        // Unit tests stand at the end of a file and hold no statements of the server.
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (line, statement) in literals(text) {
            if is_statement(&statement) {
                statements.push((format!("{}:{line}", file.display()), statement));
            }
        }
    }
    assert!(statements.len() > 40, "only {} statements were found", statements.len());

    let mut owner = PgConnection::connect_with(&fresh_database().await.owner).await.unwrap();
    let mut wrong = Vec::new();
    for (place, statement) in &statements {
        if let Err(error) = owner.prepare(AssertSqlSafe(statement.clone()).into_sql_str()).await.map(drop) {
            wrong.push(format!("{place}: {error}\n    {statement}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whole statements begin with their verb; pieces that `format!` completes hold braces and are left to other tests.
fn is_statement(text: &str) -> bool {
    let upper = text.trim_start();
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "].iter().any(|verb| upper.starts_with(verb))
        && !text.contains(['{', '}'])
}

/// The string literals of a source text, comments left out, each with its line.
fn literals(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    let mut line = 1;
    while let Some(character) = rest.next() {
        match character {
            '\n' => line += 1,
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|next| *next != '\n').is_some() {},
            // A character literal, which may be a quotation mark; a lifetime has no closing mark.
            '\'' => {
                let mut ahead = rest.clone();
                let first = ahead.next();
                let second = if first == Some('\\') { ahead.nth(1) } else { ahead.next() };
                if second == Some('\'') {
                    rest = ahead;
                }
            }
            '"' => {
                let start = line;
                let mut literal = String::new();
                while let Some(next) = rest.next() {
                    match next {
                        '"' => break,
                        '\\' => match rest.next() {
                            Some('\n') => {
                                line += 1;
                                while rest.next_if(|next| next.is_whitespace()).is_some() {}
                            }
                            Some('n') => literal.push('\n'),
                            Some(escaped) => literal.push(escaped),
                            None => break,
                        },
                        next => {
                            line += usize::from(next == '\n');
                            literal.push(next);
                        }
                    }
                }
                found.push((start, literal));
            }
            _ => {}
        }
    }
    found
}
