//! The short texts of a request (an id, an instant, a word of a vocabulary), read from where they stand.
//!
//! A request has a dozen of them, and a place on the heap for each would cost more than the decision.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

use crate::problem::Problem;

/// Reads a text and makes of it what it says.
///
/// # Errors
/// Where no text stands, and what is wrong with the text.
pub fn read<'de, T: FromStr<Err = Problem>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    read_with(deserializer, str::parse)
}

/// [`read()`] by a function of the caller's.
///
/// # Errors
/// As [`read()`].
pub fn read_with<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    parse: impl Fn(&str) -> Result<T, Problem>,
) -> Result<T, D::Error> {
    let mut said = None;
    deserializer.deserialize_str(Text(&mut |text| said = Some(parse(text))))?;
    // What is wrong is said behind the text, where a reader stands that has taken it whole.
    match said {
        Some(said) => said.map_err(D::Error::custom),
        None => Err(D::Error::custom("a string is expected")),
    }
}

/// One visitor for all types: the code that reads a text is there once.
struct Text<'a>(&'a mut dyn FnMut(&str));

impl<'de> Visitor<'de> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Timestamp;
    use crate::vocabulary::Platform;

    #[test]
    fn a_text_with_escapes_is_read_as_what_it_says() {
        let platform: Platform = serde_json::from_str(r#""\u004dETA""#).unwrap();
        assert_eq!(platform, Platform::Meta);
        assert_eq!(serde_json::from_value::<Platform>("snap".into()).unwrap(), Platform::Snapchat);
    }

    #[test]
    fn what_is_no_text_is_refused_as_serde_refuses_it() {
        let ours = serde_json::from_str::<Timestamp>("12").unwrap_err().to_string();
        assert_eq!(ours, serde_json::from_str::<String>("12").unwrap_err().to_string());
    }

    #[test]
    fn a_refused_text_has_its_place_behind_it() {
        #[derive(Debug)]
        struct Refused;

        impl<'de> serde::Deserialize<'de> for Refused {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?;
                Err(serde::de::Error::custom("no"))
            }
        }

        let list = r#"["SIX" , "META"]"#;
        let ours = serde_json::from_str::<Vec<Platform>>(list).unwrap_err();
        let of_serde = serde_json::from_str::<Vec<Refused>>(list).unwrap_err();
        assert_eq!((ours.line(), ours.column()), (of_serde.line(), of_serde.column()));
    }
}
