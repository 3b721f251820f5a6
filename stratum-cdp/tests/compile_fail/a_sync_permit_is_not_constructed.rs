use stratum_cdp::audience::{AudienceRef, SyncPermit};
use stratum_core::Timestamp;

fn forge(audience: AudienceRef, expires_at: Timestamp) -> SyncPermit {
    SyncPermit { audience, manual: false, expires_at }
}

fn main() {}
