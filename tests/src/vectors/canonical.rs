//! Canonical JSON against Python's `repr` and hashlib.

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Number, Value};
use stratum_core::{Digest, canonical};

use super::{Tally, differs, list};

#[derive(Deserialize)]
struct NumberCase {
    bits: String,
    text: Option<String>,
    error: Option<String>,
}

pub(super) fn numbers(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<NumberCase>(content, "cases")? {
        let number = Number::from_f64(f64::from_bits(u64::from_str_radix(&case.bits, 16)?));
        let written = match number {
            Some(number) => {
                canonical::write(&Value::Number(number)).map_err(|problem| problem.code.into_owned())
            }
            None => Err("not_a_number".to_owned()),
        };
        let expected = case.text.ok_or(case.error.unwrap_or_default());
        tally.count(&case.bits, differs("the text", &written, &expected));
    }
    Ok(())
}

#[derive(Deserialize)]
struct ValueCase {
    name: String,
    json: String,
    canonical: Option<String>,
    sha256: Option<Digest>,
    error: Option<String>,
}

pub(super) fn values(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<ValueCase>(content, "cases")? {
        let written = match serde_json::from_str::<Value>(&case.json) {
            Ok(value) => canonical::write(&value).map_err(|problem| problem.code.into_owned()),
            Err(_) => Err("not_json".to_owned()),
        };
        let digest = written.as_ref().ok().map(|text| Digest::of(text.as_bytes()));
        let expected = case.canonical.ok_or(case.error.unwrap_or_default());
        let wrong =
            differs("the text", &written, &expected).or_else(|| differs("the digest", &digest, &case.sha256));
        tally.count(&case.name, wrong);
    }
    Ok(())
}
