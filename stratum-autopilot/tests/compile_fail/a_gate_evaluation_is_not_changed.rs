use stratum_core::gate::GateEvaluation;
use stratum_core::vocabulary::GateDecision;

fn forge(mut evaluation: GateEvaluation) -> GateEvaluation {
    evaluation.decision = GateDecision::Pass;
    evaluation
}

fn main() {}
