//! From rules to a segment that can be asked: every problem at once.

use serde_json::{Map, Value};
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_core::spelling::nearest;

use super::condition::Condition;
use super::field::Field;
use super::rules::{
    ConditionOperator, Logic, MAX_CONDITIONS, MAX_LEVELS, MAX_WINDOW, SegmentRules, SegmentType,
};
use super::values::read_test;

/// How conditions are taken together; the number of a condition is its position in the list of all.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Condition(usize),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// The rules of a segment, validated and ready to be asked.
///
/// It holds no instant: [`Segment::at`] gives it one.
#[derive(Debug, Clone)]
pub struct Segment {
    pub(crate) root: Node,
    pub(crate) conditions: Vec<Condition>,
}

impl Segment {
    /// Reads and validates rules.
    ///
    /// # Errors
    /// Every problem at once, each with a JSON pointer into the rules: `missing_field`, `unknown_field`, `wrong_type`,
    /// `unknown_value` (with the nearest operator or field), `type_mismatch` (operator and field), `not_allowed_here`,
    /// `out_of_range`, `invalid_range` (low above high), `invalid_timestamp`, `too_deep`, `too_long`, `too_short`,
    /// `empty_group`, `one_child`.
    pub fn compile(rules: &SegmentRules) -> Result<Self, Problems> {
        let value = serde_json::to_value(rules)
            .map_err(|error| Problem::new("", "not_serializable", error.to_string()))?;
        Self::from_json(&value)
    }

    /// Reads and validates rules as JSON.
    ///
    /// # Errors
    /// As [`Segment::compile`].
    pub fn from_json(rules: &Value) -> Result<Self, Problems> {
        let mut reader = Reader { conditions: Vec::new(), seen: 0, found: ProblemCollector::new() };
        let root = reader.group(rules, "", 1);
        if reader.seen > MAX_CONDITIONS {
            let seen = reader.seen;
            reader.found.push(
                Problem::new(
                    "",
                    "too_long",
                    format!("a segment has at most {MAX_CONDITIONS} conditions, not {seen}"),
                )
                .help("make a part of it a segment of its own and ask for segment.<id>"),
            );
        }
        let Reader { conditions, found, .. } = reader;
        let segment = Self { root: root.unwrap_or(Node::Any(Vec::new())), conditions };
        found.into_result(segment)
    }

    /// As [`Segment::from_json`], for a segment of a type: a computed one has a condition about a prediction.
    ///
    /// # Errors
    /// As [`Segment::compile`], and `needs_prediction`.
    pub fn of_type(rules: &Value, segment_type: SegmentType) -> Result<Self, Problems> {
        let segment = Self::from_json(rules)?;
        let predicts = segment.conditions.iter().any(|condition| condition.field.is_prediction());
        if segment_type == SegmentType::Computed && !predicts {
            return Err(Problem::new(
                "",
                "needs_prediction",
                "a computed segment has at least one condition about a prediction",
            )
            .help("add one about prediction.churn_probability, …, or make it dynamic")
            .into());
        }
        Ok(segment)
    }

    /// How many conditions it has.
    #[must_use]
    pub const fn condition_count(&self) -> usize {
        self.conditions.len()
    }

    /// How many levels of groups it has.
    #[must_use]
    pub fn levels(&self) -> usize {
        fn levels(node: &Node) -> usize {
            match node {
                Node::Condition(_) => 0,
                Node::All(children) | Node::Any(children) => {
                    children.iter().map(levels).max().unwrap_or(0).saturating_add(1)
                }
                Node::Not(child) => levels(child).saturating_add(1),
            }
        }
        levels(&self.root)
    }

    /// What it is about: each field once, sorted.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        sorted(self.conditions.iter().map(|condition| condition.name.as_str()))
    }

    /// The segments whose members it asks for: each id once, sorted.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        sorted(self.conditions.iter().filter_map(|condition| match &condition.field {
            Field::Segment(id) => Some(id.as_str()),
            _ => None,
        }))
    }

    /// The events that it looks at: each name once, sorted.
    #[must_use]
    pub fn events(&self) -> Vec<&str> {
        sorted(self.conditions.iter().filter_map(|condition| match &condition.field {
            Field::Event(event) => Some(event.name.as_str()),
            _ => None,
        }))
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

struct Reader {
    conditions: Vec<Condition>,
    /// Conditions met, the wrong ones among them.
    seen: usize,
    found: ProblemCollector,
}

impl Reader {
    /// `None` where something was wrong; the problem is noted.
    fn group(&mut self, value: &Value, path: &str, level: usize) -> Option<Node> {
        let Value::Object(members) = value else {
            self.found.push(Problem::new(
                path,
                "wrong_type",
                "a group is an object {logic, conditions, groups}",
            ));
            return None;
        };
        if level > MAX_LEVELS {
            self.found.push(
                Problem::new(path, "too_deep", format!("groups stand in at most {MAX_LEVELS} levels"))
                    .help("flatten it, or make a part of it a segment of its own"),
            );
            return None;
        }
        self.refuse_others(members, &["logic", "conditions", "groups"], path);
        let logic = self.word::<Logic>(members, "logic", path, Logic::ALL.iter().map(|logic| logic.as_str()));
        let mut right = true;
        let mut children = Vec::new();
        for (index, item) in self.list(members, "conditions", path).iter().enumerate() {
            let child = self.condition(item, &format!("{path}/conditions/{index}"));
            right &= child.is_some();
            children.extend(child);
        }
        for (index, item) in self.list(members, "groups", path).iter().enumerate() {
            let child = self.group(item, &format!("{path}/groups/{index}"), level.saturating_add(1));
            right &= child.is_some();
            children.extend(child);
        }
        let logic = logic?;
        if right && children.is_empty() {
            self.found.push(
                Problem::new(path, "empty_group", "a group has at least one condition or group")
                    .help("remove it"),
            );
            return None;
        }
        if logic == Logic::Not && right && children.len() != 1 {
            let message = format!("not has exactly one condition or group, here are {}", children.len());
            self.found
                .push(Problem::new(path, "one_child", message).help("put them into one group below it"));
            return None;
        }
        right.then_some(())?;
        Some(match logic {
            Logic::And => Node::All(children),
            Logic::Or => Node::Any(children),
            Logic::Not => Node::Not(Box::new(children.pop()?)),
        })
    }

    fn condition(&mut self, value: &Value, path: &str) -> Option<Node> {
        self.seen = self.seen.saturating_add(1);
        let Value::Object(members) = value else {
            self.found.push(Problem::new(
                path,
                "wrong_type",
                "a condition is an object {field, operator, value}",
            ));
            return None;
        };
        self.refuse_others(members, &["field", "operator", "value", "window_days"], path);
        let field = self.field(members, path);
        let operators = ConditionOperator::ALL.iter().map(|operator| operator.as_str());
        let operator = self.word::<ConditionOperator>(members, "operator", path, operators);
        let window_days = self.window(members, field.as_ref().map(|(field, _)| field), path);
        let (field, name) = field?;
        let value = members.get("value").filter(|value| !value.is_null());
        match read_test(&field, operator?, value) {
            Ok(test) => {
                let (path, operator, window_days) = (path.to_owned(), operator?, window_days?);
                let number = self.conditions.len();
                // More are refused at the end; they need not be kept until then.
                if number < MAX_CONDITIONS {
                    self.conditions.push(Condition { field, name, path, operator, test, window_days });
                }
                Some(Node::Condition(number))
            }
            Err(problems) => {
                self.found.extend_under(path, problems);
                None
            }
        }
    }

    fn field(&mut self, members: &Map<String, Value>, path: &str) -> Option<(Field, String)> {
        let text = self.text(members, "field", path)?;
        let field = self.found.take(&format!("{path}/field"), Field::parse(text))?;
        Some((field, text.to_owned()))
    }

    /// `Some(None)` for no window.
    fn window(
        &mut self,
        members: &Map<String, Value>,
        field: Option<&Field>,
        path: &str,
    ) -> Option<Option<u32>> {
        let Some(value) = members.get("window_days").filter(|value| !value.is_null()) else {
            return Some(None);
        };
        let path = format!("{path}/window_days");
        let days = value
            .as_u64()
            .and_then(|days| u32::try_from(days).ok())
            .filter(|days| (1..=MAX_WINDOW).contains(days));
        if days.is_none() {
            self.found.push(if value.is_number() {
                Problem::new(
                    path,
                    "out_of_range",
                    format!("a window is a whole number of days, 1 to {MAX_WINDOW}"),
                )
            } else {
                Problem::new(
                    path,
                    "wrong_type",
                    format!("a window is a whole number of days, 1 to {MAX_WINDOW}"),
                )
            });
            return None;
        }
        match field {
            Some(Field::Event(_)) => Some(days),
            Some(_) => {
                self.found.push(
                    Problem::new(path, "not_allowed_here", "only fields of events have a window")
                        .help("leave it out"),
                );
                None
            }
            None => None,
        }
    }

    fn text<'v>(&mut self, members: &'v Map<String, Value>, name: &str, path: &str) -> Option<&'v str> {
        let path = || format!("{path}/{name}");
        match members.get(name) {
            Some(Value::String(text)) => return Some(text),
            None => self.found.push(Problem::new(path(), "missing_field", format!("{name} is missing"))),
            Some(_) => self.found.push(Problem::new(path(), "wrong_type", format!("{name} is a text"))),
        }
        None
    }

    fn word<T: std::str::FromStr>(
        &mut self,
        members: &Map<String, Value>,
        name: &str,
        path: &str,
        words: impl Iterator<Item = &'static str> + Clone,
    ) -> Option<T> {
        let text = self.text(members, name, path)?;
        let word = text.parse().ok();
        if word.is_none() {
            let shown: String = text.chars().take(40).collect();
            let problem = Problem::new(
                format!("{path}/{name}"),
                "unknown_value",
                format!("{shown:?} is none of the values of {name}"),
            );
            self.found.push(match nearest(text, words.clone()) {
                Some(meant) => problem.help(format!("did you mean {meant}?")),
                None => problem.help(format!("write one of: {}", words.collect::<Vec<_>>().join(", "))),
            });
        }
        word
    }

    fn list<'v>(&mut self, members: &'v Map<String, Value>, name: &str, path: &str) -> &'v [Value] {
        match members.get(name) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.found.push(Problem::new(
                    format!("{path}/{name}"),
                    "wrong_type",
                    format!("{name} is a list"),
                ));
                &[]
            }
        }
    }

    fn refuse_others(&mut self, members: &Map<String, Value>, known: &[&'static str], path: &str) {
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let shown: String = name.chars().take(40).collect();
            let place = format!("{path}{}", pointer_step(name));
            let problem = Problem::new(place, "unknown_field", format!("there is no field {shown:?} here"));
            self.found.push(match nearest(name, known.iter().copied()) {
                Some(meant) => problem.help(format!("did you mean {meant}?")),
                None => problem.help(format!("the fields are: {}", known.join(", "))),
            });
        }
    }
}
