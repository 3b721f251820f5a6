use stratum_cdp::audience::SyncPermit;

fn copy(permit: &SyncPermit) -> SyncPermit {
    permit.clone()
}

fn main() {}
