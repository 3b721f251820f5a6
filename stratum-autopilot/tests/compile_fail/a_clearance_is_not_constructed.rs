use stratum_autopilot::enforcement::Clearance;

fn main() {
    let _ = Clearance {};
}
