use stratum_core::gate::ManualOverride;

fn main() {
    let _ = ManualOverride {};
}
