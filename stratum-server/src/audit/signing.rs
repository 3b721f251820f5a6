//! Signed heads: once a day the end of each tenant's chain is signed, and the signature kept in the database and in a
//! file outside it. A chain is its own proof only up to where it ends; whoever cuts records off its end cannot make the
//! signature of a shorter one disappear from a file, a log or a backup that they cannot write.
//!
//! The key is derived from the server's secret. Whoever has the secret can sign; a head that was signed with another
//! secret counts as not signed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sqlx::Row as _;
use stratum_autopilot::audit::{BrokenLink, BrokenLinkCause, ChainHead};
use stratum_core::id::TenantId;
use stratum_core::{Digest, Timestamp, canonical};

use super::digest;
use super::verify::kept_head;
use crate::clock::instant;
use crate::db::{Db, Scope, TenantTx};
use crate::http::ApiError;
use crate::state::AppState;

/// The name of the file in the data directory.
pub const FILE: &str = "audit-heads.jsonl";
/// What every signature begins with, followed by a zero byte.
const DOMAIN: &str = "stratum.audit.head.v1";
/// The tenants whose chain was not signed today.
const DUE: &str = "SELECT tenant_id FROM tenant WHERE NOT EXISTS (
     SELECT FROM audit_signature s
     WHERE s.tenant_id = tenant.tenant_id AND s.signed_on = ($1::timestamptz AT TIME ZONE 'UTC')::date)";
/// How often the loop looks whether a day has begun.
const BEAT: Duration = Duration::from_secs(5);

/// The end of a chain as it was on some day, signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// Where the chain ended.
    pub head: ChainHead,
    /// When.
    pub signed_at: Timestamp,
    /// HMAC-SHA256 over both.
    pub signature: Digest,
}

/// What signs heads, and where they are kept outside the database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HeadSigning {
    key: Arc<Key>,
    file: Option<PathBuf>,
}

struct Key(Vec<u8>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl HeadSigning {
    /// Signs with a key of this secret. Without a file the signatures stand in the database and the log alone.
    #[must_use]
    pub fn new(secret: &[u8], file: Option<PathBuf>) -> Self {
        let key = mac(secret, b"stratum.audit.key.v1\0");
        Self { key: Arc::new(Key(key)), file }
    }

    /// Signs a head.
    ///
    /// # Errors
    /// An internal one, which does not happen.
    pub fn sign(&self, head: ChainHead, signed_at: Timestamp) -> Result<SignedHead, ApiError> {
        let signature = mac(&self.key.0, &message(head, signed_at)?);
        Ok(SignedHead { head, signed_at, signature: digest(signature)? })
    }

    /// Whether a head was signed with this key.
    #[must_use]
    pub fn is_ours(&self, signed: &SignedHead) -> bool {
        let Ok(message) = message(signed.head, signed.signed_at) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key.0) else { return false };
        mac.update(&message);
        mac.verify_slice(signed.signature.as_bytes()).is_ok()
    }

    /// Appends to the file. On disk when this returns.
    async fn keep(&self, signed: SignedHead) -> Result<(), ApiError> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        let write = move || -> std::io::Result<()> {
            let mut line = serde_json::to_string(&signed)?;
            line.push('\n');
            let mut file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        tokio::task::spawn_blocking(write)
            .await
            .map_err(ApiError::internal)?
            .map_err(|error| ApiError::internal(format!("the file of signed heads: {error}")))
    }
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn message(head: ChainHead, signed_at: Timestamp) -> Result<Vec<u8>, ApiError> {
    #[derive(Serialize)]
    struct Message {
        head: ChainHead,
        signed_at: Timestamp,
    }
    let text = canonical::to_string(&Message { head, signed_at }).map_err(ApiError::internal)?;
    Ok([DOMAIN.as_bytes(), &[0], text.as_bytes()].concat())
}

/// Runs until the server stops: signs every chain once on each day of UTC.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = sign_due(&state.db, &state.head_signing).await {
            tracing::error!(event_type = "audit_signing", "{error:?}");
        }
        state.figures.beat("audit_signing");
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

/// Signs the chains that were not signed today. Any number of servers may do so at once.
///
/// # Errors
/// The database's, while looking for tenants. What goes wrong with one tenant is logged, and tried again.
pub async fn sign_due(db: &Db, signing: &HeadSigning) -> Result<(), ApiError> {
    for tenant in db.directory().tenants_due(DUE, db.clock().now()).await? {
        let signing = signing.clone();
        let scope = Scope::system(tenant);
        let signed = db.tenant_tx(&scope, move |tx| Box::pin(async move { sign(tx, &signing).await }));
        let result = match signed.await {
            Ok(()) => "COMPLETED",
            Err(error) => {
                tracing::error!(event_type = "audit_signing", tenant_id = %tenant, "{error:?}");
                "FAILED"
            }
        };
        metrics::counter!("stratum_job_runs_total", "kind" => "audit_head_signing", "result" => result)
            .increment(1);
    }
    Ok(())
}

async fn sign(tx: &mut TenantTx, signing: &HeadSigning) -> Result<(), ApiError> {
    let tenant = tx.scope().tenant;
    let head = kept_head(tx).await?.unwrap_or_else(|| ChainHead::genesis(tenant));
    let signed = signing.sign(head, tx.now())?;
    let stored = sqlx::query(
        "INSERT INTO audit_signature (tenant_id, signed_on, seq, hash, signed_at, signature)
         VALUES ($1, ($2::timestamptz AT TIME ZONE 'UTC')::date, $3, $4, $2, $5)
         ON CONFLICT (tenant_id, signed_on) DO NOTHING",
    )
    .bind(tenant.as_uuid())
    .bind(signed.signed_at.to_chrono())
    .bind(i64::try_from(head.seq).map_err(ApiError::internal)?)
    .bind(head.hash.as_bytes().as_slice())
    .bind(signed.signature.as_bytes().as_slice())
    .execute(&mut **tx)
    .await?;
    if stored.rows_affected() == 0 {
        return Ok(());
    }
    // Before the commit: a line without its row is true all the same, a row without its line would be the only copy.
    signing.keep(signed).await?;
    tracing::info!(event_type = "audit_head_signed", tenant_id = %tenant, seq = head.seq, hash = %head.hash,
        signature = %signed.signature, "signed");
    Ok(())
}

/// The heads in a file, by tenant, and how many of its lines are none. A file that is not there holds none.
///
/// # Errors
/// When it cannot be read.
pub fn read_file(path: &Path) -> anyhow::Result<(BTreeMap<TenantId, Vec<SignedHead>>, usize)> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let (mut heads, mut damaged) = (BTreeMap::<_, Vec<_>>::new(), 0_usize);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str::<SignedHead>(line) {
            Ok(signed) => heads.entry(signed.head.tenant_id).or_default().push(signed),
            Err(_) => damaged = damaged.saturating_add(1),
        }
    }
    Ok((heads, damaged))
}

/// The heads of the transaction's tenant that stand in the database, oldest first.
///
/// # Errors
/// The database's.
pub async fn stored(tx: &mut TenantTx) -> Result<Vec<SignedHead>, ApiError> {
    let tenant_id = tx.scope().tenant;
    let rows = sqlx::query("SELECT seq, hash, signed_at, signature FROM audit_signature ORDER BY signed_on")
        .fetch_all(&mut **tx)
        .await?;
    rows.iter()
        .map(|row| {
            let seq = u64::try_from(row.try_get::<i64, _>("seq")?).map_err(ApiError::internal)?;
            let head = ChainHead { tenant_id, seq, hash: digest(row.try_get("hash")?)? };
            let signed_at = instant(row.try_get("signed_at")?)?;
            Ok(SignedHead { head, signed_at, signature: digest(row.try_get("signature")?)? })
        })
        .collect()
}

/// Compares the chain of the transaction's tenant with heads that were signed: the first that it does not lead through.
///
/// # Errors
/// The database's.
pub async fn compare(tx: &mut TenantTx, signed: &[SignedHead]) -> Result<Option<BrokenLink>, ApiError> {
    let mut heads: Vec<ChainHead> =
        signed.iter().map(|signed| signed.head).filter(|head| head.seq > 0).collect();
    heads.sort_by_key(|head| head.seq);
    let positions: Vec<i64> = heads.iter().filter_map(|head| i64::try_from(head.seq).ok()).collect();
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT seq, hash FROM audit_entry WHERE seq = ANY($1)")
        .bind(positions)
        .fetch_all(&mut **tx)
        .await?;
    let there: BTreeMap<u64, Vec<u8>> =
        rows.into_iter().filter_map(|(seq, hash)| Some((u64::try_from(seq).ok()?, hash))).collect();
    for head in heads {
        match there.get(&head.seq) {
            Some(hash) if hash.as_slice() == head.hash.as_bytes() => {}
            Some(_) => return Ok(Some(BrokenLink { seq: head.seq, cause: BrokenLinkCause::Link })),
            None => {
                // The first position that is missing: the record after the last one that is there.
                let last: i64 =
                    sqlx::query_scalar("SELECT COALESCE(max(seq), 0) FROM audit_entry WHERE seq < $1")
                        .bind(i64::try_from(head.seq).map_err(ApiError::internal)?)
                        .fetch_one(&mut **tx)
                        .await?;
                let seq = u64::try_from(last).map_err(ApiError::internal)?.saturating_add(1);
                return Ok(Some(BrokenLink { seq, cause: BrokenLinkCause::Gap }));
            }
        }
    }
    Ok(None)
}
