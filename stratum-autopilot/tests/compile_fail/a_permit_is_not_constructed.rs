use stratum_autopilot::permit::Permit;

fn main() {
    let _ = Permit {};
}
