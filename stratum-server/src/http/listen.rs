//! The accept loop. `axum::serve` sets no time limit on a half-sent header and no bound on connections; this one does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// The address that a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(
    /// The peer of the connection.
    pub SocketAddr,
);

/// The bounds of the accept loop.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Connections at once; further ones wait in the kernel's queue.
    pub connections: usize,
    /// How long a client may take for the head of a request, and a connection lie idle.
    pub header_timeout: Duration,
    /// How long running requests may take to end once the server is asked to stop.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections: 4096, header_timeout: Duration::from_secs(10), grace: Duration::from_secs(10) }
    }
}

/// A bound address, ready to accept.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    settings: Settings,
}

impl Listener {
    /// Binds `address`; port 0 takes any free port.
    ///
    /// # Errors
    /// When the address is in use or not ours.
    pub async fn bind(address: SocketAddr, settings: Settings) -> anyhow::Result<Self> {
        let tcp =
            TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
        Ok(Self { tcp, settings })
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `stop`, then lets running requests end for the time of grace.
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let slots = Arc::new(Semaphore::new(self.settings.connections));
        let graceful = GracefulShutdown::new();
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.settings.header_timeout);
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
            let (stream, peer) = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.tcp.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of file descriptors, or the peer was gone already: either passes.
                        tracing::warn!(event_type = "accept_refused", "{error}");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            let _ = stream.set_nodelay(true);
            let connection =
                builder.serve_connection(TokioIo::new(stream), service(router.clone(), peer)).into_owned();
            let watched = graceful.watch(connection);
            tokio::spawn(async move {
                // A client that hangs up in the middle is no news.
                let _ = watched.await;
                drop(slot);
            });
        }
        drop(self.tcp);
        if tokio::time::timeout(self.settings.grace, graceful.shutdown()).await.is_err() {
            tracing::warn!(event_type = "shutdown_hard", "some requests did not end in time and are cut off");
        }
    }
}

fn service(
    router: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> + Clone {
    hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ClientAddress(peer));
        router.clone().oneshot(request.map(Body::new))
    })
}
