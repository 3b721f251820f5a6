//! `stratum verify-audit`: is every chain what was written, up to where it was signed?

use std::path::PathBuf;

use anyhow::bail;
use stratum_autopilot::audit::{BrokenLink, Verification};
use stratum_core::id::TenantId;

use crate::audit::{self, HeadSigning, SignedHead, signing};
use crate::clock::Clock;
use crate::db::{Db, PoolSizes, Scope};
use crate::storage::Storage;

/// Checks the chain of `tenant`, or of every tenant, against itself and against the heads that were signed, in the
/// database and in the file `heads`, and prints one line each.
pub(super) async fn verify_audit(
    storage: &Storage,
    tenant: Option<TenantId>,
    heads: Option<PathBuf>,
) -> anyhow::Result<()> {
    let file = heads.unwrap_or_else(|| storage.data_dir.join(signing::FILE));
    let (mut kept, damaged) = signing::read_file(&file)?;
    let ours = HeadSigning::new(&storage.secret, None);
    let db = Db::open(&storage.connections, PoolSizes::default(), Clock::default());
    let tenants = match tenant {
        Some(tenant) => vec![tenant],
        None => db.directory().tenants().await?,
    };
    let mut broken = 0_usize;
    for tenant in tenants {
        let kept = kept.remove(&tenant).unwrap_or_default();
        let ours = ours.clone();
        let checked = db
            .tenant_read(&Scope::system(tenant), move |tx| {
                let (kept, ours) = (kept.clone(), ours.clone());
                Box::pin(async move {
                    let found = audit::verify(tx, None, None).await?;
                    let mut signed = signing::stored(tx).await?;
                    signed.extend(kept);
                    let foreign = signed.iter().filter(|signed| !ours.is_ours(signed)).count();
                    signed.retain(|signed| ours.is_ours(signed));
                    let cut = signing::compare(tx, &signed).await?;
                    Ok(Checked { found, cut, foreign, newest: newest(&signed) })
                })
            })
            .await?;
        println!("{tenant}: {}", checked.sentence());
        broken = broken.saturating_add(usize::from(!checked.is_good()));
    }
    db.close().await;
    // A chain that was signed and is not there at all.
    for gone in kept.keys().filter(|gone| tenant.is_none_or(|tenant| tenant == **gone)) {
        println!("{gone}: signed, and not in the database");
        broken = broken.saturating_add(1);
    }
    if damaged > 0 {
        bail!("{damaged} lines of {} are no signed heads", file.display());
    }
    if broken > 0 { bail!("{broken} of the chains are not what was written") } else { Ok(()) }
}

/// What was found about one chain.
struct Checked {
    found: Verification,
    /// Where it does not lead through a head that was signed.
    cut: Option<BrokenLink>,
    /// How many heads were not signed with this server's secret.
    foreign: usize,
    /// The newest head that was.
    newest: Option<SignedHead>,
}

impl Checked {
    fn is_good(&self) -> bool {
        self.found.ok && self.cut.is_none() && self.foreign == 0
    }

    fn sentence(&self) -> String {
        let Self { found, cut, foreign, newest } = self;
        if let (Some(seq), Some(cause)) = (found.first_bad_seq, found.cause) {
            return format!("broken at {seq} ({cause}); {} entries before it are good", found.checked);
        }
        if let Some(BrokenLink { seq, cause }) = cut {
            return format!(
                "broken at {seq} ({cause}): {} entries fit together, and are not the chain whose end was signed",
                found.checked
            );
        }
        if *foreign > 0 {
            return format!(
                "{foreign} signed heads are not of this server's secret; give the secret that they were signed with"
            );
        }
        let signed = newest.map_or_else(
            || "not signed yet".to_owned(),
            |newest| format!("signed up to {} at {}", newest.head.seq, newest.signed_at),
        );
        format!("{} entries are good, {signed}; head {}", found.checked, found.head_hash)
    }
}

fn newest(signed: &[SignedHead]) -> Option<SignedHead> {
    signed.iter().max_by_key(|signed| (signed.head.seq, signed.signed_at)).copied()
}
