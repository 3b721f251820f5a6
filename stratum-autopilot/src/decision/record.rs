//! A decision with all that it was made of, and the digests that say so.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::id::DecisionId;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::GateDecision;
use stratum_core::{Digest, canonical};

use super::{CompiledDecisionPolicy, Decision, DecisionFacts, DecisionPolicy, DecisionRequest, lenient};

/// A decision as it is stored. Facts, policy and outcome stand as they were written, so that their digests hold whatever
/// a later version adds to their types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecisionRecord {
    /// Under which it is stored.
    #[serde(default)]
    pub decision_id: Option<DecisionId>,
    /// What was known: [`DecisionFacts`].
    pub facts: Value,
    /// The policy in force: [`DecisionPolicy`].
    pub policy: Value,
    /// SHA-256 of the canonical JSON of the facts.
    pub facts_digest: Digest,
    /// SHA-256 of the canonical JSON of the policy.
    pub policy_digest: Digest,
    /// What was decided: [`Decision`] without its sentences.
    pub outcome: Value,
    /// SHA-256 of the canonical JSON of the outcome.
    pub outcome_digest: Digest,
}

impl DecisionRecord {
    /// Decides and records.
    ///
    /// # Errors
    /// As [`super::evaluate`]; `unsafe_integer` where a number of the facts does not survive JSON.
    pub fn of(request: &DecisionRequest) -> Result<(Decision, Self), Problems> {
        let policy = request.policy.compile().map_err(|problems| problems.under("/policy"))?;
        Self::with_policy(request.decision_id, &policy, &request.facts)
    }

    /// Decides by a policy that was compiled before, and records.
    ///
    /// # Errors
    /// `facts_disagree`, and `unsafe_integer` where a number of the facts does not survive JSON.
    pub fn with_policy(
        decision_id: Option<DecisionId>,
        policy: &CompiledDecisionPolicy,
        facts: &DecisionFacts,
    ) -> Result<(Decision, Self), Problems> {
        let decision = policy.decide(facts)?;
        let facts = digested("/facts", facts)?;
        Self::about(decision_id, decision, facts, &WrittenPolicy::of(policy)?)
    }

    /// Decides by a policy of which the record's part was written before, and records.
    ///
    /// # Errors
    /// As [`DecisionRecord::with_policy`].
    pub fn with_recorded_policy(
        decision_id: Option<DecisionId>,
        policy: &RecordedPolicy,
        facts: &DecisionFacts,
    ) -> Result<(Decision, Self), Problems> {
        let decision = policy.compiled.decide(facts)?;
        Self::about(decision_id, decision, digested("/facts", facts)?, &policy.written)
    }

    fn about(
        decision_id: Option<DecisionId>,
        decision: Decision,
        (facts, facts_digest): (Value, Digest),
        policy: &WrittenPolicy,
    ) -> Result<(Decision, Self), Problems> {
        let outcome = outcome_of(&decision)?;
        let outcome_digest = digest_of(&outcome).map_err(|problem| problem.under("/outcome"))?;
        let record = Self {
            decision_id,
            facts,
            policy: policy.value.clone(),
            facts_digest,
            policy_digest: policy.digest,
            outcome,
            outcome_digest,
        };
        Ok((decision, record))
    }

    /// What was decided; `None` if the outcome does not say.
    #[must_use]
    pub fn decision(&self) -> Option<GateDecision> {
        self.outcome.get("decision")?.as_str()?.parse().ok()
    }

    /// The facts, read.
    ///
    /// # Errors
    /// `invalid_record` if they are none.
    pub fn read_facts(&self) -> Result<DecisionFacts, Problem> {
        lenient::read(&self.facts).map_err(|error| Problem::new("/facts", "invalid_record", error))
    }

    /// The policy, read.
    ///
    /// # Errors
    /// `invalid_record` if it is none.
    pub fn read_policy(&self) -> Result<DecisionPolicy, Problem> {
        lenient::read(&self.policy).map_err(|error| Problem::new("/policy", "invalid_record", error))
    }

    /// Compares every part with its digest.
    ///
    /// # Errors
    /// `digest_mismatch` at each part that was changed since.
    pub fn check_digests(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (path, part, digest) in [
            ("/facts", &self.facts, self.facts_digest),
            ("/policy", &self.policy, self.policy_digest),
            ("/outcome", &self.outcome, self.outcome_digest),
        ] {
            let Some(computed) = found.take(path, digest_of(part)) else { continue };
            if computed != digest {
                found.push(Problem::new(
                    path,
                    "digest_mismatch",
                    format!(
                        "this part was changed since it was recorded: its digest is {computed}, not {digest}"
                    ),
                ));
            }
        }
        found.into_result(())
    }
}

/// A policy as records hold it.
#[derive(Debug, Clone, PartialEq)]
struct WrittenPolicy {
    value: Value,
    digest: Digest,
}

impl WrittenPolicy {
    fn of(policy: &CompiledDecisionPolicy) -> Result<Self, Problem> {
        let written =
            DecisionPolicy::new(policy.trust().policy().clone(), policy.enforcement().settings().clone());
        let (value, digest) = digested("/policy", &written)?;
        Ok(Self { value, digest })
    }
}

/// A policy with what every record under it says of it, for whoever decides often by the same one.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedPolicy {
    compiled: CompiledDecisionPolicy,
    written: WrittenPolicy,
}

impl RecordedPolicy {
    /// Writes the policy once.
    ///
    /// # Errors
    /// `unsafe_integer` where a number of the policy does not survive JSON.
    pub fn new(compiled: CompiledDecisionPolicy) -> Result<Self, Problems> {
        let written = WrittenPolicy::of(&compiled)?;
        Ok(Self { compiled, written })
    }
}

fn digested(path: &str, part: &impl Serialize) -> Result<(Value, Digest), Problem> {
    let value = canonical::value_of(part)
        .map_err(|error| Problem::new(path, "not_serializable", error.to_string()))?;
    let digest = digest_of(&value).map_err(|problem| problem.under(path))?;
    Ok((value, digest))
}

/// The digest of a value that is JSON already; [`canonical::digest`] would copy it first.
fn digest_of(value: &Value) -> Result<Digest, Problem> {
    Ok(Digest::of(canonical::write(value)?.as_bytes()))
}

/// A decision as data, without its sentences: their wording may change, and nothing depends on it.
pub(super) fn outcome_of(decision: &Decision) -> Result<Value, Problem> {
    let mut outcome = canonical::value_of(decision)
        .map_err(|error| Problem::new("/outcome", "not_serializable", error.to_string()))?;
    remove_messages(&mut outcome);
    Ok(outcome)
}

fn remove_messages(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(remove_messages),
        Value::Object(members) => {
            members.remove("message");
            members.values_mut().for_each(remove_messages);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
