//! By a deserializer that shows a struct only the fields that it asks for.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// Reads a stored value into a type that refuses unknown fields in requests.
///
/// # Errors
/// What serde finds wrong with the fields that are known.
pub(in crate::decision) fn read<'de, T: Deserialize<'de>>(stored: &'de Value) -> Result<T, String> {
    T::deserialize(Stored(stored)).map_err(|error| error.to_string())
}

/// A stored value that shows a struct only the fields that it asks for.
#[derive(Clone, Copy)]
struct Stored<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Error> for Stored<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Stored<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Stored))),
            Value::Object(members) => visitor.visit_map(MapDeserializer::new(
                members.iter().map(|(key, member)| (key.as_str(), Stored(member))),
            )),
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(MapDeserializer::new(
                members
                    .iter()
                    .filter(|(key, _)| fields.contains(&key.as_str()))
                    .map(|(key, member)| (key.as_str(), Stored(member))),
            )),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
