use stratum_cdp::audience::{AudienceDestination, SyncPermit};
use stratum_core::Timestamp;

async fn twice<D: AudienceDestination>(destination: &D, permit: SyncPermit, now: Timestamp) {
    let _ = destination.add(permit, Vec::new(), now).await;
    let _ = destination.add(permit, Vec::new(), now).await;
}

fn main() {}
