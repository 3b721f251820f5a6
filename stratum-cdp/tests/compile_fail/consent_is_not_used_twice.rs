use stratum_cdp::consent::{Ads, Consented};

fn upload(_: Consented<&str, Ads>) {}

fn twice(member: Consented<&str, Ads>) {
    upload(member);
    upload(member);
}

fn main() {}
