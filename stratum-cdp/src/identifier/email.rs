//! E-mail addresses: one normal form, in any script.

use std::fmt;

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::{email_ascii, text};

/// An e-mail address in its normal form, or the SHA-256 of one.
///
/// Dots and +tags stay: that they mean nothing is true of one provider only, and is applied where that provider is
/// addressed. The domain stays as it was given, Unicode or `xn--`.
///
/// ```
/// use stratum_cdp::identifier::{Email, EmailFault};
/// assert_eq!(Email::parse("Jose\u{301}@Example.COM").unwrap().as_str(), "josé@example.com");
/// assert_eq!(Email::parse("jane@localhost").unwrap_err(), EmailFault::NoDotInDomain);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email {
    text: String,
    hashed: bool,
}

/// What an address has that an address cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailFault {
    /// Nothing but white space.
    #[error("the address is empty")]
    Empty,
    /// A control character.
    #[error("the address holds a control character")]
    ControlCharacter,
    /// No @.
    #[error("the address has no @")]
    NoAt,
    /// More than one @ outside quotes.
    #[error("the address has more than one @")]
    MultipleAt,
    /// White space inside.
    #[error("the address holds white space")]
    WhiteSpaceInside,
    /// Nothing before the @.
    #[error("nothing stands before the @")]
    EmptyLocalPart,
    /// More than 64 bytes before the @.
    #[error("more than 64 bytes stand before the @")]
    LocalPartTooLong,
    /// A dot first, last or doubled before the @.
    #[error("a dot before the @ is first, last or doubled")]
    DotPosition,
    /// A character that may not stand before the @ without quotes.
    #[error("a character before the @ is not allowed there")]
    LocalPartCharacter,
    /// A quoted local part that does not end at the @, or ends too early.
    #[error("the quotes before the @ do not match")]
    QuotedLocalPart,
    /// Nothing after the @.
    #[error("nothing stands after the @")]
    EmptyDomain,
    /// An address in brackets instead of a domain.
    #[error("an ip address in brackets is no domain")]
    IpLiteral,
    /// A domain of a single label.
    #[error("the domain has no dot")]
    NoDotInDomain,
    /// Two dots in a row, or one at an end of the domain.
    #[error("a dot of the domain is first, last or doubled")]
    EmptyLabel,
    /// A label of more than 63 bytes.
    #[error("a part of the domain is longer than 63 bytes")]
    LabelTooLong,
    /// A label that starts or ends with a dash.
    #[error("a part of the domain starts or ends with a dash")]
    HyphenPosition,
    /// A character that no domain holds.
    #[error("a character of the domain is not allowed there")]
    DomainCharacter,
    /// A last label of digits only.
    #[error("the domain ends in a number")]
    NumericTopLevel,
    /// A domain of more than 253 bytes, or an address of more than 254.
    #[error("the address is longer than 254 bytes")]
    TooLong,
}

impl Email {
    /// Reads an address, or 64 hex digits as the SHA-256 of one.
    ///
    /// # Errors
    /// The first thing that the text has and an address cannot have.
    pub fn parse(raw: &str) -> Result<Self, EmailFault> {
        if let Some(text) = email_ascii::normal(raw, &mut [0; email_ascii::LONGEST]) {
            return Ok(Self { text: text.to_owned(), hashed: false });
        }
        Self::parse_any(raw)
    }

    /// As [`Email::parse`], the long way.
    fn parse_any(raw: &str) -> Result<Self, EmailFault> {
        let trimmed = text::trim(raw);
        if trimmed.is_empty() {
            return Err(EmailFault::Empty);
        }
        if trimmed.len() == 64 && trimmed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self { text: trimmed.to_ascii_lowercase(), hashed: true });
        }
        let text = text::lower_nfc(trimmed).into_owned();
        check(&text)?;
        Ok(Self { text, hashed: false })
    }

    /// The normal form. It names a person: never log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The normal form, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// Whether it arrived as a SHA-256.
    #[must_use]
    pub const fn is_hashed(&self) -> bool {
        self.hashed
    }

    /// What stands before the @, with its quotes; `None` for a hash.
    #[must_use]
    pub fn local_part(&self) -> Option<&str> {
        // The domain holds no @, so the last one parts the two even after a quoted local part with an @ of its own.
        self.text.rsplit_once('@').map(|(local, _)| local)
    }

    /// What stands after the @; `None` for a hash.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.text.rsplit_once('@').map(|(_, domain)| domain)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.hashed { "Email(sha256 …)" } else { "Email(…)" })
    }
}

fn check(text: &str) -> Result<(), EmailFault> {
    if text.chars().any(char::is_control) {
        return Err(EmailFault::ControlCharacter);
    }
    let (local, domain) = if text.starts_with('"') { split_quoted(text)? } else { split_plain(text)? };
    if local.len() > 64 {
        return Err(EmailFault::LocalPartTooLong);
    }
    check_domain(domain)?;
    if text.len() > 254 {
        return Err(EmailFault::TooLong);
    }
    Ok(())
}

fn split_plain(text: &str) -> Result<(&str, &str), EmailFault> {
    let (local, domain) = text.split_once('@').ok_or(EmailFault::NoAt)?;
    if domain.contains('@') {
        return Err(EmailFault::MultipleAt);
    }
    if text.chars().any(char::is_whitespace) {
        return Err(EmailFault::WhiteSpaceInside);
    }
    if local.is_empty() {
        return Err(EmailFault::EmptyLocalPart);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(EmailFault::DotPosition);
    }
    if !local.chars().all(|c| c == '.' || is_atom(c)) {
        return Err(EmailFault::LocalPartCharacter);
    }
    Ok((local, domain))
}

/// An unquoted character: atext of RFC 5322, or any non-ASCII character that is neither invisible nor private.
fn is_atom(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
    } else {
        !matches!(
            c.general_category(),
            GeneralCategory::Format | GeneralCategory::Surrogate | GeneralCategory::PrivateUse
        )
    }
}

/// Parts `"…"@domain`; a backslash takes the next character as it is.
fn split_quoted(text: &str) -> Result<(&str, &str), EmailFault> {
    let mut escaped = false;
    let mut end = None;
    for (position, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                end = Some(position);
                break;
            }
            ' ' => {}
            _ if c.is_whitespace() => return Err(EmailFault::WhiteSpaceInside),
            _ if c.general_category() == GeneralCategory::Format => {
                return Err(EmailFault::LocalPartCharacter);
            }
            _ => {}
        }
    }
    let end = end.ok_or(EmailFault::QuotedLocalPart)?;
    let (local, rest) = end
        .checked_add(1)
        .and_then(|after| text.split_at_checked(after))
        .ok_or(EmailFault::QuotedLocalPart)?;
    if local.len() <= 2 {
        return Err(EmailFault::EmptyLocalPart);
    }
    let domain = rest.strip_prefix('@').ok_or(EmailFault::QuotedLocalPart)?;
    if domain.contains('@') {
        return Err(EmailFault::MultipleAt);
    }
    if domain.chars().any(char::is_whitespace) {
        return Err(EmailFault::WhiteSpaceInside);
    }
    Ok((local, domain))
}

fn check_domain(domain: &str) -> Result<(), EmailFault> {
    if domain.is_empty() {
        return Err(EmailFault::EmptyDomain);
    }
    if domain.starts_with('[') {
        return Err(EmailFault::IpLiteral);
    }
    if !domain.contains('.') {
        return Err(EmailFault::NoDotInDomain);
    }
    for label in domain.split('.') {
        if label.is_empty() {
            return Err(EmailFault::EmptyLabel);
        }
        if label.len() > 63 {
            return Err(EmailFault::LabelTooLong);
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(EmailFault::HyphenPosition);
        }
        if !label.chars().all(is_domain_character) {
            return Err(EmailFault::DomainCharacter);
        }
    }
    if domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(EmailFault::NumericTopLevel);
    }
    if domain.len() > 253 {
        return Err(EmailFault::TooLong);
    }
    Ok(())
}

fn is_domain_character(c: char) -> bool {
    c == '-'
        || c.is_ascii_alphanumeric()
        || (!c.is_ascii()
            && (matches!(
                c.general_category_group(),
                GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark
            ) || c.general_category() == GeneralCategory::DecimalNumber))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn the_short_way_says_what_the_long_way_says(
            raw in prop_oneof![
                any::<String>(),
                r"[ \t]?[a-zA-Z0-9.+_@-]{1,12}@[a-zA-Z0-9.-]{1,12}\.[a-z0-9-]{1,4}[ \n]?",
                r#"["a-z .@\\]{1,8}@[a-z0-9.-]{1,8}"#,
                r"[a-z]{60,66}@[a-z]{60,66}\.[a-z]{60,66}(\.[a-z]{1,60}){0,2}",
            ],
        ) {
            let long = Email::parse_any(&raw);
            if let Some(short) = email_ascii::normal(&raw, &mut [0; email_ascii::LONGEST]) {
                prop_assert_eq!(long.as_ref().map(Email::as_str), Ok(short));
            }
            prop_assert_eq!(Email::parse(&raw), long);
        }
    }
}
