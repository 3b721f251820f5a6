//! By the reader of requests, which names the first field that it does not know: it is left out, and read again.
//!
//! A browser downloads each way of reading a type, and this one is there already. Where a record has many fields that are
//! not known it is slow, which a server could not allow itself.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};
use stratum_core::place;

/// Reads a stored value into a type that refuses unknown fields in requests.
///
/// # Errors
/// What serde finds wrong with the fields that are known.
pub(in crate::decision) fn read<T: DeserializeOwned>(stored: &Value) -> Result<T, String> {
    let mut known = stored.clone();
    loop {
        let text = known.to_string();
        match serde_json::from_str(&text) {
            Ok(read) => return Ok(read),
            Err(error) => leave_out(&mut known, &text, &error)?,
        }
    }
}

/// Leaves out the field that was not known.
fn leave_out(known: &mut Value, text: &str, error: &Error) -> Result<(), String> {
    let said = error.to_string();
    // serde_json adds where in the text it stood.
    let message = said.split(" at line ").next().unwrap_or_default();
    // An enumeration is refused behind its end, where its fields were read long before: none of them is left out.
    let behind = text.get(..error.column()).is_some_and(|read| read.ends_with('}'));
    let removed = message.strip_prefix("unknown field `").filter(|_| !behind).and_then(|rest| {
        let place = place::pointer_at(text, error.line(), error.column());
        let (parent, step) = place.rsplit_once('/')?;
        let name = step.replace("~1", "/").replace("~0", "~");
        rest.strip_prefix(name.as_str())?.strip_prefix('`')?;
        known.pointer_mut(parent)?.as_object_mut()?.remove(&name)
    });
    removed.map(|_| ()).ok_or_else(|| message.to_owned())
}
