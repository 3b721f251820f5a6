use stratum_cdp::audience::{AudienceRef, ManualSync};
use stratum_core::Timestamp;
use stratum_core::id::UserId;

fn forge(audience: AudienceRef, user_id: UserId, valid_until: Timestamp) -> ManualSync {
    ManualSync { audience, user_id, valid_until }
}

fn main() {}
