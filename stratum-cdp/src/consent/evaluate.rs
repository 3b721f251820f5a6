//! What holds after a list of decisions, as every language asks for it.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::decision::{ConsentDecision, ConsentType};
use super::state::{ConsentChange, Consents, EffectiveConsent, LegalBasis};

/// The decisions of a person, or of two profiles that turn out to be one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConsentRequest {
    /// What was known before; nothing if left out.
    #[serde(default)]
    pub known: Vec<ConsentDecision>,
    /// What the person decided since, in any order.
    #[serde(default)]
    pub decisions: Vec<ConsentDecision>,
    /// What was decided on a profile that is merged into this one, after the decisions above.
    #[serde(default)]
    pub merged: Vec<ConsentDecision>,
    /// On which legal basis the tenant measures.
    #[serde(default)]
    pub analytics_legal_basis: LegalBasis,
}

/// What holds, and what has to follow from what changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ConsentEvaluation {
    /// Each purpose, in the order of the contract.
    pub current: Vec<EffectiveConsent>,
    /// What is different from what was known before.
    pub changes: Vec<ConsentChange>,
}

/// Folds decisions into what holds.
///
/// # Errors
/// `too_long` for a source, version, text, proof.
pub fn evaluate(request: &ConsentRequest) -> Result<ConsentEvaluation, Problems> {
    let mut found = ProblemCollector::new();
    let lists =
        [("/known", &request.known), ("/decisions", &request.decisions), ("/merged", &request.merged)];
    for (place, decisions) in lists {
        for (position, decision) in decisions.iter().enumerate() {
            check(decision, &format!("{place}/{position}"), &mut found);
        }
    }
    found.into_result(())?;
    let fold = |mut consents: Consents, decisions: &[ConsentDecision]| {
        decisions.iter().for_each(|decision| consents.record(decision));
        consents
    };
    let before = fold(Consents::default(), &request.known);
    let mut now = fold(before.clone(), &request.decisions);
    now.merge(&fold(Consents::default(), &request.merged));
    let basis = request.analytics_legal_basis;
    Ok(ConsentEvaluation {
        current: ConsentType::PURPOSES.map(|purpose| now.effective(purpose, basis)).to_vec(),
        changes: now.changes_since(&before, basis),
    })
}

fn check(decision: &ConsentDecision, place: &str, found: &mut ProblemCollector) {
    let texts = [
        ("source", &decision.source, 100),
        ("consent_version", &decision.consent_version, 50),
        ("consent_text", &decision.consent_text, 10_000),
        ("proof", &decision.proof, 500),
    ];
    for (field, text, most) in texts {
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            let message = format!("this is at most {most} characters long");
            found.push(Problem::new(format!("{place}/{field}"), "too_long", message));
        }
    }
}
