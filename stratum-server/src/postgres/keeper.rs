//! The thread that starts PostgreSQL, waits for it and stops it.
//!
//! The kernel sends the parent-death signal when the *thread* that started a process ends, so the thread here lives as
//! long as the server does.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::watch;

/// The log is started anew when it has grown past this.
const LOG_LIMIT_BYTES: u64 = 10 * 1024 * 1024;
/// How often the thread looks whether the server still runs.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What to start.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) log: PathBuf,
    pub(super) user: Option<(u32, u32)>,
}

/// A running server process.
#[derive(Debug)]
pub(super) struct Keeper {
    pid: u32,
    stop: mpsc::Sender<()>,
    ended: watch::Receiver<bool>,
}

impl Keeper {
    /// Starts the process on a thread of its own.
    pub(super) fn spawn(launch: Launch) -> anyhow::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let (started, start) = mpsc::channel();
        let (end, ended) = watch::channel(false);
        thread::Builder::new().name("postgres-keeper".to_owned()).spawn(move || {
            match command(&launch).and_then(|mut command| command.spawn()) {
                Ok(child) => {
                    let _ = started.send(Ok(child.id()));
                    watch_over(child, &stopped);
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
            let _ = end.send(true);
        })?;
        let pid = start.recv().context("the keeper's thread ended")?.context("postgres cannot be started")?;
        Ok(Self { pid, stop, ended })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    pub(super) fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut ended = self.ended.clone();
        async move {
            let _ = ended.wait_for(|ended| *ended).await;
        }
    }

    pub(super) async fn stop(&self) {
        let _ = self.stop.send(());
        self.ended().await;
    }
}

/// Returns when the child has ended: by itself, or because somebody asked or no one is left to ask.
fn watch_over(mut child: Child, stopped: &mpsc::Receiver<()>) {
    loop {
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {
                if !matches!(child.try_wait(), Ok(None)) {
                    return;
                }
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                // A fast shutdown: sessions are ended, data are written, no recovery at the next start.
                if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    let _ = kill_process(pid, Signal::INT);
                }
                let _ = child.wait();
                return;
            }
        }
    }
}

fn command(launch: &Launch) -> io::Result<Command> {
    let grown = std::fs::metadata(&launch.log).is_ok_and(|meta| meta.len() > LOG_LIMIT_BYTES);
    let log = File::options().create(true).write(true).append(!grown).truncate(grown).open(&launch.log)?;
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .env_clear()
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    if let Some((uid, gid)) = launch.user {
        command.uid(uid).gid(gid); // as root this also clears the supplementary groups
    }
    die_with_us(&mut command);
    Ok(command)
}

/// Puts the child in a session of its own (a Ctrl-C at our terminal is ours to handle) and ties its life to ours.
#[expect(unsafe_code, reason = "std offers no safe way to run system calls between fork and exec")]
fn die_with_us(command: &mut Command) {
    let parent = rustix::process::getpid();
    let prepare = move || {
        let _ = rustix::process::setsid();
        #[cfg(target_os = "linux")]
        {
            // After the change of user, which clears it.
            rustix::process::set_parent_process_death_signal(Some(Signal::INT))?;
            // If we died before the line above, nobody would send the signal.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::Error::other("the parent has ended"));
            }
        }
        let _ = parent;
        Ok(())
    };
    // SAFETY: only system calls run between fork and exec; nothing allocates, locks or touches shared memory.
    unsafe {
        command.pre_exec(prepare);
    }
}
