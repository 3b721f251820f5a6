//! The cluster on disk: its directories, its access rules and the settings that it runs with.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use super::binaries::Binaries;
use super::owner::ServerUser;
use crate::db::roles;

/// Where a cluster keeps what. The major version is part of the path, for no major reads another's files.
#[derive(Debug)]
pub(super) struct Layout {
    home: PathBuf,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    major: u32,
}

impl Layout {
    pub(super) fn new(data_dir: &Path, major: u32) -> anyhow::Result<Self> {
        let versions = data_dir.join("pg");
        let home = versions.join(major.to_string());
        let data = home.join("data");
        if !data.join("PG_VERSION").exists() {
            let others: Vec<String> = fs::read_dir(&versions)
                .into_iter()
                .flatten()
                .flatten()
                .filter(|entry| entry.path().join("data/PG_VERSION").exists())
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect();
            if let Some(other) = others.first() {
                bail!(
                    "{} holds the data of PostgreSQL {other}, but the programs found are of version {major}; name version {other} with STRATUM_PG_BIN, or dump there and restore here",
                    versions.display()
                );
            }
        }
        Ok(Self { log: home.join("postgres.log"), home, data, major })
    }

    /// Makes the directories and, once, the cluster; writes the access rules at each start.
    pub(super) fn prepare(&self, binaries: &Binaries, owner: &ServerUser) -> anyhow::Result<()> {
        fs::create_dir_all(&self.home)?;
        chown(&self.home, Some(owner.uid), Some(owner.gid))?;
        fs::set_permissions(&self.home, fs::Permissions::from_mode(0o700))?;
        if owner.run_as().is_some() {
            reachable(&self.home, &owner.name)?;
        }
        if !self.data.join("PG_VERSION").exists() {
            self.initialise(binaries, owner)?;
        }
        let version = fs::read_to_string(self.data.join("PG_VERSION"))?;
        if version.trim() != self.major.to_string() {
            bail!("{} is of PostgreSQL {}, not {}", self.data.display(), version.trim(), self.major);
        }
        self.write_access_rules(owner)
    }

    fn initialise(&self, binaries: &Binaries, owner: &ServerUser) -> anyhow::Result<()> {
        // A first start that was killed leaves a directory that initdb would refuse, and nothing worth keeping.
        if self.data.exists() {
            fs::remove_dir_all(&self.data)?;
        }
        let mut command = Command::new(binaries.program("initdb"));
        command
            .arg("-D")
            .arg(&self.data)
            .args(["-U", roles::OWNER, "--auth-local=peer", "--auth-host=reject"])
            .args(["--no-locale", "-E", "UTF8", "--data-checksums", "--no-instructions"])
            .env_clear()
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir("/");
        if let Some((uid, gid)) = owner.run_as() {
            command.uid(uid).gid(gid);
        }
        let output = command.output().context("initdb cannot be run")?;
        if !output.status.success() {
            bail!("initdb refused: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    fn write_access_rules(&self, owner: &ServerUser) -> anyhow::Result<()> {
        let mut ident = String::new();
        let mut users = vec![owner.own_name.as_str()];
        if owner.name != owner.own_name {
            users.push(&owner.name);
        }
        for user in users {
            for role in roles::ALL {
                ident.push_str(&format!("stratum \"{user}\" {role}\n"));
            }
        }
        for (name, text) in [("pg_hba.conf", "local all all peer map=stratum\n"), ("pg_ident.conf", &ident)] {
            let path = self.data.join(name);
            fs::write(&path, text)?;
            chown(&path, Some(owner.uid), Some(owner.gid))?;
        }
        Ok(())
    }

    /// Whether one of `phrases` stands in the last line of the server's log that tells of a failure.
    pub(super) fn log_says(&self, phrases: &[&str]) -> bool {
        let tail = self.log_tail();
        let failure = tail.lines().rev().find(|line| line.contains("FATAL:"));
        failure.is_some_and(|line| phrases.iter().any(|phrase| line.contains(phrase)))
    }

    /// The last lines of the server's log, for an error message.
    pub(super) fn log_tail(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let mut lines: Vec<&str> = text.lines().rev().take(12).collect();
        lines.reverse();
        lines.join("\n")
    }
}

/// Fails when `user` cannot come as far as `path`: root's own directory, for one, is closed to everybody else.
fn reachable(path: &Path, user: &str) -> anyhow::Result<()> {
    for ancestor in path.ancestors().skip(1) {
        let meta = fs::metadata(ancestor)?;
        if meta.permissions().mode() & 0o001 == 0 {
            bail!(
                "PostgreSQL runs as {user}, who cannot enter {}; give --data-dir a place that everybody may enter, such as /var/lib/stratum",
                ancestor.display()
            );
        }
    }
    Ok(())
}

/// A short directory for the socket, whose path may be 107 bytes long, open to the server's user only.
pub(super) fn socket_dir(data: &Path, owner: &ServerUser) -> anyhow::Result<PathBuf> {
    let digest = Sha256::digest(data.as_os_str().as_encoded_bytes());
    let name = format!("stratum-{}", hex::encode(digest.get(..4).unwrap_or_default()));
    let parent = if owner.run_as().is_some() {
        PathBuf::from("/run")
    } else {
        std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from)
    };
    let parent = if parent.is_dir() { parent } else { std::env::temp_dir() };
    let dir = parent.join(name);
    match fs::DirBuilder::new().mode(0o700).create(&dir) {
        Ok(()) => chown(&dir, Some(owner.uid), Some(owner.gid))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let meta = fs::symlink_metadata(&dir)?;
            if !meta.is_dir() || meta.uid() != owner.uid {
                bail!("{} belongs to somebody else", dir.display());
            }
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be made", dir.display())),
    }
    Ok(dir)
}

/// The arguments of `postgres`: where the data are, and every setting that is not the default.
pub(super) fn arguments(layout: &Layout, socket_dir: &Path, durable: bool) -> Vec<String> {
    let mut arguments = vec!["-D".to_owned(), layout.data.display().to_string()];
    let mut set = |name: &str, value: &str| {
        arguments.push("-c".to_owned());
        arguments.push(format!("{name}={value}"));
    };
    set("listen_addresses", "");
    set("unix_socket_directories", &socket_dir.display().to_string());
    set("unix_socket_permissions", "0700");
    set("jit", "off");
    set("wal_compression", "pglz");
    set("max_wal_size", "1GB");
    set("checkpoint_timeout", "10min");
    set("random_page_cost", "1.1");
    set("idle_in_transaction_session_timeout", "10s");
    set("lock_timeout", "3s");
    // Rows may hold personal data: neither a failing statement nor its parameters are written to the log.
    set("log_min_messages", "warning");
    set("log_min_error_statement", "panic");
    set("log_parameter_max_length_on_error", "0");
    if durable {
        set("synchronous_commit", "on");
        set("max_connections", "40");
        set("shared_buffers", &format!("{}MB", shared_buffers_mb()));
    } else {
        set("fsync", "off");
        set("synchronous_commit", "off");
        set("full_page_writes", "off");
        set("max_connections", "200");
        set("shared_buffers", "64MB");
    }
    arguments
}

/// A quarter of the memory, between 256 MB and 1 GB.
fn shared_buffers_mb() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total_kb: u64 = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    (total_kb / 4 / 1024).clamp(256, 1024)
}
