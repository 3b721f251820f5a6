use stratum_cdp::audience::{AudienceDestination, AudienceRef};
use stratum_core::Timestamp;

async fn add<D: AudienceDestination>(destination: &D, audience: AudienceRef, now: Timestamp) {
    let _ = destination.add(audience, Vec::new(), now).await;
}

fn main() {}
