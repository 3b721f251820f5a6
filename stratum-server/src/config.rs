//! What the server is told: flags, each with an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

/// Where the data are.
#[derive(Debug, Clone, Args)]
pub struct StorageArgs {
    /// Everything that the server keeps lives below this directory [default: /var/lib/stratum as root, else
    /// ~/.local/share/stratum].
    #[arg(long, env = "STRATUM_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// A PostgreSQL to use; its user must be able to create roles. Without it a private one is started.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// Signs tokens and derives keys; at least 32 characters. Without it one is made and kept in the data directory.
    /// Servers that share a database share it.
    #[arg(long, env = "STRATUM_SECRET", value_name = "TEXT", hide_env_values = true)]
    pub secret: Option<SecretString>,

    /// Whether a PostgreSQL may be downloaded when none is installed.
    #[arg(long, env = "STRATUM_PG_DOWNLOAD", value_name = "auto|never", default_value = "auto", value_parser = ["auto", "never"])]
    pub pg_download: String,
}

/// How the server serves.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The address to listen on.
    #[arg(long, env = "STRATUM_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// What `/health` says that this is.
    #[arg(long, env = "STRATUM_ENVIRONMENT", value_name = "NAME", default_value = "development")]
    pub environment: String,

    /// A bearer token that `/metrics` asks for.
    #[arg(long, env = "STRATUM_METRICS_TOKEN", value_name = "TEXT", hide_env_values = true)]
    pub metrics_token: Option<SecretString>,

    /// Whether `/docs`, `/redoc` and `/openapi.json` are there.
    #[arg(long, env = "STRATUM_DOCS", value_name = "on|off", default_value = "on", value_parser = ["on", "off"])]
    pub docs: String,

    /// Whether requests are counted against the tier's rate; switch it off to measure a server of one's own.
    #[arg(long, env = "STRATUM_RATE_LIMIT", value_name = "on|off", default_value = "on", value_parser = ["on", "off"])]
    pub rate_limit: String,

    /// The ad platform that approved actions are applied to, as in `http://127.0.0.1:8090` of `stratum sandbox`. Without
    /// one approved actions wait.
    #[arg(long, env = "STRATUM_PLATFORM_URL", value_name = "URL")]
    pub platform_url: Option<String>,

    /// Makes a demo tenant with 90 days of generated data, serves a sandbox platform beside, and says what to try.
    #[arg(long, env = "STRATUM_DEMO")]
    pub demo: bool,

    /// Where the sandbox platform of `--demo` listens.
    #[arg(long, env = "STRATUM_SANDBOX_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub sandbox_listen: SocketAddr,

    /// How far the server's clock is ahead, so that a test of leases need not wait for them.
    #[arg(
        long,
        env = "STRATUM_CLOCK_AHEAD_MS",
        value_name = "MILLISECONDS",
        default_value_t = 0,
        hide = true
    )]
    pub clock_ahead_ms: i64,

    /// What to log, as in `info,stratum_server=debug`.
    #[arg(long, env = "STRATUM_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// What requests may need to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// See [`ServeArgs::environment`].
    pub environment: String,
    /// See [`ServeArgs::metrics_token`].
    pub metrics_token: Option<SecretString>,
    /// See [`ServeArgs::docs`].
    pub docs: bool,
    /// See [`ServeArgs::platform_url`].
    pub platform_url: Option<String>,
    /// See [`ServeArgs::demo`].
    pub demo: bool,
    /// The file that keeps the signed heads of the audit chains outside the database.
    pub audit_heads: Option<PathBuf>,
}

impl From<&ServeArgs> for Config {
    fn from(args: &ServeArgs) -> Self {
        Self {
            environment: args.environment.clone(),
            metrics_token: args.metrics_token.clone(),
            docs: args.docs == "on",
            platform_url: args.platform_url.clone(),
            demo: args.demo,
            audit_heads: None,
        }
    }
}
