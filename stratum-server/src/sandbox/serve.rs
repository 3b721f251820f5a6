//! Serves a sandbox on a loopback address.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{SandboxService, router};
use crate::clock::Clock;
use crate::http::{ListenSettings, Listener};

/// How the sandbox is served.
#[derive(Debug, Clone, Args)]
pub struct SandboxArgs {
    /// The loopback address to listen on.
    #[arg(long, env = "STRATUM_SANDBOX_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,

    /// The file that everything it accepted is kept in; it is made when it is not there.
    #[arg(long, env = "STRATUM_SANDBOX_LEDGER", value_name = "FILE", default_value = "sandbox-ledger.jsonl")]
    pub ledger: PathBuf,
}

/// A sandbox that answers.
#[derive(Debug)]
pub struct SandboxServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// The sandbox itself.
    pub service: Arc<SandboxService>,
    task: JoinHandle<()>,
}

impl SandboxServer {
    /// Rebuilds the sandbox from its ledger and serves it until `stop`.
    ///
    /// # Errors
    /// When the address is not a loopback address or not free, or the ledger cannot be used.
    pub async fn start(
        ledger: &Path,
        listen: SocketAddr,
        clock: Clock,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        if !listen.ip().is_loopback() {
            bail!("the sandbox asks for no credentials and listens on loopback only, not on {listen}");
        }
        let service = Arc::new(SandboxService::open(ledger, clock)?);
        let listener = Listener::bind(listen, ListenSettings::default()).await?;
        let address = listener.address()?;
        let task = tokio::spawn(listener.serve(router(service.clone()), stop));
        tracing::info!(event_type = "sandbox_listening", "the sandbox platform listens on http://{address}");
        Ok(Self { address, service, task })
    }

    /// Resolves once it has stopped.
    pub async fn ended(self) {
        let _ = self.task.await;
    }
}
