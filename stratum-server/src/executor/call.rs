//! Calling the platform, and recording what it said.

use std::time::Duration;

use stratum_autopilot::engine::after_call;
use stratum_autopilot::platform::AdPlatform;
use stratum_core::Timestamp;

use super::conclude::{Told, conclude};
use super::turn::Claim;
use crate::actions::store::ActionError;
use crate::db::{Db, Scope};

/// How often an answer is tried to be stored before the lapse of the lease is left to do it.
const TRIES: u32 = 5;
/// How long between two of these tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Applies a claimed action. Whatever goes wrong from here on, the lease covers it.
pub(super) async fn make<P: AdPlatform>(db: &Db, scope: &Scope, platform: &P, claim: Claim, now: Timestamp) {
    let Claim { id, attempt, permit } = claim;
    let started = std::time::Instant::now();
    let answer = platform.apply(permit, now).await;
    metrics::histogram!("stratum_platform_call_seconds").record(started.elapsed().as_secs_f64());
    let after = after_call(&answer);
    let told = match &answer {
        Ok(receipt) => Told { reference: receipt.reference.clone(), ..Told::default() },
        Err(error) => {
            metrics::counter!("stratum_platform_errors_total", "code" => error.code.as_str()).increment(1);
            Told {
                error: Some(ActionError {
                    code: error.code.as_str().to_owned(),
                    message: error.message.clone(),
                }),
                observed: error.actual,
                retry_after_ms: error.retry_after_ms.unwrap_or_default(),
                ..Told::default()
            }
        }
    };
    for tried in 1..=TRIES {
        let told = told.clone();
        let stored = db.tenant_tx(scope, move |tx| {
            Box::pin(conclude(tx, id, told, move |action, now| after.record(action, attempt, now)))
        });
        match stored.await {
            Ok(()) => return,
            Err(error) => {
                tracing::error!(event_type = "result_not_stored", action_id = %id, tried, "{error:?}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
