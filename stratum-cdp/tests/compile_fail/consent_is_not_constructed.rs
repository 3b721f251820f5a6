use std::marker::PhantomData;

use stratum_cdp::consent::{Ads, Consented};

fn main() {
    let _: Consented<&str, Ads> = Consented { value: "member", purpose: PhantomData };
}
