//! What every handler may use.

use std::sync::Arc;
use std::time::Instant;

use stratum_core::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::audit::HeadSigning;
use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::enforcement::LogPages;
use crate::system::Figures;

/// The server's parts, shared by all requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Parts>);

/// See [`AppState`].
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Tokens, passwords, sessions and rates.
    pub auth: Auth,
    /// What signs the heads of the audit chains.
    pub head_signing: HeadSigning,
    /// What the server was told at its start.
    pub config: Config,
    /// The figures of `/metrics`.
    pub figures: Figures,
    /// Pages of audit logs that were read lately.
    pub log_pages: LogPages,
    /// Cancelled when the server is to stop: streams end, jobs finish what they are at.
    pub stop: CancellationToken,
    /// When the server started.
    pub started: Instant,
}

impl AppState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.db.clock().now()
    }

    /// The clock itself.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.db.clock()
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
