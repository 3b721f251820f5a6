use stratum_autopilot::permit::Permit;

fn apply(_: Permit) {}

fn twice(permit: Permit) {
    apply(permit);
    apply(permit);
}

fn main() {}
