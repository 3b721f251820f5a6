//! Query parameters: read strictly, every problem at once, unknown names ignored.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use stratum_core::Problem;
use stratum_core::problem::ProblemCollector;

use super::ApiError;

/// The most rows of a page.
const MOST_PER_PAGE: u32 = 200;
/// The rows of a page where nothing else is said.
const PER_PAGE: u32 = 20;

/// The query parameters of one operation.
#[derive(Debug)]
pub struct Query<T>(
    /// What was read.
    pub T,
);

/// The filters of a list, and which page of it.
#[derive(Debug)]
pub struct ListQuery<T> {
    /// The operation's own parameters.
    pub filter: T,
    /// Which page.
    pub paging: Paging,
    /// In which order, as the caller wrote it; see [`Sort::choose`].
    pub sort: Sort,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// The page, from 1.
    pub page: u32,
    /// Rows per page, 1 to 200.
    pub per_page: u32,
}

impl Paging {
    /// Rows to leave out before the page.
    #[must_use]
    pub fn offset(self) -> i64 {
        i64::from(self.page.saturating_sub(1)).saturating_mul(i64::from(self.per_page))
    }

    /// Rows of the page.
    #[must_use]
    pub fn limit(self) -> i64 {
        i64::from(self.per_page)
    }
}

/// What every list takes beside its filters, for its description.
#[derive(Debug, Clone, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// From 1; 1 where nothing is said.
    pub page: Option<u32>,
    /// 1 to 200; 20 where nothing is said.
    pub per_page: Option<u32>,
    /// A field, with a minus before it descending.
    pub sort: Option<String>,
}

/// The `sort` parameter: a field ascending, or with a minus before it descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort(Option<String>);

impl Sort {
    /// The SQL for the field that was asked for, or `default`.
    ///
    /// `fields` gives each field that may be asked for with its SQL, ascending and descending (ties by id included),
    /// so that no text of the caller's reaches a statement.
    ///
    /// # Errors
    /// 422 for a field that is not listed.
    pub fn choose(
        &self,
        fields: &[(&str, &'static str, &'static str)],
        default: &'static str,
    ) -> Result<&'static str, ApiError> {
        let Some(asked) = &self.0 else { return Ok(default) };
        let (name, descending) = match asked.strip_prefix('-') {
            Some(name) => (name, true),
            None => (asked.as_str(), false),
        };
        for (field, ascending_sql, descending_sql) in fields {
            if *field == name {
                return Ok(if descending { descending_sql } else { ascending_sql });
            }
        }
        let known: Vec<&str> = fields.iter().map(|(field, ..)| *field).collect();
        Err(Problem::new("?sort", "unknown_value", format!("this list is not sorted by {name:?}"))
            .help(format!("write one of: {}, with a minus before it for descending", known.join(", ")))
            .into())
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut found = ProblemCollector::new();
        let value = read(pairs(parts), &mut found);
        finish(found, value).map(Query)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ListQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut found = ProblemCollector::new();
        let pairs = pairs(parts);
        let last =
            |name: &str| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let page = number(&mut found, "page", last("page"), 1, u32::MAX, 1);
        let per_page = number(&mut found, "per_page", last("per_page"), 1, MOST_PER_PAGE, PER_PAGE);
        let sort = Sort(last("sort").filter(|text| !text.is_empty()));
        let filter = read(pairs, &mut found);
        finish(found, filter).map(|filter| Self { filter, paging: Paging { page, per_page }, sort })
    }
}

fn finish<T>(found: ProblemCollector, value: Option<T>) -> Result<T, ApiError> {
    match (found.into_problems(), value) {
        (Some(problems), _) => Err(ApiError::validation(problems)),
        (None, Some(value)) => Ok(value),
        (None, None) => Err(ApiError::bad_request("the query cannot be read")),
    }
}

fn pairs(parts: &Parts) -> Vec<(String, String)> {
    parts.uri.query().map(form).unwrap_or_default()
}

fn form(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|digits| hex::decode(digits).ok());
        rest = match (first, escaped.as_deref()) {
            (b'%', Some([byte])) => {
                bytes.push(*byte);
                tail.get(2..).unwrap_or_default()
            }
            (b'+', _) => {
                bytes.push(b' ');
                tail
            }
            _ => {
                bytes.push(first);
                tail
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn number(
    found: &mut ProblemCollector,
    name: &str,
    text: Option<String>,
    least: u32,
    most: u32,
    default: u32,
) -> u32 {
    let Some(text) = text else { return default };
    match text.parse::<u32>() {
        Ok(value) if (least..=most).contains(&value) => value,
        _ => {
            let bound =
                if most == u32::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
            found.push(Problem::new(
                format!("?{name}"),
                "out_of_range",
                format!("{name} is a whole number, {bound}"),
            ));
            default
        }
    }
}

/// Reads `T`; a parameter that cannot be read is noted and left out, so that the next one is looked at as well.
fn read<T: DeserializeOwned>(mut pairs: Vec<(String, String)>, found: &mut ProblemCollector) -> Option<T> {
    loop {
        let texts = pairs.iter().map(|(name, value)| (name.as_str(), Text(value)));
        let deserializer = MapDeserializer::<_, serde_json::Error>::new(texts);
        let error = match serde_path_to_error::deserialize::<_, T>(deserializer) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let name = error.path().iter().next().map(ToString::to_string).unwrap_or_default();
        let problem = super::problems::problem_of(&error.into_inner());
        let before = pairs.len();
        pairs.retain(|(key, _)| *key != name);
        if pairs.len() == before {
            // A required parameter that is missing: there is nothing to leave out.
            let name = super::problems::quoted(&problem.message).unwrap_or(name);
            found.push(Problem { path: format!("?{name}"), ..problem });
            return None;
        }
        found.push(Problem { path: format!("?{name}"), ..problem });
    }
}

/// A parameter's text, read as whatever the field wants: `3` as a number, `true` as a boolean, `a,b` as a list.
#[derive(Clone, Copy)]
struct Text<'a>(&'a str);

impl<'de> serde::de::IntoDeserializer<'de, serde_json::Error> for Text<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> serde::Deserializer<'de> for Text<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let items = self.0.split(',').filter(|item| !item.is_empty()).map(Text);
        visitor.visit_seq(serde::de::value::SeqDeserializer::new(items))
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(serde::de::IntoDeserializer::into_deserializer(self.0))
    }

    fn deserialize_bool<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        parsed(self.0, "true or false").and_then(|value| visitor.visit_bool(value))
    }

    fn deserialize_i32<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i64<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        parsed(self.0, "a whole number").and_then(|value| visitor.visit_i64(value))
    }

    fn deserialize_u32<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u64<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        parsed(self.0, "a whole number of at least 0").and_then(|value| visitor.visit_u64(value))
    }

    fn deserialize_f64<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let value: f64 = parsed(self.0, "a number")?;
        if value.is_finite() {
            visitor.visit_f64(value)
        } else {
            Err(serde::de::Error::custom(format!("{:?} is not a number (invalid_type)", self.0)))
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

fn parsed<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, serde_json::Error> {
    let shown: String = text.chars().take(40).collect();
    text.parse().map_err(|_| serde::de::Error::custom(format!("{shown:?} is not {what} (invalid_type)")))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use stratum_core::vocabulary::Platform;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Filter {
        platform: Option<Platform>,
        limit: Option<u32>,
        live: Option<bool>,
        channels: Option<Vec<String>>,
    }

    fn parts(uri: &str) -> Parts {
        http::Request::builder().uri(uri).body(()).unwrap().into_parts().0
    }

    #[tokio::test]
    async fn parameters_are_read_in_any_case_and_unknown_ones_ignored() {
        let mut parts = parts("/x?platform=snap&limit=3&live=true&channels=a,b&else=1&per_page=7");
        let query = ListQuery::<Filter>::from_request_parts(&mut parts, &()).await.unwrap();
        assert_eq!(query.filter.platform, Some(Platform::Snapchat));
        assert_eq!((query.filter.limit, query.filter.live), (Some(3), Some(true)));
        assert_eq!(query.filter.channels, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(query.paging, Paging { page: 1, per_page: 7 });
    }

    #[tokio::test]
    async fn every_bad_parameter_is_named_at_once() {
        let mut parts = parts("/x?platform=linkedin&limit=many&page=0&per_page=201");
        let error = ListQuery::<Filter>::from_request_parts(&mut parts, &()).await.unwrap_err();
        let mut paths: Vec<&str> = error.details().iter().map(|detail| detail.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["?limit", "?page", "?per_page", "?platform"]);
        let platform = error.details().iter().find(|detail| detail.path == "?platform").unwrap();
        assert_eq!(platform.code, "UNKNOWN_VALUE");
        assert!(platform.help.as_deref().unwrap().contains("META"));
    }

    #[test]
    fn escapes_are_decoded_and_broken_ones_kept() {
        assert_eq!(form("a%20b=c%2Bd+e&f=%zz"), [("a b".into(), "c+d e".into()), ("f".into(), "%zz".into())]);
    }

    #[test]
    fn a_sort_field_that_is_not_listed_is_refused() {
        let fields: &[(&str, &'static str, &'static str)] = &[("at", "at, id", "at DESC, id DESC")];
        assert_eq!(Sort(Some("-at".into())).choose(fields, "x").unwrap(), "at DESC, id DESC");
        assert_eq!(Sort(None).choose(fields, "x").unwrap(), "x");
        assert_eq!(Sort(Some("name".into())).choose(fields, "x").unwrap_err().details()[0].path, "?sort");
    }
}
