//! The hot operations: one decision without JSON, a million a second from JavaScript.
//!
//! What costs is not the decision but carrying objects across the border. So the other side writes a request as numbers
//! into an array (enumerations by their position, instants as milliseconds, what is absent as NaN), and reads the answer as
//! numbers from another. Texts stay where they are: a decision depends on no text. Only what is read of an answer later and
//! has a text (messages, remedies) is made from the same numbers, with the texts, by [`Compiled::full`].
//!
//! The fast path never says what is wrong. A request that does not fit it (an alias, an unknown field, a number out of
//! range) goes the long way, through the table of operations: the answer, or every problem of the request, is the same.
//!
//! `shapes` is the one description: the reading and the writing here come from it, and `xtask` generates the JavaScript.

#[cfg(feature = "schema")]
mod description;
pub mod shape;
mod shapes;
mod slot;

#[cfg(feature = "schema")]
pub use description::{HotOperation, operations};
pub use slot::MOST_ITEMS;

use std::cell::Cell;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stratum_autopilot::decision::LimitFacts;
use stratum_autopilot::enforcement::{self, CompiledEnforcement, EnforcementSettings};
use stratum_core::emq::event;
use stratum_core::gate::{self, GateFacts};
use stratum_core::health;
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::problem::{Problem, Problems};

use crate::operations::GateResponse;
use crate::{guard, request};
use shapes::{EnforcementBrief, EventAnswer, EventFactors, EventFacts, GateBrief, HealthFacts};
use slot::{Answer, Slot, Slots};

/// An operation with its policy, validated once and asked as often as you like.
#[derive(Debug)]
pub struct Compiled(Operation);

#[derive(Debug)]
enum Operation {
    Health(Box<CompiledTrustPolicy>),
    Gate(Box<CompiledTrustPolicy>),
    Enforcement(Box<CompiledEnforcement>),
    EventEmq,
}

impl Compiled {
    /// Validates the policy of an operation; JSON text, `null` for the defaults.
    ///
    /// # Errors
    /// Every problem of the policy; `unknown_operation` for one that is not hot.
    pub fn new(operation: &str, policy: &str) -> Result<Self, Problems> {
        guard(operation, || {
            Ok(Self(match operation {
                "health.evaluate" => {
                    Operation::Health(Box::new(policy_of::<TrustPolicy>(policy)?.compile()?))
                }
                "gate.evaluate" => Operation::Gate(Box::new(policy_of::<TrustPolicy>(policy)?.compile()?)),
                "enforcement.check" => {
                    Operation::Enforcement(Box::new(policy_of::<EnforcementSettings>(policy)?.compile()?))
                }
                "emq.event" => Operation::EventEmq,
                _ => {
                    return Err(Problem::new(
                        "",
                        "unknown_operation",
                        format!("{operation} has no compiled form"),
                    )
                    .into());
                }
            }))
        })
    }

    /// Decides on the facts in `asked` and writes the answer. `false`: these facts do not fit the fast path, ask the table.
    ///
    /// Cells, because this is memory that the other side writes and reads, too, while nothing runs here.
    #[must_use]
    pub fn run(&self, asked: &[Cell<f64>], answer: &[Cell<f64>]) -> bool {
        let mut answer = Answer::new(answer);
        let decided = guard(self.name(), || Ok(self.decide(Slots::numbers(asked), &mut answer)));
        // What broke inside breaks again on the long way, which says so.
        matches!(decided, Ok(Some(()))) && answer.fits()
    }

    fn decide(&self, mut asked: Slots<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match &self.0 {
            Operation::Health(policy) => {
                let facts = HealthFacts::read(&mut asked)?.into();
                health::evaluate(policy, &facts).ok()?.write(answer);
            }
            Operation::Gate(policy) => {
                let said = gate::evaluate(policy, &GateFacts::read(&mut asked)?);
                let brief = GateBrief {
                    decision: said.decision(),
                    score: said.score().map(f64::from),
                    threshold: said.threshold(),
                    codes: said.reasons().iter().map(|reason| reason.code).collect(),
                };
                brief.write(answer);
            }
            Operation::Enforcement(limits) => {
                let facts = LimitFacts::read(&mut asked)?;
                let check = enforcement::check(limits, &facts.change, &facts.known);
                let brief = EnforcementBrief {
                    allowed: check.allowed,
                    mode: check.mode,
                    requires_confirmation: check.requires_confirmation,
                    codes: check.violations.iter().map(|violation| violation.violation_type).collect(),
                };
                brief.write(answer);
            }
            Operation::EventEmq => event_answer(EventFacts::read(&mut asked)?).write(answer),
        }
        Some(())
    }

    /// The whole answer to the facts in `asked`, as the table of operations gives it. `texts` are those that the facts
    /// refer to.
    ///
    /// # Errors
    /// `internal`, where the slots are not those of a request that was answered before.
    pub fn full(&self, asked: &[f64], texts: &[String]) -> Result<String, Problems> {
        guard(self.name(), || {
            let asked: Vec<_> = asked.iter().copied().map(Cell::new).collect();
            let mut asked = Slots::with_texts(&asked, texts);
            match &self.0 {
                Operation::Gate(policy) => {
                    let facts = GateFacts::read(&mut asked).ok_or_else(unreadable)?;
                    let evaluation = gate::evaluate(policy, &facts);
                    let remedies = gate::remedies(policy, &facts, &evaluation);
                    text_of(&GateResponse { evaluation, remedies })
                }
                Operation::Enforcement(limits) => {
                    let facts = LimitFacts::read(&mut asked).ok_or_else(unreadable)?;
                    text_of(&enforcement::check(limits, &facts.change, &facts.known))
                }
                // Their answers hold no text, so nothing of them is left to be asked for.
                Operation::Health(_) | Operation::EventEmq => Err(unreadable()),
            }
        })
    }

    /// The whole answer to the facts in `asked` as the table gives it, where no text of the facts stands in it. `None`:
    /// these facts do not fit the fast path, ask the table.
    #[must_use]
    pub fn whole(&self, asked: &[Cell<f64>]) -> Option<String> {
        guard(self.name(), || Ok(self.without_texts(Slots::numbers(asked)))).ok().flatten()
    }

    fn without_texts(&self, mut asked: Slots<'_>) -> Option<String> {
        match &self.0 {
            Operation::Gate(policy) => {
                let facts = GateFacts::read(&mut asked)?;
                let evaluation = gate::evaluate(policy, &facts);
                let remedies = gate::remedies(policy, &facts, &evaluation);
                text_of(&GateResponse { evaluation, remedies }).ok()
            }
            Operation::Enforcement(limits) => {
                let facts = LimitFacts::read(&mut asked)?;
                let check = enforcement::check(limits, &facts.change, &facts.known);
                // Which campaign that would be is a text of the facts.
                if check.propose_pause_of.is_some() {
                    return None;
                }
                text_of(&check).ok()
            }
            // What they answer lies in slots as a whole.
            Operation::Health(_) | Operation::EventEmq => None,
        }
    }

    /// The policy as JSON text, defaults included; `null` where the operation knows none.
    ///
    /// # Errors
    /// None in practice: a policy that was read can be written.
    pub fn policy(&self) -> Result<String, Problems> {
        match &self.0 {
            Operation::Health(policy) | Operation::Gate(policy) => text_of(policy.policy()),
            Operation::Enforcement(limits) => text_of(limits.settings()),
            Operation::EventEmq => Ok("null".to_owned()),
        }
    }

    /// SHA-256 of the trust policy: what a recorded decision names it by. `None` where the operation has none.
    #[must_use]
    pub fn policy_digest(&self) -> Option<String> {
        match &self.0 {
            Operation::Health(policy) | Operation::Gate(policy) => Some(policy.digest().to_string()),
            Operation::Enforcement(_) | Operation::EventEmq => None,
        }
    }

    /// The score from which a change of this type passes the gate: at least 70. `None` where the operation is not the gate.
    ///
    /// # Errors
    /// `unknown_value` for a type that does not exist.
    pub fn threshold(&self, action_type: &str) -> Result<Option<f64>, Problems> {
        match &self.0 {
            Operation::Gate(policy) => Ok(Some(policy.threshold(action_type.parse::<_>()?))),
            _ => Ok(None),
        }
    }

    const fn name(&self) -> &'static str {
        match self.0 {
            Operation::Health(_) => "health.evaluate",
            Operation::Gate(_) => "gate.evaluate",
            Operation::Enforcement(_) => "enforcement.check",
            Operation::EventEmq => "emq.event",
        }
    }
}

fn event_answer(facts: EventFacts) -> EventAnswer {
    match event::evaluate(&facts.into()) {
        Ok(emq) => EventAnswer {
            score: Some(emq.score.get()),
            band: Some(emq.band),
            refusal: None,
            factors: Some(EventFactors {
                identifier_quality: emq.factors.identifier_quality.get(),
                data_completeness: emq.factors.data_completeness.get(),
                timeliness: emq.factors.timeliness.get(),
                context_richness: emq.factors.context_richness.get(),
            }),
        },
        Err(refusal) => EventAnswer { refusal: Some(refusal), ..EventAnswer::default() },
    }
}

fn policy_of<P: DeserializeOwned + Default>(text: &str) -> Result<P, Problems> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Problem::new("", "invalid_json", format!("the policy is no JSON: {error}")))?;
    if value.is_null() { Ok(P::default()) } else { request::part(&value, "") }
}

fn text_of<T: Serialize>(answer: &T) -> Result<String, Problems> {
    serde_json::to_string(answer)
        .map_err(|error| Problem::new("", "not_serializable", error.to_string()).into())
}

fn unreadable() -> Problems {
    Problem::new("", "internal", "these slots hold no request of this operation").into()
}
