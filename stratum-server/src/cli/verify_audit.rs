//! `stratum verify-audit`: is every chain what was written?

use anyhow::bail;
use stratum_core::id::TenantId;

use crate::audit;
use crate::clock::Clock;
use crate::db::{Db, PoolSizes, Scope};
use crate::storage::Storage;

/// Checks the chain of `tenant`, or of every tenant, and prints one line each.
pub(super) async fn verify_audit(storage: &Storage, tenant: Option<TenantId>) -> anyhow::Result<()> {
    let db = Db::open(&storage.connections, PoolSizes::default(), Clock::default());
    let tenants = match tenant {
        Some(tenant) => vec![tenant],
        None => db.directory().tenants().await?,
    };
    let mut broken = 0_usize;
    for tenant in tenants {
        let found = db
            .tenant_read(&Scope::system(tenant), |tx| {
                Box::pin(async move { audit::verify(tx, None, None).await })
            })
            .await?;
        match (found.first_bad_seq, found.cause) {
            (Some(seq), Some(cause)) => {
                broken = broken.saturating_add(1);
                println!("{tenant}: broken at {seq} ({cause}); {} entries before it are good", found.checked);
            }
            _ => println!("{tenant}: {} entries are good; head {}", found.checked, found.head_hash),
        }
    }
    db.close().await;
    if broken > 0 { bail!("{broken} of the chains are not what was written") } else { Ok(()) }
}
