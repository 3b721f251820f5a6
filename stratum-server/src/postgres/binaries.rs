//! Where PostgreSQL's programs are.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::{Options, download};

/// The oldest major version that the migrations run on.
const OLDEST_MAJOR: u32 = 15;

/// A directory with `postgres` and `initdb` of a version that we can use.
#[derive(Debug, Clone)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Searches the directory that was named, `STRATUM_PG_BIN`, the `PATH`, the places where Debian and Homebrew
    /// install, and what we downloaded before; downloads when allowed and nothing else was found.
    pub(super) fn find(options: &Options) -> anyhow::Result<Self> {
        let named = options.bin_dir.clone().or_else(|| env::var_os("STRATUM_PG_BIN").map(PathBuf::from));
        if let Some(dir) = named {
            return Self::probe(&dir).with_context(|| format!("{} holds no PostgreSQL", dir.display()));
        }
        let cache = download::cache_dir(&options.data_dir);
        let mut candidates = on_path();
        candidates.extend(versioned("/usr/lib/postgresql", "", "bin"));
        for prefix in ["/opt/homebrew/opt", "/usr/local/opt"] {
            candidates.extend(versioned(prefix, "postgresql@", "bin"));
        }
        candidates.push(cache.clone());
        if let Some(found) = candidates.iter().find_map(|dir| Self::probe(dir).ok()) {
            return Ok(found);
        }
        if !options.may_download {
            bail!(
                "no PostgreSQL {OLDEST_MAJOR} or newer was found; install one (apt-get install postgresql, or brew install postgresql@16), or set DATABASE_URL"
            );
        }
        download::fetch(&cache)?;
        Self::probe(&cache)
    }

    /// The major version, such as 15.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The path of one of the programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn probe(dir: &Path) -> anyhow::Result<Self> {
        let postgres = dir.join("postgres");
        if !is_executable(&postgres) || !is_executable(&dir.join("initdb")) {
            bail!("postgres and initdb are not both in {}", dir.display());
        }
        let output = Command::new(&postgres).arg("--version").output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major_of(&text).with_context(|| format!("{} gives no version", postgres.display()))?;
        if major < OLDEST_MAJOR {
            bail!("PostgreSQL {major} is older than {OLDEST_MAJOR}");
        }
        Ok(Self { dir: dir.to_owned(), major })
    }
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_of(version: &str) -> Option<u32> {
    let number =
        version.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|end: char| !end.is_ascii_digit()).next()?.parse().ok()
}

/// The directories that hold the programs which the `PATH` leads to, links followed: beside a link stands no `initdb`.
fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .filter_map(|dir| fs::canonicalize(dir.join("postgres")).ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect()
}

/// `{root}/{prefix}{version}/{leaf}`, newest version first.
fn versioned(root: &str, prefix: &str, leaf: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let major = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, entry.path().join(leaf)))
        })
        .collect();
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, dir)| dir).collect()
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("no version here"), None);
    }

    #[test]
    fn the_newest_installed_version_comes_first() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9", "15", "16"] {
            fs::create_dir_all(root.path().join(version).join("bin")).unwrap();
        }
        let found = versioned(root.path().to_str().unwrap(), "", "bin");
        assert_eq!(found[0], root.path().join("16/bin"));
        assert_eq!(found.len(), 3);
    }
}
