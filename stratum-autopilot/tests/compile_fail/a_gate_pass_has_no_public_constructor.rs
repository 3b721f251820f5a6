use stratum_core::gate::{GateFacts, GatePass};

fn forge(facts: &GateFacts) -> GatePass {
    GatePass::new(facts, stratum_core::Score::MAX, facts.now)
}

fn main() {}
