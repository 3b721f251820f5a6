use stratum_cdp::audience::{AudienceRef, ManualSync, SyncBasis, SyncPermit};
use stratum_core::Timestamp;

fn twice(audience: AudienceRef, given: ManualSync, now: Timestamp) {
    let _first = SyncPermit::issue(audience.clone(), SyncBasis::Manual(given), now);
    let _second = SyncPermit::issue(audience, SyncBasis::Manual(given), now);
}

fn main() {}
