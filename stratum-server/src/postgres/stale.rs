//! What an earlier run may have left: a pid file without a server, or a server without us.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The pid in the first line of `postmaster.pid`.
pub(super) fn postmaster_pid(data: &Path) -> Option<u32> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// Clears the way for a new server; the lock on the data directory is ours, so that no other instance of us is behind it.
///
/// A live postmaster is an orphan (on systems without a parent-death signal) and is stopped. A zombie, or a process
/// that has nothing to do with PostgreSQL and merely got the number, is none: its file would stop the new server.
pub(super) fn clear(data: &Path) {
    let Some(pid) = postmaster_pid(data) else { return };
    if is_postgres(pid) {
        tracing::warn!(event_type = "postgres_orphan", pid, "stopping a PostgreSQL that an earlier run left");
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::INT);
        }
        let asked = Instant::now();
        while is_postgres(pid) && asked.elapsed() < Duration::from_secs(15) {
            thread::sleep(Duration::from_millis(20));
        }
    }
    if !is_postgres(pid) {
        let _ = fs::remove_file(data.join("postmaster.pid"));
    }
}

/// Whether `pid` is a running process named postgres (a zombie does not run).
fn is_postgres(pid: u32) -> bool {
    if !Path::new("/proc/self").exists() {
        let alive = i32::try_from(pid).ok().and_then(Pid::from_raw);
        return alive.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
    }
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    // `pid (comm) state …`; the name may itself hold parentheses.
    let Some((head, tail)) = stat.rsplit_once(')') else { return false };
    let name = head.split_once('(').map(|(_, name)| name);
    name == Some("postgres") && !tail.trim_start().starts_with('Z')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_that_names_another_program_is_removed() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("postmaster.pid");
        fs::write(&file, format!("{}\n/data\n", std::process::id())).unwrap();
        clear(data.path());
        assert!(!file.exists());
    }
}
