//! The command line.

mod create_admin;
mod demo;
mod stop;
mod verify_audit;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use stratum_core::id::TenantId;
use tokio_util::sync::CancellationToken;

use crate::audit::signing;
use crate::clock::Clock;
use crate::config::{Config, ServeArgs, StorageArgs};
use crate::db::{Db, PoolSizes};
use crate::import::{ImportArgs, import};
use crate::sandbox::{SandboxArgs, SandboxServer};
use crate::server::{Plan, Running, openapi};
use crate::storage::Storage;
use crate::system::log;

use stop::StopRequest;

pub use create_admin::{CreateAdminArgs, create_admin};

/// The trust layer for automated marketing.
#[derive(Debug, Parser)]
#[command(name = "stratum", version, about, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the database if need be, brings it up to date, and serves.
    Serve {
        #[command(flatten)]
        storage: StorageArgs,
        #[command(flatten)]
        serve: ServeArgs,
    },
    /// Brings the database up to date, checks that it keeps tenants apart, and ends.
    Migrate {
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Serves the sandbox ad platform on a loopback address.
    Sandbox {
        #[command(flatten)]
        sandbox: SandboxArgs,
        /// What to log, as in `info,stratum_server=debug`.
        #[arg(long, env = "STRATUM_LOG", value_name = "FILTER", default_value = "info")]
        log: String,
    },
    /// Makes the demo tenant in the database, and ends; `serve --demo` also keeps its signals fresh.
    Demo {
        #[command(flatten)]
        storage: StorageArgs,
        /// A sandbox platform to show the demo's campaigns to, as in `http://127.0.0.1:8090`.
        #[arg(long, env = "STRATUM_PLATFORM_URL", value_name = "URL")]
        platform_url: Option<String>,
    },
    /// Loads daily figures of a campaign from a CSV file: all of it, or nothing.
    Import {
        #[command(flatten)]
        storage: StorageArgs,
        #[command(flatten)]
        import: ImportArgs,
    },
    /// Prints the OpenAPI document.
    Openapi,
    /// Makes an administrator, and a tenant where none is named.
    CreateAdmin {
        #[command(flatten)]
        storage: StorageArgs,
        #[command(flatten)]
        admin: CreateAdminArgs,
    },
    /// Checks the audit chain of a tenant, or of all; ends with 1 where one is broken.
    VerifyAudit {
        #[command(flatten)]
        storage: StorageArgs,
        /// The tenant; all where absent.
        #[arg(long, value_name = "UUID")]
        tenant: Option<TenantId>,
        /// A copy of the file of signed heads that was kept elsewhere [default: audit-heads.jsonl in the data directory].
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// With a sentence for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve { storage, serve } => serve_until_asked(&storage, &serve).await,
            Command::Migrate { storage } => {
                log::start("info");
                let storage = Storage::open(&storage).await?;
                println!("the database is up to date");
                storage.close().await;
                Ok(())
            }
            Command::Sandbox { sandbox, log } => {
                log::start(&log);
                serve_sandbox(&sandbox).await
            }
            Command::Demo { storage, platform_url } => {
                log::start("warn");
                let storage = Storage::open(&storage).await?;
                let made = demo::make(&storage, platform_url.as_deref()).await;
                storage.close().await;
                println!("{}", made?);
                Ok(())
            }
            Command::Import { storage, import: args } => {
                log::start("warn");
                let storage = Storage::open(&storage).await?;
                let db = Db::open(&storage.connections, PoolSizes::default(), Clock::default());
                let imported = import(&db, &args).await;
                db.close().await;
                storage.close().await;
                println!("{}", imported?);
                Ok(())
            }
            Command::Openapi => {
                println!("{}", openapi().to_pretty_json()?);
                Ok(())
            }
            Command::CreateAdmin { storage, admin } => {
                log::start("warn");
                let storage = Storage::open(&storage).await?;
                let made = create_admin(&storage, &admin).await;
                storage.close().await;
                println!("{}", made?);
                Ok(())
            }
            Command::VerifyAudit { storage, tenant, heads } => {
                log::start("warn");
                let storage = Storage::open(&storage).await?;
                let verified = verify_audit::verify_audit(&storage, tenant, heads).await;
                storage.close().await;
                verified
            }
        }
    }
}

async fn serve_until_asked(storage: &StorageArgs, serve: &ServeArgs) -> anyhow::Result<()> {
    log::start(&serve.log);
    let mut stop = StopRequest::listen()?;
    let started = tokio::select! {
        started = start(storage, serve) => Some(started?),
        // What was started so far ends as it is dropped.
        () = stop.asked() => None,
    };
    let Some((storage, running)) = started else {
        tracing::info!(event_type = "stopped", "stopped before everything was started");
        return Ok(());
    };
    let lost = tokio::select! {
        () = stop.asked() => false,
        () = storage.lost() => true,
    };
    tracing::info!(event_type = "stopping", "stopping");
    running.stop().await;
    storage.close().await;
    if lost { Err(anyhow::anyhow!("PostgreSQL ended by itself; its log says why")) } else { Ok(()) }
}

async fn start(storage: &StorageArgs, serve: &ServeArgs) -> anyhow::Result<(Storage, Running)> {
    let storage = Storage::open(storage).await?;
    let running = match serve.demo {
        true => demo::serve(&storage, serve).await,
        false => Running::start(plan(&storage, serve, Config::from(serve))).await,
    };
    match running {
        Ok(running) => Ok((storage, running)),
        Err(error) => {
            storage.close().await;
            Err(error)
        }
    }
}

/// How the server is started with these arguments.
fn plan(storage: &Storage, serve: &ServeArgs, config: Config) -> Plan {
    let clock = Clock::default();
    clock.advance_ms(serve.clock_ahead_ms);
    Plan {
        connections: storage.connections.clone(),
        secret: storage.secret.clone(),
        config: Config { audit_heads: Some(storage.data_dir.join(signing::FILE)), ..config },
        listen: serve.listen,
        rate_limit: serve.rate_limit == "on",
        clock,
        pool: PoolSizes::default(),
    }
}

async fn serve_sandbox(args: &SandboxArgs) -> anyhow::Result<()> {
    let mut asked = StopRequest::listen()?;
    let stop = CancellationToken::new();
    let sandbox = SandboxServer::start(&args.ledger, args.listen, Clock::default(), stop.clone()).await?;
    println!("the sandbox platform is at http://{}", sandbox.address);
    asked.asked().await;
    stop.cancel();
    sandbox.ended().await;
    Ok(())
}
