use stratum_cdp::consent::{Ads, Consented};

fn main() {
    let _: Consented<&str, Ads> = Consented::new("member");
}
