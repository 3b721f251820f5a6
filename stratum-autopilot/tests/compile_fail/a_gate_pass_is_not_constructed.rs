use stratum_core::gate::GatePass;

fn main() {
    let _ = GatePass {};
}
