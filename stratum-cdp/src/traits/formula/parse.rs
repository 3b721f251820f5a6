//! Reads a formula: comparisons bind least, then + and −, then × and ÷, then the sign.

use stratum_core::{Problem, Problems};

use super::tokens::{Kind, Token, tokens, wrong};
use super::{Arithmetic, Comparison, Function, MAX_DEPTH, MAX_NODES, Node, Operand};

/// The longest text of a formula: longer than any of 500 nodes has to be.
const MAX_CHARACTERS: usize = 20_000;

pub(super) fn parse(text: &str) -> Result<Node, Problems> {
    if text.chars().take(MAX_CHARACTERS.saturating_add(1)).count() > MAX_CHARACTERS {
        return Err(too_large().into());
    }
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, next: 0, nodes: 0, end: text.chars().count() };
    let root = reader.comparison(0)?;
    match reader.peek() {
        None => Ok(root),
        Some(extra) => Err(wrong(extra.at, "the formula should end here").into()),
    }
}

fn too_large() -> Problem {
    Problem::new("", "too_long", format!("a formula has at most {MAX_NODES} numbers, names and operations"))
        .help("make a trait of a part of it and use its name")
}

struct Reader<'a> {
    tokens: &'a [Token],
    next: usize,
    nodes: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, kind: &Kind) -> bool {
        let found = self.peek().is_some_and(|token| token.kind == *kind);
        self.next = self.next.saturating_add(usize::from(found));
        found
    }

    fn expect(&mut self, kind: &Kind, what: &str) -> Result<(), Problem> {
        if self.take(kind) {
            return Ok(());
        }
        Err(wrong(self.peek().map_or(self.end, |token| token.at), &format!("{what} is missing")))
    }

    /// Counts a node, and refuses it beyond the limits.
    fn node(&mut self, node: Node) -> Result<Node, Problem> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES { Err(too_large()) } else { Ok(node) }
    }

    fn comparison(&mut self, depth: usize) -> Result<Node, Problem> {
        if depth >= MAX_DEPTH {
            let deep = Problem::new("", "too_deep", format!("a formula has at most {MAX_DEPTH} levels"));
            return Err(deep.help("make a trait of a part of it and use its name"));
        }
        let left = self.sum(depth)?;
        let Some(Token { kind: Kind::Compares(comparison), .. }) = self.peek() else { return Ok(left) };
        let comparison: Comparison = *comparison;
        self.next = self.next.saturating_add(1);
        let right = self.sum(depth)?;
        self.node(Node::Comparison(comparison, Box::new(left), Box::new(right)))
    }

    fn sum(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut left = self.product(depth)?;
        while let Some(sign) = self.sign(&[Arithmetic::Plus, Arithmetic::Minus]) {
            let right = self.product(depth)?;
            left = self.node(Node::Arithmetic(sign, Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut left = self.signed(depth)?;
        while let Some(sign) = self.sign(&[Arithmetic::Times, Arithmetic::Over]) {
            let right = self.signed(depth)?;
            left = self.node(Node::Arithmetic(sign, Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn sign(&mut self, among: &[Arithmetic]) -> Option<Arithmetic> {
        match self.peek()?.kind {
            Kind::Sign(sign) if among.contains(&sign) => {
                self.next = self.next.saturating_add(1);
                Some(sign)
            }
            _ => None,
        }
    }

    fn signed(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut negative = false;
        while let Some(sign) = self.sign(&[Arithmetic::Plus, Arithmetic::Minus]) {
            negative ^= sign == Arithmetic::Minus;
        }
        let node = self.atom(depth)?;
        if negative { self.node(Node::Negative(Box::new(node))) } else { Ok(node) }
    }

    fn atom(&mut self, depth: usize) -> Result<Node, Problem> {
        let Some(token) = self.peek() else { return Err(wrong(self.end, "the formula ends too early")) };
        self.next = self.next.saturating_add(1);
        match &token.kind {
            Kind::Number(number) => self.node(Node::Value(Operand::Number(*number))),
            Kind::Text(text) => self.node(Node::Value(Operand::Text(text.clone()))),
            Kind::Open => {
                let inner = self.comparison(depth.saturating_add(1))?;
                self.expect(&Kind::Close, "a closing parenthesis")?;
                Ok(inner)
            }
            Kind::Name(name) if self.take(&Kind::Open) => self.call(token.at, name, depth),
            Kind::Name(name) => {
                let node = match name.as_str() {
                    "true" => Node::Value(Operand::Boolean(true)),
                    "false" => Node::Value(Operand::Boolean(false)),
                    "null" => Node::Value(Operand::Null),
                    _ => Node::Name(name.clone()),
                };
                self.node(node)
            }
            Kind::Sign(_) | Kind::Compares(_) | Kind::Close | Kind::Comma => {
                Err(wrong(token.at, "a number, a name or a parenthesis should stand here"))
            }
        }
    }

    fn call(&mut self, at: usize, name: &str, depth: usize) -> Result<Node, Problem> {
        let (function, fewest, most) = match name {
            "min" => (Function::Min, 1, MAX_NODES),
            "max" => (Function::Max, 1, MAX_NODES),
            "round" => (Function::Round, 1, 2),
            "coalesce" => (Function::Coalesce, 1, MAX_NODES),
            "if" => (Function::If, 3, 3),
            "days_since" => (Function::DaysSince, 1, 1),
            _ => {
                let known = "there are min, max, round, coalesce, if and days_since";
                return Err(wrong(at, &format!("there is no function {name:?}; {known}")));
            }
        };
        let mut arguments = Vec::new();
        if !self.take(&Kind::Close) {
            loop {
                arguments.push(self.comparison(depth.saturating_add(1))?);
                if self.take(&Kind::Close) {
                    break;
                }
                self.expect(&Kind::Comma, "a comma or a closing parenthesis")?;
            }
        }
        if !(fewest..=most).contains(&arguments.len()) {
            let takes = match (fewest, most) {
                (fewest, MAX_NODES) => format!("{fewest} or more"),
                (fewest, most) if fewest == most => fewest.to_string(),
                (fewest, most) => format!("{fewest} to {most}"),
            };
            let given = arguments.len();
            return Err(wrong(at, &format!("{name} takes {takes} arguments, not {given}")));
        }
        self.node(Node::Call(function, arguments))
    }
}
