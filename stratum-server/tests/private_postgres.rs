//! The private PostgreSQL, and the whole binary: started, killed, started again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use stratum_server::postgres::{Options, PrivatePostgres};

/// A server as a user starts it; killed with everything below it when the test ends.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(data_dir: &Path) -> Self {
        let (child, line) = spawn_until(data_dir, "listening on ");
        let (_, address) = line.split_once("listening on ").unwrap();
        Self { child, address: address.split('"').next().unwrap().to_owned() }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server, and gives it with the first line of its log that holds `text`.
fn spawn_until(data_dir: &Path, text: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stratum"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .env_remove("DATABASE_URL")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = loop {
        let line = lines.next().unwrap().unwrap();
        if line.contains(text) {
            break line;
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    (child, line)
}

fn terminate(child: &Child) {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
}

fn postmaster(data_dir: &Path) -> u32 {
    let file = only_cluster(data_dir).join("postmaster.pid");
    std::fs::read_to_string(file).unwrap().lines().next().unwrap().parse().unwrap()
}

fn only_cluster(data_dir: &Path) -> std::path::PathBuf {
    std::fs::read_dir(data_dir.join("pg")).unwrap().next().unwrap().unwrap().path().join("data")
}

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, state)| !state.trim_start().starts_with('Z'))
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn data_dir() -> tempfile::TempDir {
    // Everybody may enter: as root, PostgreSQL runs as another user.
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    dir
}

fn options(dir: &Path) -> Options {
    Options { data_dir: dir.to_owned(), bin_dir: None, may_download: false, durable: false }
}

#[tokio::test]
async fn it_listens_on_a_socket_only_and_asks_for_no_password() {
    let dir = data_dir();
    let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    let mut owner =
        PgConnection::connect_with(&postgres.connect_options("stratum_owner", "postgres")).await.unwrap();
    let row = sqlx::query(
        "SELECT current_setting('listen_addresses') AS tcp, current_setting('data_checksums') AS sums",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!((row.get::<&str, _>("tcp"), row.get::<&str, _>("sums")), ("", "on"));
    drop(owner);
    let pid = postmaster(dir.path());
    postgres.stop().await;
    assert!(!runs(pid), "stopped, and waited for");
}

#[tokio::test]
async fn a_second_server_on_the_same_directory_is_refused_with_a_way_out() {
    let dir = data_dir();
    let first = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    let refusal = PrivatePostgres::start(&options(dir.path())).await.unwrap_err().to_string();
    assert!(
        refusal.contains("another stratum already uses") && refusal.contains("DATABASE_URL"),
        "{refusal}"
    );
    first.stop().await;
    PrivatePostgres::start(&options(dir.path())).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_directory_of_another_major_version_is_refused() {
    let dir = data_dir();
    let other = dir.path().join("pg/99/data");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("PG_VERSION"), "99\n").unwrap();
    let refusal = PrivatePostgres::start(&options(dir.path())).await.unwrap_err().to_string();
    assert!(refusal.contains("the data of PostgreSQL 99"), "{refusal}");
}

#[tokio::test]
async fn a_killed_server_takes_its_postgresql_with_it_and_starts_again() {
    let dir = data_dir();
    let mut served = Served::start(dir.path());
    assert!(reqwest::get(format!("{}/health", served.address)).await.unwrap().status().is_success());
    let pid = postmaster(dir.path());
    served.kill();
    wait_until("the end of PostgreSQL", || !runs(pid));

    // Server and postmaster both killed: a stale pid file, and recovery, stand in the way of the next start.
    let mut served = Served::start(dir.path());
    let pid = postmaster(dir.path());
    Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    served.kill();
    let served = Served::start(dir.path());
    assert!(reqwest::get(format!("{}/health", served.address)).await.unwrap().status().is_success());
}

#[test]
fn a_terminated_server_stops_in_order_and_leaves_nothing_running() {
    let dir = data_dir();
    let mut served = Served::start(dir.path());
    let pid = postmaster(dir.path());
    terminate(&served.child);
    let status = served.child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(!runs(pid));
    assert!(!only_cluster(dir.path()).join("postmaster.pid").exists(), "no recovery at the next start");
}

#[test]
fn a_server_that_is_terminated_while_it_starts_stops_in_order_too() {
    let dir = data_dir();
    let (mut child, _) = spawn_until(dir.path(), "private PostgreSQL runs from");
    let pid = postmaster(dir.path());
    terminate(&child);
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    wait_until("the end of PostgreSQL", || !runs(pid));
    assert!(!only_cluster(dir.path()).join("postmaster.pid").exists(), "no recovery at the next start");
}
