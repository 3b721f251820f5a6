//! `stratum demo` and `stratum serve --demo`.

use std::fs;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::plan;
use crate::clock::Clock;
use crate::config::{Config, ServeArgs};
use crate::db::{Db, PoolSizes};
use crate::demo::{Demo, ensure, keep_fresh, mirror, screen};
use crate::platforms::{SandboxClient, Timeouts};
use crate::sandbox::SandboxServer;
use crate::server::Running;
use crate::storage::Storage;

/// Makes the demo tenant; gives the sentence to print.
pub(super) async fn make(storage: &Storage, platform_url: Option<&str>) -> anyhow::Result<String> {
    let db = Db::open(&storage.connections, PoolSizes::default(), Clock::default());
    let made = async {
        let demo = ensure(&db).await?;
        if let Some(url) = platform_url {
            mirror(&db, demo.tenant, &SandboxClient::new(url, Timeouts::default())?).await?;
        }
        anyhow::Ok(demo)
    }
    .await;
    db.close().await;
    let Demo { tenant, is_new, .. } = made?;
    let done = if is_new { "was made" } else { "was there already; its signals are fresh again" };
    Ok(format!("the demo tenant {tenant} {done}"))
}

/// Serves the demo: the tenant, a sandbox platform unless another platform is named, and signals that stay fresh.
pub(super) async fn serve(storage: &Storage, args: &ServeArgs) -> anyhow::Result<Running> {
    let db = Db::open(&storage.connections, PoolSizes::default(), Clock::default());
    let demo = ensure(&db).await;
    let stop = CancellationToken::new();
    let prepared = async {
        let demo = demo?;
        let mut config = Config::from(args);
        let mut sandbox = None;
        if config.platform_url.is_none() {
            let ledger = storage.data_dir.join("demo-sandbox.jsonl");
            if demo.is_new && ledger.exists() {
                // The ledger of a demo tenant that is gone: the new one uses its ids again.
                fs::rename(&ledger, ledger.with_extension("jsonl.old"))
                    .with_context(|| format!("{} cannot be moved away", ledger.display()))?;
            }
            let server =
                SandboxServer::start(&ledger, args.sandbox_listen, Clock::default(), stop.clone()).await?;
            sandbox = Some(format!("http://{}", server.address));
            config.platform_url.clone_from(&sandbox);
        }
        if let Some(url) = &config.platform_url {
            mirror(&db, demo.tenant, &SandboxClient::new(url, Timeouts::default())?).await?;
        }
        let running = Running::start(plan(storage, args, config)).await?;
        anyhow::Ok((demo, sandbox, running))
    }
    .await;
    db.close().await;
    let (demo, sandbox, running) = prepared?;
    tokio::spawn(keep_fresh(running.state.clone(), demo.tenant, demo.anchor));
    let asked_to_stop = running.state.stop.clone();
    tokio::spawn(async move {
        asked_to_stop.cancelled().await;
        // The sandbox outlives the calls that are under way.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        stop.cancel();
    });
    println!("{}", screen(&demo, &format!("http://{}", running.address), sandbox.as_deref()));
    Ok(running)
}
