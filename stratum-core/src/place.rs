//! Where in a text serde stopped, as a JSON pointer.
//!
//! serde says the line and the column. Finding the place from them costs one walk over the text, where keeping track of it
//! while reading would compile every type that is read once more: a quarter of the package that a browser downloads.

use crate::problem::pointer_step;

/// What is open around a place.
enum Open {
    /// An object, with the member that was begun last.
    Object { member: Option<String>, expects_key: bool },
    /// A list, with the position of its item.
    List(usize),
}

/// The pointer to the value in which, or behind which, a reader of a JSON text stopped: `line` from 1, `column` in bytes.
#[must_use]
pub fn pointer_at(text: &str, line: usize, column: usize) -> String {
    let lines_before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let read = text.get(..lines_before.saturating_add(column)).unwrap_or(text);
    let mut open = Vec::new();
    let mut rest = read;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        match first {
            '{' => open.push(Open::Object { member: None, expects_key: true }),
            '[' => open.push(Open::List(0)),
            '}' | ']' => {
                open.pop();
            }
            ',' => match open.last_mut() {
                Some(Open::Object { expects_key, .. }) => *expects_key = true,
                Some(Open::List(item)) => *item = item.saturating_add(1),
                None => {}
            },
            '"' => {
                taken = string_length(rest);
                if let Some(Open::Object { member, expects_key: expects_key @ true }) = open.last_mut() {
                    *member = rest.get(..taken).and_then(|key| serde_json::from_str(key).ok());
                    *expects_key = false;
                }
            }
            _ => {}
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    open.iter().map(step).collect()
}

fn step(open: &Open) -> String {
    match open {
        Open::Object { member, .. } => member.as_deref().map(pointer_step).unwrap_or_default(),
        Open::List(item) => format!("/{item}"),
    }
}

/// The length of the string that the text begins with, quotes included; all of the text where it does not end.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::{Deserializer, Error};

    /// A text that no schema would refuse and the type does.
    #[derive(Debug)]
    struct Even;

    impl<'de> Deserialize<'de> for Even {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = u64::deserialize(deserializer)?;
            if number % 2 == 0 { Ok(Self) } else { Err(D::Error::custom("odd")) }
        }
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Outer {
        first: Option<Even>,
        #[serde(rename = "a/\"~ü")]
        inner: Option<Vec<Outer>>,
        last: Option<Even>,
    }

    fn place(text: &str) -> String {
        let error = serde_json::from_str::<Outer>(text).unwrap_err();
        pointer_at(text, error.line(), error.column())
    }

    #[test]
    fn the_place_is_that_of_the_value_that_was_refused() {
        assert_eq!(place(r#"{"first": 3, "last": 2}"#), "/first");
        assert_eq!(place("{\n \"first\": 2,\n \"last\": \"\\\"\"\n}"), "/last");
        assert_eq!(
            place(r#"{"a/\"~ü": [{}, {"first": 2}, {"first" : 3 , "last": 2}]}"#),
            "/a~1\"~0ü/2/first"
        );
        assert_eq!(place(r#"{"a/\"~ü": [{"a/\"~ü": [7]}]}"#), "/a~1\"~0ü/0/a~1\"~0ü/0");
        assert_eq!(place("[]"), "");
    }

    #[test]
    fn a_field_that_is_written_twice_has_its_own_place() {
        assert_eq!(place(r#"{"a/\"~ü": [{"last": 2, "last": 4}]}"#), "/a~1\"~0ü/0/last");
    }

    #[test]
    fn a_place_outside_of_the_text_is_no_panic() {
        for (line, column) in [(0, 0), (1, 3), (9, 9), (usize::MAX, usize::MAX)] {
            let _ = pointer_at("{\"ü", line, column);
        }
    }
}
