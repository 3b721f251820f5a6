//! The words of a formula.

use stratum_core::Problem;

use super::{Arithmetic, Comparison};

/// A word, and where it begins, in characters.
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Text(String),
    Name(String),
    Sign(Arithmetic),
    Compares(Comparison),
    Open,
    Close,
    Comma,
}

/// What was wrong, at a place counted in characters from 1.
pub(super) fn wrong(at: usize, message: &str) -> Problem {
    let place = at.saturating_add(1);
    Problem::new("", "invalid_formula", format!("at character {place}: {message}"))
        .help("write for example round(total_revenue / total_purchases, 2)")
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0_usize;
    while let Some(&letter) = letters.get(at) {
        if letter.is_whitespace() {
            at = at.saturating_add(1);
            continue;
        }
        let (kind, length) = word(&letters, at, letter)?;
        found.push(Token { kind, at });
        at = at.saturating_add(length);
    }
    Ok(found)
}

fn word(letters: &[char], at: usize, letter: char) -> Result<(Kind, usize), Problem> {
    let next = letters.get(at.saturating_add(1)).copied();
    Ok(match (letter, next) {
        ('<', Some('=')) | ('>', Some('=')) | ('=', Some('=')) | ('!', Some('=')) => {
            let comparison = match letter {
                '<' => Comparison::AtMost,
                '>' => Comparison::AtLeast,
                '=' => Comparison::Equal,
                _ => Comparison::NotEqual,
            };
            (Kind::Compares(comparison), 2)
        }
        ('<', _) => (Kind::Compares(Comparison::Less), 1),
        ('>', _) => (Kind::Compares(Comparison::Greater), 1),
        ('=', _) => (Kind::Compares(Comparison::Equal), 1),
        ('+', _) => (Kind::Sign(Arithmetic::Plus), 1),
        ('-' | '−', _) => (Kind::Sign(Arithmetic::Minus), 1),
        ('*' | '×', _) => (Kind::Sign(Arithmetic::Times), 1),
        ('/' | '÷', _) => (Kind::Sign(Arithmetic::Over), 1),
        ('(', _) => (Kind::Open, 1),
        (')', _) => (Kind::Close, 1),
        (',', _) => (Kind::Comma, 1),
        ('\'' | '"', _) => quoted(letters, at, letter)?,
        (letter, _) if letter.is_ascii_digit() => number(letters, at)?,
        (letter, _) if letter.is_ascii_alphabetic() || letter == '_' => {
            let name =
                run(letters, at, |letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'));
            let length = name.len();
            (Kind::Name(name), length)
        }
        _ => return Err(wrong(at, &format!("{letter:?} means nothing here"))),
    })
}

fn quoted(letters: &[char], at: usize, quote: char) -> Result<(Kind, usize), Problem> {
    let rest = letters.get(at.saturating_add(1)..).unwrap_or_default();
    match rest.iter().position(|&letter| letter == quote) {
        Some(end) => {
            let text = rest.iter().take(end).collect();
            Ok((Kind::Text(text), end.saturating_add(2)))
        }
        None => Err(wrong(at, "the quote is not closed")),
    }
}

fn number(letters: &[char], at: usize) -> Result<(Kind, usize), Problem> {
    let text = run(letters, at, |letter| letter.is_ascii_digit() || letter == '.');
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && !text.ends_with('.') => Ok((Kind::Number(number), text.len())),
        _ => Err(wrong(at, "this is no number")),
    }
}

fn run(letters: &[char], at: usize, belongs: impl Fn(char) -> bool) -> String {
    letters.iter().skip(at).copied().take_while(|&letter| belongs(letter)).collect()
}
