//! The ends of the audit chains, signed once a day: whoever cuts a chain off is found out.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{TestServer, fresh_database};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use stratum_autopilot::audit::AuditAction;
use stratum_core::id::TenantId;
use stratum_server::audit::signing::{self, FILE, HeadSigning, SignedHead};
use stratum_server::audit::{self};
use stratum_server::clock::Clock;
use stratum_server::db::{Connections, Db, PoolSizes, Scope};
use stratum_server::tenant::{self, NewTenant, Tier};
use uuid::Uuid;

const SECRET: &str = "a secret of the tests, 32 characters";
const OTHER_SECRET: &str = "another secret, also of 32 characters";
const DAY_MS: i64 = 24 * 3_600_000;

/// A tenant in a database on which no server works, and a folder for what is kept outside it.
struct Chain {
    connections: Connections,
    db: Db,
    clock: Clock,
    scope: Scope,
    folder: tempfile::TempDir,
}

impl Chain {
    async fn new() -> Self {
        let connections = fresh_database().await;
        let clock = Clock::default();
        let db = Db::open(&connections, PoolSizes { app: 4, directory: 2 }, clock.clone());
        let scope = Scope::system(TenantId::from_uuid(Uuid::now_v7()));
        let made = db.tenant_tx(&scope, |tx| {
            Box::pin(async move {
                let new = NewTenant {
                    name: "Acme".to_owned(),
                    slug: "acme".to_owned(),
                    tier: Tier::Starter,
                    currency: "USD".to_owned(),
                    timezone: "UTC".to_owned(),
                };
                tenant::create(tx, &new).await
            })
        });
        made.await.unwrap();
        Self { connections, db, clock, scope, folder: tempfile::tempdir().unwrap() }
    }

    /// Leaves so many entries more in the chain.
    async fn work(&self, entries: usize) {
        for _ in 0..entries {
            let done = self.db.tenant_tx(&self.scope, |tx| {
                Box::pin(async move {
                    let entry = audit::entry(tx, AuditAction::SettingsChanged, "trust_policy");
                    audit::append(tx, entry).await
                })
            });
            done.await.unwrap();
        }
    }

    fn signing(&self) -> HeadSigning {
        HeadSigning::new(SECRET.as_bytes(), Some(self.folder.path().join(FILE)))
    }

    /// What stands in the file.
    fn kept(&self) -> Vec<SignedHead> {
        let (mut heads, damaged) = signing::read_file(&self.folder.path().join(FILE)).unwrap();
        assert_eq!(damaged, 0);
        heads.remove(&self.scope.tenant).unwrap_or_default()
    }

    async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.connections.owner).await.unwrap()
    }

    /// `stratum verify-audit` as an operator runs it.
    fn verify(&self, data_dir: &Path, secret: &str) -> (bool, String) {
        let owner = &self.connections.owner;
        let socket = owner.get_socket().unwrap();
        let url = format!(
            "postgres://{}@localhost/{}?host={}",
            owner.get_username(),
            owner.get_database().unwrap(),
            socket.display()
        );
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_stratum"))
            .arg("verify-audit")
            .env("DATABASE_URL", url)
            .env("STRATUM_SECRET", secret)
            .env("STRATUM_DATA_DIR", data_dir)
            .output()
            .unwrap();
        let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (status.success(), said)
    }
}

#[tokio::test]
async fn a_chain_that_was_cut_off_is_found_though_every_trace_in_the_database_is_gone() {
    let chain = Chain::new().await;
    chain.work(4).await;
    signing::sign_due(&chain.db, &chain.signing()).await.unwrap();
    assert_eq!(chain.kept()[0].head.seq, 4);
    chain.work(1).await;
    let (good, said) = chain.verify(chain.folder.path(), SECRET);
    assert!(good && said.contains("5 entries are good, signed up to 4 at "), "{said}");

    // A clean cut: the last records, the head beside them and the signatures, all in agreement.
    let mut owner = chain.owner().await;
    let mut tx = owner.begin().await.unwrap();
    tx.execute("DELETE FROM audit_entry WHERE seq > 2").await.unwrap();
    tx.execute("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_entry WHERE seq = 2)")
        .await
        .unwrap();
    tx.execute("DELETE FROM audit_signature").await.unwrap();
    tx.commit().await.unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    assert!(chain.verify(nowhere.path(), SECRET).0, "the database alone agrees with itself");
    let (good, said) = chain.verify(chain.folder.path(), SECRET);
    assert!(!good && said.contains("broken at 3 (GAP)"), "{said}");

    // Grown again to the same length, it is another chain.
    chain.work(3).await;
    let (good, said) = chain.verify(chain.folder.path(), SECRET);
    assert!(!good && said.contains("broken at 4 (LINK)"), "{said}");

    // Nor can the whole tenant go unnoticed.
    for table in ["audit_entry", "audit_head", "autopilot_settings", "tenant"] {
        owner.execute(sqlx::AssertSqlSafe(format!("DELETE FROM {table}"))).await.unwrap();
    }
    let (good, said) = chain.verify(chain.folder.path(), SECRET);
    assert!(!good && said.contains("signed, and not in the database"), "{said}");
}

#[tokio::test]
async fn a_head_is_signed_once_a_day_however_many_servers_there_are() {
    let chain = Chain::new().await;
    let ours = chain.signing();
    for day in 1..=3 {
        chain.work(1).await;
        let (one, other) =
            tokio::join!(signing::sign_due(&chain.db, &ours), signing::sign_due(&chain.db, &ours));
        one.and(other).unwrap();
        let kept = chain.kept();
        let lengths: Vec<u64> = kept.iter().map(|signed| signed.head.seq).collect();
        assert_eq!(lengths, (1..=day).collect::<Vec<u64>>());
        assert!(kept.iter().all(|signed| ours.is_ours(signed)));
        let stored = chain.db.tenant_read(&chain.scope, |tx| Box::pin(signing::stored(tx))).await.unwrap();
        assert_eq!(stored, kept);
        chain.clock.advance_ms(DAY_MS);
    }
}

#[tokio::test]
async fn a_signature_of_another_secret_or_of_another_head_counts_for_nothing() {
    let chain = Chain::new().await;
    chain.work(1).await;
    let (ours, theirs) = (chain.signing(), HeadSigning::new(OTHER_SECRET.as_bytes(), None));
    signing::sign_due(&chain.db, &ours).await.unwrap();
    let signed = chain.kept()[0];
    assert!(ours.is_ours(&signed) && !theirs.is_ours(&signed));
    let (good, said) = chain.verify(chain.folder.path(), OTHER_SECRET);
    assert!(!good && said.contains("not of this server's secret"), "{said}");

    let mut moved = signed;
    moved.head.seq += 1;
    assert!(!ours.is_ours(&moved));
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join(FILE), serde_json::to_string(&moved).unwrap()).unwrap();
    assert!(!chain.verify(elsewhere.path(), SECRET).0);
    std::fs::write(elsewhere.path().join(FILE), "not a head\n").unwrap();
    let (good, said) = chain.verify(elsewhere.path(), SECRET);
    assert!(!good && said.contains("no signed heads"), "{said}");
}

#[tokio::test]
async fn a_server_signs_what_is_due_by_itself() {
    let server = TestServer::start().await;
    let tenant = server.tenant("Acme").await;
    let scope = Scope::system(tenant.id);
    for days in 1..=2 {
        let mut signed = 0;
        for _ in 0..600 {
            let db = &server.running.state.db;
            signed = db.tenant_read(&scope, |tx| Box::pin(signing::stored(tx))).await.unwrap().len();
            if signed == days {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(signed, days);
        server.clock.advance_ms(DAY_MS);
    }
}
