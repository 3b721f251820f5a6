//! Formulas: arithmetic on traits and profile fields.
//!
//! `+ − × ÷` (also `-`, `*`, `/`), comparisons, parentheses, numbers, texts in quotes, names, and `min`, `max`, `round(x)`,
//! `round(x, digits)`, `coalesce(…)`, `if(condition, a, b)`, `days_since(time)` (whole days). What is missing stays missing:
//! every operation on null gives null, but `coalesce`, which gives its first value that is not. Division by zero gives null.
//! Numbers are doubles (IEEE 754), the same in every language. At most 500 nodes and 32 levels.
//!
//! ```
//! use stratum_cdp::traits::{Formula, Operand};
//! # use stratum_core::Timestamp;
//! let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
//! let formula = Formula::parse("round(revenue ÷ orders, 2)").unwrap();
//! let value = |orders: f64| {
//!     formula.evaluate(now, &|name| Operand::Number(if name == "orders" { orders } else { 100.0 }))
//! };
//! assert_eq!(value(3.0), Operand::Number(33.33));
//! assert_eq!(value(0.0), Operand::Null);
//! ```

mod evaluate;
mod parse;
mod tokens;

use std::collections::BTreeSet;
use std::fmt;

use stratum_core::{Problems, Timestamp};

/// The most nodes of a formula.
pub const MAX_NODES: usize = 500;
/// The most levels of a formula.
pub const MAX_DEPTH: usize = 32;

/// A value in a formula.
#[derive(Clone, PartialEq)]
pub enum Operand {
    /// Nothing is known.
    Null,
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
}

/// A formula that was read.
#[derive(Clone, PartialEq)]
pub struct Formula {
    text: String,
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Value(Operand),
    Name(String),
    Negative(Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Comparison(Comparison, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Min,
    Max,
    Round,
    Coalesce,
    If,
    DaysSince,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// `invalid_formula` with the place of the first thing that cannot be read; `too_long`, `too_deep`.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let root = parse::parse(text)?;
        Ok(Self { text: text.to_owned(), root })
    }

    /// The formula as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names that it reads.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut open = vec![&self.root];
        while let Some(node) = open.pop() {
            match node {
                Node::Value(_) => {}
                Node::Name(name) => {
                    names.insert(name.as_str());
                }
                Node::Negative(inner) => open.push(inner),
                Node::Arithmetic(_, a, b) | Node::Comparison(_, a, b) => open.extend([&**a, &**b]),
                Node::Call(_, arguments) => open.extend(arguments),
            }
        }
        names
    }

    /// The value of the formula, given those of its names.
    #[must_use]
    pub fn evaluate(&self, now: Timestamp, value_of: &dyn Fn(&str) -> Operand) -> Operand {
        evaluate::evaluate(&self.root, now, value_of)
    }
}

impl fmt::Debug for Operand {
    /// A text may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Number(number) => write!(f, "Number({number:?})"),
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Boolean(flag) => write!(f, "Boolean({flag})"),
            Self::Time(at) => write!(f, "Time({at})"),
        }
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Formula").field(&self.text).finish()
    }
}
