use stratum_cdp::consent::{Ads, Consented};

fn swap(agreed: Consented<String, Ads>, somebody_else: String) -> Consented<String, Ads> {
    agreed.map(|_| somebody_else)
}

fn main() {}
