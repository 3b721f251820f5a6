//! The operating system's user that runs PostgreSQL: ourselves, or a lesser one when we are root, whom it refuses.

use std::fs;
use std::process::Command;

use anyhow::bail;

/// Who runs the PostgreSQL processes, and who we are to them.
#[derive(Debug, Clone)]
pub(super) struct ServerUser {
    /// The name of our own user: `peer` authentication sees it.
    pub(super) own_name: String,
    /// The user that owns the data directory.
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    switch: bool,
}

impl ServerUser {
    /// Ourselves; as root the user `postgres`, else a created `stratum`, else `nobody` with a warning.
    pub(super) fn find() -> anyhow::Result<Self> {
        let uid = rustix::process::getuid().as_raw();
        let Some(own) = entry(|entry| entry.uid == uid) else {
            bail!(
                "user id {uid} has no entry in /etc/passwd, which PostgreSQL needs; add one, run as another user, or set DATABASE_URL"
            );
        };
        if uid != 0 {
            return Ok(Self {
                own_name: own.name.clone(),
                name: own.name,
                uid,
                gid: rustix::process::getgid().as_raw(),
                switch: false,
            });
        }
        let found = named("postgres").or_else(|| named("stratum")).or_else(create).or_else(|| {
            tracing::warn!(
                event_type = "postgres_shared_user",
                "PostgreSQL runs as nobody, a user that other services may share; create a user named stratum"
            );
            named("nobody")
        });
        let Some(user) = found else {
            bail!("PostgreSQL refuses to run as root, and there is no user postgres, stratum or nobody");
        };
        Ok(Self { own_name: own.name, name: user.name, uid: user.uid, gid: user.gid, switch: true })
    }

    /// The ids to switch to before PostgreSQL's programs run; `None` when we are that user.
    pub(super) fn run_as(&self) -> Option<(u32, u32)> {
        self.switch.then_some((self.uid, self.gid))
    }
}

struct Entry {
    name: String,
    uid: u32,
    gid: u32,
}

fn entry(wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Entry { name, uid, gid }).filter(|entry| wanted(entry))
    })
}

fn named(name: &str) -> Option<Entry> {
    entry(|entry| entry.name == name)
}

fn create() -> Option<Entry> {
    let made = Command::new("useradd")
        .args(["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "stratum"])
        .output()
        .is_ok_and(|output| output.status.success());
    if made { named("stratum") } else { None }
}
