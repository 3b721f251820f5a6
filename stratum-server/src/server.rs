//! Puts the rooms together and serves them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::audit::{self, HeadSigning};
use crate::auth::{self, Auth, RateLimits};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Connections, Db, PoolSizes};
use crate::http::{self, ApiError, ListenSettings, Listener};
use crate::platforms::{SandboxClient, Timeouts};
use crate::state::{AppState, Parts};
use crate::{
    actions, autopilot, campaigns, console, enforcement, executor, gate, health, jobs, realtime, signals,
    system,
};

/// How long a client may pause within a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Every operation of every room. A new room adds its line here.
fn rooms() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(system::routes())
        .merge(auth::routes())
        .merge(realtime::routes())
        .merge(signals::routes())
        .merge(health::routes())
        .merge(campaigns::routes())
        .merge(gate::routes())
        .merge(audit::routes())
        .merge(jobs::routes())
        .merge(autopilot::routes())
        .merge(actions::routes())
        .merge(enforcement::routes())
        .merge(console::routes())
}

/// The OpenAPI document of this binary.
#[must_use]
pub fn openapi() -> OpenApi {
    system::document(rooms().into_openapi())
}

/// The router with everything around it.
///
/// # Errors
/// When the OpenAPI document does not serialize.
pub fn router(state: AppState) -> anyhow::Result<Router> {
    let (operations, described) = rooms().split_for_parts();
    let mut router = operations;
    if state.config.docs {
        router = router.merge(system::docs_routes(&system::document(described))?);
    }
    Ok(router
        .fallback(console::fallback)
        .layer(from_fn_with_state(state.clone(), auth::guard))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(http::layer))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .with_state(state))
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    axum::response::IntoResponse::into_response(ApiError::internal(format!("panicked: {text}")))
}

/// What a server is started with.
#[derive(Debug)]
pub struct Plan {
    /// How to connect to the database, which is migrated.
    pub connections: Connections,
    /// What tokens are signed with and keys derived from.
    pub secret: Vec<u8>,
    /// What requests may need to know.
    pub config: Config,
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Whether requests are counted against the tier's rate.
    pub rate_limit: bool,
    /// The clock.
    pub clock: Clock,
    /// Connections to the database.
    pub pool: PoolSizes,
}

/// A server that accepts requests.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The parts that its handlers use.
    pub state: AppState,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Binds the address and starts serving and the background work.
    ///
    /// # Errors
    /// When the address cannot be bound, or that of the platform is none.
    pub async fn start(plan: Plan) -> anyhow::Result<Self> {
        let db = Db::open(&plan.connections, plan.pool, plan.clock);
        let state = AppState::new(Parts {
            db,
            auth: Auth::new(&plan.secret, RateLimits::new(plan.rate_limit))?,
            head_signing: HeadSigning::new(&plan.secret, plan.config.audit_heads.clone()),
            config: plan.config,
            figures: system::Figures::install(),
            log_pages: enforcement::LogPages::default(),
            stop: CancellationToken::new(),
            started: Instant::now(),
        });
        let platform = state.config.platform_url.as_deref();
        let platform = platform.map(|url| SandboxClient::new(url, Timeouts::default())).transpose()?;
        let listener = Listener::bind(plan.listen, ListenSettings::default()).await?;
        let address = listener.address()?;
        let stop = state.stop.clone();
        let tasks = vec![
            tokio::spawn(listener.serve(router(state.clone())?, stop.clone())),
            tokio::spawn(state.figures.clone().watch(state.db.clone(), stop.clone())),
            tokio::spawn(sweep(state.clone())),
            tokio::spawn(health::run(state.clone())),
            tokio::spawn(jobs::run(state.clone())),
            tokio::spawn(audit::signing::run(state.clone())),
            tokio::spawn(executor::run(state.clone(), platform)),
        ];
        tracing::info!(event_type = "listening", "listening on http://{address}");
        Ok(Self { address, state, tasks })
    }

    /// Stops accepting, lets running requests end, and closes the connections to the database.
    pub async fn stop(self) {
        self.state.stop.cancel();
        for task in self.tasks {
            let _ = task.await;
        }
        self.state.db.close().await;
    }
}

/// Forgets now and then what nobody needs any more.
async fn sweep(state: AppState) {
    loop {
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(60)) => state.auth.rates.sweep(),
        }
    }
}
