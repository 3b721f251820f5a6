use stratum_cdp::audience::ManualSync;
use stratum_core::Timestamp;
use stratum_core::id::{TenantId, UserId};

fn forge(tenant_id: TenantId, user_id: UserId, valid_until: Timestamp) -> ManualSync {
    ManualSync { tenant_id, platforms: Vec::new(), user_id, valid_until }
}

fn main() {}
