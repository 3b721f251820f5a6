use stratum_cdp::consent::{ConsentType, Purpose};

struct Anything;

impl Purpose for Anything {
    const TYPE: ConsentType = ConsentType::Analytics;
}

fn main() {}
