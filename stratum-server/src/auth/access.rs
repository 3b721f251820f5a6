//! The one table of who may call what. An operation that is not in it cannot be called at all.
//!
//! A room adds its operations here and nowhere else says who may do what. A test compares the table with the
//! operations of the OpenAPI document, so that neither can forget the other.

use std::collections::HashMap;
use std::sync::LazyLock;

use http::Method;
use stratum_core::vocabulary::Role;

use crate::http::limits;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// People of this role and above.
    Role(Role),
    /// A source with its key, or people of MANAGER and above. `public_sources` says whether the keys of websites and
    /// tag managers, which anybody can read in a page, are good enough.
    SourceKey {
        /// Whether the keys of `website` and `sgtm` sources count.
        public_sources: bool,
    },
}

/// Which bucket of requests an operation draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// The tenant's requests, or 60 a minute per address where there is no tenant.
    Ordinary,
    /// The tenant's ingestion: ten times the rate.
    Ingest,
    /// Sign-in: 10 a minute per address.
    Login,
    /// Refresh: 20 a minute per address.
    Refresh,
    /// Probes and pages of the operator: not counted.
    Free,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path as the router knows it, with its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// From which bucket its calls are counted.
    pub bucket: Bucket,
    /// The most bytes of its body.
    pub body_limit: usize,
}

impl Operation {
    fn new(method: Method, path: &'static str, access: Access) -> Self {
        Self { method, path, access, bucket: Bucket::Ordinary, body_limit: limits::BODY }
    }

    fn bucket(mut self, bucket: Bucket) -> Self {
        self.bucket = bucket;
        self
    }

    fn batch(mut self) -> Self {
        self.body_limit = limits::BATCH;
        self
    }
}

fn get(path: &'static str, access: Access) -> Operation {
    Operation::new(Method::GET, path, access)
}

fn post(path: &'static str, access: Access) -> Operation {
    Operation::new(Method::POST, path, access)
}

fn put(path: &'static str, access: Access) -> Operation {
    Operation::new(Method::PUT, path, access)
}

fn delete(path: &'static str, access: Access) -> Operation {
    Operation::new(Method::DELETE, path, access)
}

const PUBLIC: Access = Access::Public;
const VIEWER: Access = Access::Role(Role::Viewer);
const ANALYST: Access = Access::Role(Role::Analyst);
const MANAGER: Access = Access::Role(Role::Manager);
const ADMIN: Access = Access::Role(Role::Admin);
const SUPERADMIN: Access = Access::Role(Role::Superadmin);

fn operations() -> Vec<Operation> {
    vec![
        // system
        get("/health", PUBLIC).bucket(Bucket::Free),
        get("/ready", PUBLIC).bucket(Bucket::Free),
        get("/metrics", PUBLIC).bucket(Bucket::Free),
        get("/docs", PUBLIC).bucket(Bucket::Free),
        get("/docs/", PUBLIC).bucket(Bucket::Free),
        get("/docs/{*rest}", PUBLIC).bucket(Bucket::Free),
        get("/redoc", PUBLIC).bucket(Bucket::Free),
        get("/openapi.json", PUBLIC).bucket(Bucket::Free),
        get("/api/v1/console", PUBLIC).bucket(Bucket::Free),
        // auth
        post("/api/v1/auth/login", PUBLIC).bucket(Bucket::Login),
        post("/api/v1/auth/refresh", PUBLIC).bucket(Bucket::Refresh),
        post("/api/v1/auth/logout", VIEWER),
        get("/api/v1/auth/me", VIEWER),
        // campaigns
        post("/api/v1/campaigns", MANAGER),
        post("/api/v1/campaigns/{id}/metrics", MANAGER).batch(),
        // audit
        get("/api/v1/audit-logs/records", ADMIN),
        // trust
        post("/api/v1/tenant/{tenant_id}/signals", Access::SourceKey { public_sources: false })
            .bucket(Bucket::Ingest)
            .batch(),
        get("/api/v1/tenant/{tenant_id}/signals", ANALYST),
        get("/api/v1/tenant/{tenant_id}/signal-health", VIEWER),
        get("/api/v1/tenant/{tenant_id}/signal-health/history", VIEWER),
        post("/api/v1/tenant/{tenant_id}/signal-health/evaluate", MANAGER),
        get("/api/v1/tenant/{tenant_id}/attribution-variance", VIEWER),
        get("/api/v1/tenant/{tenant_id}/incidents", VIEWER),
        get("/api/v1/tenant/{tenant_id}/trust-status", VIEWER),
        post("/api/v1/tenant/{tenant_id}/trust-gate/evaluate", ANALYST),
        get("/api/v1/tenant/{tenant_id}/trust-gate/decisions", ANALYST),
        get("/api/v1/tenant/{tenant_id}/trust-gate/decisions/{decision_id}", ANALYST),
        get("/api/v1/tenant/{tenant_id}/trust-gate/config", VIEWER),
        put("/api/v1/tenant/{tenant_id}/trust-gate/config", ADMIN),
        post("/api/v1/tenant/{tenant_id}/trust-gate/replay", ANALYST),
        post("/api/v1/tenant/{tenant_id}/trust-gate/backtest", ANALYST),
        get("/api/v1/tenant/{tenant_id}/trust-gate/calibration", VIEWER),
        // jobs
        get("/api/v1/jobs", VIEWER),
        get("/api/v1/jobs/{job_id}", VIEWER),
        post("/api/v1/jobs/{job_id}/cancel", MANAGER),
        post("/api/v1/jobs/{job_id}/retry", MANAGER),
        // autopilot
        get("/api/v1/tenant/{tenant_id}/autopilot/status", VIEWER),
        put("/api/v1/tenant/{tenant_id}/autopilot/mode", ADMIN),
        get("/api/v1/tenant/{tenant_id}/autopilot/actions", VIEWER),
        post("/api/v1/tenant/{tenant_id}/autopilot/actions", MANAGER),
        get("/api/v1/tenant/{tenant_id}/autopilot/actions/summary", VIEWER),
        post("/api/v1/tenant/{tenant_id}/autopilot/actions/approve-all", MANAGER),
        get("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}", VIEWER),
        post("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/approve", MANAGER),
        post("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/revoke", MANAGER),
        post("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/dismiss", MANAGER),
        post("/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/rollback", MANAGER),
        // enforcement
        get("/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings", VIEWER),
        put("/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings", ADMIN),
        post("/api/v1/tenant/{tenant_id}/autopilot/enforcement/check", ANALYST),
        post("/api/v1/tenant/{tenant_id}/autopilot/enforcement/confirm", MANAGER),
        post("/api/v1/tenant/{tenant_id}/autopilot/enforcement/kill-switch", MANAGER),
        get("/api/v1/tenant/{tenant_id}/autopilot/enforcement/audit-log", ANALYST),
        post("/api/v1/tenant/{tenant_id}/autopilot/enforcement/rules", ADMIN),
        put("/api/v1/tenant/{tenant_id}/autopilot/enforcement/rules/{rule_id}", ADMIN),
        delete("/api/v1/tenant/{tenant_id}/autopilot/enforcement/rules/{rule_id}", ADMIN),
        // superadmin
        post("/api/v1/superadmin/kill-switch", SUPERADMIN),
        // realtime
        get("/api/v1/events/stream", VIEWER),
    ]
}

static TABLE: LazyLock<HashMap<&'static str, Vec<Operation>>> = LazyLock::new(|| {
    let mut table: HashMap<&'static str, Vec<Operation>> = HashMap::new();
    for operation in operations() {
        table.entry(operation.path).or_default().push(operation);
    }
    table
});

/// Every operation at a path of the router; empty for a path that is not in the table.
#[must_use]
pub fn at(path: &str) -> &'static [Operation] {
    TABLE.get(path).map_or(&[], Vec::as_slice)
}

/// Every operation there is.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    TABLE.values().flatten()
}

/// The names of what a role may do, as `/auth/me` and the token show them.
#[must_use]
pub fn permissions(role: Role) -> &'static [&'static str] {
    const READ: usize = 1;
    const ANALYST: usize = 3;
    const MANAGER: usize = 7;
    const ALL: &[&str] = &[
        "read",
        "profiles:read",
        "reports:write",
        "work:write",
        "autopilot:queue",
        "autopilot:approve",
        "autopilot:freeze",
        "pii:read",
        "autopilot:settings",
        "autopilot:override",
        "autopilot:unfreeze",
        "cdp:admin",
        "tenant:admin",
        "audit:read",
    ];
    let count = match role {
        Role::Viewer => READ,
        Role::Analyst => ANALYST,
        Role::Manager => MANAGER,
        Role::Admin | Role::Superadmin => ALL.len(),
    };
    ALL.get(..count).unwrap_or(ALL)
}
