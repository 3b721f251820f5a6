//! Opens what the server keeps: its data directory, its secret, and its database.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rand::Rng as _;
use secrecy::ExposeSecret as _;
use sqlx::postgres::PgConnectOptions;

use crate::config::StorageArgs;
use crate::db::{self, Connections, roles};
use crate::postgres::{Options, PrivatePostgres};

/// The name of the database in a private cluster.
const DATABASE: &str = "stratum";

/// What the server keeps, open and migrated.
#[derive(Debug)]
pub struct Storage {
    /// How to connect.
    pub connections: Connections,
    /// What tokens are signed with and keys derived from.
    pub secret: Vec<u8>,
    /// Where everything lives that is not in the database.
    pub data_dir: PathBuf,
    private: Option<PrivatePostgres>,
}

impl Storage {
    /// Starts or finds the database and brings it to the schema of this binary.
    ///
    /// # Errors
    /// With a sentence for the person at the terminal.
    pub async fn open(args: &StorageArgs) -> anyhow::Result<Self> {
        let data_dir = match &args.data_dir {
            Some(dir) => dir.clone(),
            None => default_data_dir()?,
        };
        fs::create_dir_all(&data_dir)
            .with_context(|| format!("the data directory {} cannot be made", data_dir.display()))?;
        let secret = match &args.secret {
            Some(secret) if secret.expose_secret().len() < 32 => {
                bail!("STRATUM_SECRET has at least 32 characters")
            }
            Some(secret) => secret.expose_secret().as_bytes().to_vec(),
            None => kept_secret(&data_dir.join("secret"))?,
        };
        let (connections, private) = match &args.database_url {
            Some(url) => (shared(url.expose_secret(), &secret)?, None),
            None => {
                let private = PrivatePostgres::start(&Options {
                    data_dir: data_dir.clone(),
                    bin_dir: None,
                    may_download: args.pg_download != "never",
                    durable: true,
                })
                .await?;
                db::ensure_database(&private.connect_options(roles::OWNER, DATABASE), DATABASE).await?;
                (private_connections(&private, DATABASE), Some(private))
            }
        };
        // In a private cluster the operating system says who is who, and nobody needs a password.
        let passwords = private.is_none().then_some(secret.as_slice());
        db::migrate(&connections, passwords).await?;
        Ok(Self { connections, secret, data_dir, private })
    }

    /// Resolves when the private PostgreSQL ends by itself; never with a database of somebody else.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let ended = self.private.as_ref().map(PrivatePostgres::ended);
        async move {
            match ended {
                Some(ended) => ended.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Stops the private PostgreSQL, if there is one.
    pub async fn close(self) {
        if let Some(private) = self.private {
            private.stop().await;
        }
    }
}

/// How each role connects to `database` of a private cluster.
#[must_use]
pub fn private_connections(private: &PrivatePostgres, database: &str) -> Connections {
    Connections {
        owner: private.connect_options(roles::OWNER, database),
        app: private.connect_options(roles::APP, database),
        ingest: private.connect_options(roles::INGEST, database),
        directory: private.connect_options(roles::DIRECTORY, database),
    }
}

/// The same host and database for everybody; the serving roles with the passwords that [`roles::ensure`] gives them.
fn shared(url: &str, secret: &[u8]) -> anyhow::Result<Connections> {
    let owner: PgConnectOptions = url.parse().context("DATABASE_URL is no address of a PostgreSQL")?;
    let serving = |role: &str| owner.clone().username(role).password(&roles::password(secret, role));
    Ok(Connections {
        app: serving(roles::APP),
        ingest: serving(roles::INGEST),
        directory: serving(roles::DIRECTORY),
        owner,
    })
}

fn default_data_dir() -> anyhow::Result<PathBuf> {
    // As root PostgreSQL runs as another user, who cannot enter root's home.
    if rustix::process::getuid().is_root() {
        return Ok(PathBuf::from("/var/lib/stratum"));
    }
    if let Some(dir) = std::env::var_os("XDG_DATA_HOME") {
        return Ok(PathBuf::from(dir).join("stratum"));
    }
    match std::env::home_dir() {
        Some(home) => Ok(home.join(".local/share/stratum")),
        None => bail!("there is no home directory; give --data-dir"),
    }
}

/// The secret of this data directory, made when it is first asked for.
fn kept_secret(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(hex::encode(bytes).as_bytes())?;
            file.sync_all()?;
            Ok(bytes.to_vec())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(path)?;
            let secret = hex::decode(text.trim()).ok().filter(|secret| secret.len() >= 32);
            secret.with_context(|| {
                format!("{} is damaged; restore it, or delete it to sign everybody out", path.display())
            })
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
}
