use stratum_cdp::audience::{AudienceDestination, SyncPermit};
use stratum_core::Timestamp;

async fn add<D: AudienceDestination>(destination: &D, permit: SyncPermit, member: D::Member, now: Timestamp) {
    let _ = destination.add(permit, vec![member], now).await;
}

fn main() {}
