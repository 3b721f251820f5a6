//! What the readers of the four platforms share: the parts of an answer, and what a reader found in it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::answer::{AnswerClass, NextStep, PlatformAnswer, PlatformCall};

/// The most digits that a place in a request is read from.
const PLACE_DIGITS: usize = 9;

/// An answer with its body read.
pub(super) struct Reading<'a> {
    pub(super) call: PlatformCall,
    /// How many items the request had.
    pub(super) items: u64,
    pub(super) status: u16,
    answer: &'a PlatformAnswer,
    body: Cow<'a, Value>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(call: PlatformCall, items: u64, answer: &'a PlatformAnswer) -> Self {
        let body = match &answer.body {
            Value::String(text) => Cow::Owned(serde_json::from_str(text).unwrap_or_default()),
            body => Cow::Borrowed(body),
        };
        Self { call, items, status: answer.status, answer, body }
    }

    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The body, if it is a JSON object: every API of the four answers with one.
    pub(super) fn body(&self) -> Option<&Map<String, Value>> {
        self.body.as_object()
    }

    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.answer.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What a reader found.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) class: AnswerClass,
    pub(super) code: Option<String>,
    pub(super) failed: Vec<u64>,
    /// Those of the failed that may be sent again.
    pub(super) again: Vec<u64>,
    pub(super) failed_count: Option<u64>,
    /// What is wrong with the connection, though something was taken.
    pub(super) beside: Option<AnswerClass>,
    /// Where it does not follow from the class.
    pub(super) next: Option<NextStep>,
}

impl Finding {
    pub(super) const fn new(class: AnswerClass) -> Self {
        Self {
            class,
            code: None,
            failed: Vec::new(),
            again: Vec::new(),
            failed_count: None,
            beside: None,
            next: None,
        }
    }

    pub(super) fn code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    pub(super) fn failed(mut self, places: impl IntoIterator<Item = u64>) -> Self {
        self.failed = places.into_iter().collect();
        self
    }

    pub(super) fn again(mut self, places: Vec<u64>) -> Self {
        self.again = places;
        self
    }

    pub(super) const fn failed_count(mut self, count: u64) -> Self {
        self.failed_count = Some(count);
        self
    }

    pub(super) const fn beside(mut self, class: AnswerClass) -> Self {
        self.beside = Some(class);
        self
    }

    pub(super) const fn next(mut self, next: NextStep) -> Self {
        self.next = Some(next);
        self
    }
}

/// A platform's code as a text: a whole number, or a word of a programmer. Anything else could be what somebody typed.
pub(super) fn code_text(code: &Value) -> Option<String> {
    match code {
        Value::Number(number) => {
            number.as_i64().filter(|code| code.unsigned_abs() < 1_000_000_000).map(|code| code.to_string())
        }
        Value::String(text) => is_word(text).then(|| text.clone()),
        _ => None,
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 80
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The number between the first `opening` in `text` and the `closing` after it: the 1 of `events.events[1].user_data`.
pub(super) fn place_between(text: &str, opening: &str, closing: char) -> Option<u64> {
    let (digits, _) = text.split_once(opening)?.1.split_once(closing)?;
    place(digits)
}

/// A place in a request, written in digits.
pub(super) fn place(digits: &str) -> Option<u64> {
    let plain =
        (1..=PLACE_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}
