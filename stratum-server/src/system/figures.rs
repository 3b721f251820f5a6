//! The figures of `/metrics`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use crate::db::Db;

/// Bounds of the latency histogram, in seconds.
const BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// A worker that has not been heard of for this long is dead.
const SILENCE: Duration = Duration::from_secs(60);

/// The recorder's handle, and what probes ask for without going to the database.
#[derive(Debug, Clone)]
pub struct Figures {
    handle: Option<PrometheusHandle>,
    up: Arc<AtomicBool>,
    beats: Arc<Mutex<BTreeMap<&'static str, Instant>>>,
}

impl Figures {
    /// Installs the recorder of this process. The second of a process (in tests) records into the first.
    #[must_use]
    pub fn install() -> Self {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .ok();
        describe();
        Self { handle, up: Arc::new(AtomicBool::new(true)), beats: Arc::default() }
    }

    /// The text that Prometheus reads.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }

    /// Whether the database answered when it was last asked, at most two seconds ago.
    #[must_use]
    pub fn database_is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// A worker says that it is alive; it does so at least every ten seconds.
    pub fn beat(&self, worker: &'static str) {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).insert(worker, Instant::now());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        metrics::gauge!("stratum_worker_last_beat_seconds", "worker" => worker).set(now);
    }

    /// Whether every worker that was ever heard of was heard of within the last minute.
    #[must_use]
    pub fn workers_are_alive(&self) -> bool {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        beats.values().all(|beat| beat.elapsed() < SILENCE)
    }

    /// Asks the database every two seconds whether it is there, so that a probe costs no query; keeps the recorder tidy.
    pub async fn watch(self, db: Db, stop: CancellationToken) {
        loop {
            let up = db.is_up().await;
            if self.up.swap(up, Ordering::Relaxed) != up {
                if up {
                    tracing::info!(event_type = "database_up", "the database answers again");
                } else {
                    tracing::error!(event_type = "database_down", "the database does not answer");
                }
            }
            metrics::gauge!("stratum_db_up").set(if up { 1.0 } else { 0.0 });
            if let Some(handle) = &self.handle {
                handle.run_upkeep();
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(2)) => {}
            }
        }
    }
}

fn describe() {
    metrics::describe_counter!(
        "stratum_http_requests_total",
        "Requests by method, route and class of status."
    );
    metrics::describe_histogram!(
        "stratum_http_request_duration_seconds",
        "Time from the head of a request to its answer."
    );
    metrics::describe_gauge!("stratum_db_up", "1 when the database answers.");
    metrics::describe_histogram!("stratum_db_pool_wait_seconds", "Time that work waited for a connection.");
    metrics::describe_gauge!("stratum_jobs_queued", "Jobs that wait, by kind.");
    metrics::describe_gauge!("stratum_jobs_oldest_seconds", "Age of the oldest job that waits, by kind.");
    metrics::describe_counter!("stratum_job_runs_total", "Runs of jobs by kind and result.");
    metrics::describe_gauge!(
        "stratum_worker_last_beat_seconds",
        "When a worker was last heard of, in Unix time."
    );
    metrics::describe_counter!("stratum_ingest_events_total", "Measurements and events received, by result.");
    metrics::describe_gauge!(
        "stratum_ingest_lag_seconds",
        "Age of the newest measurement when it was stored."
    );
    metrics::describe_gauge!("stratum_signal_health", "Signal health by tenant and platform, 0 to 100.");
    metrics::describe_counter!("stratum_gate_decisions_total", "Gate decisions by decision and reason.");
    metrics::describe_counter!("stratum_actions_total", "Actions that reached a status.");
    metrics::describe_gauge!("stratum_autopilot_frozen", "1 while a tenant's kill switch is engaged.");
    metrics::describe_counter!("stratum_deliveries_total", "Calls to platforms by platform and status.");
    metrics::describe_gauge!("stratum_circuit_open", "1 while a platform is not called because it fails.");
    metrics::describe_gauge!("stratum_dead_letters", "Deliveries given up, by platform.");
    metrics::describe_counter!(
        "stratum_audit_append_failures_total",
        "Records that could not be appended to the audit chain."
    );
    metrics::counter!("stratum_audit_append_failures_total").increment(0);
}
