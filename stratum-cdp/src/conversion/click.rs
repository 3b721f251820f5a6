//! Click ids in the address of a page.

use std::borrow::Cow;

/// The value of a query parameter, its name in any case; `None` if it is absent or empty.
pub(super) fn parameter<'u>(url: &'u str, name: &str) -> Option<Cow<'u, str>> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key.eq_ignore_ascii_case(name) && !value.is_empty()).then(|| decoded(value))
    })
}

/// Percent-encoding undone; what is not well-formed stays as it is.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push((high << 4) | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(value), Cow::Owned)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_by_its_whole_name_and_decoded() {
        let url = "https://shop.example/?xgclid=no&gclid=a%2Fb%zz&ScCid=&fbclid=F1#gclid=late";
        assert_eq!(parameter(url, "gclid").as_deref(), Some("a/b%zz"));
        assert_eq!(parameter(url, "fbclid").as_deref(), Some("F1"));
        assert_eq!(parameter(url, "sccid"), None);
        assert_eq!(parameter(url, "ttclid"), None);
        assert_eq!(parameter("no url", "gclid"), None);
    }
}
