//! The executor: takes approved actions to their platforms, and lets nothing wait for ever.
//!
//! Any number of processes run one each, on the same database. A beat finds the tenants with work; for each of them one
//! action after the other is looked at in a transaction of its own (`turn`): it expires, is approved by the system, waits,
//! fails, or is claimed. A claim is committed together with its intent entry **before** the platform is called (`call`),
//! and the platform's answer is recorded in a second transaction. What lies between is covered by the lease: when nobody
//! has reported until it lapses, the platform is asked what became of the call (`lapse`). The action's id travels with
//! every call as its idempotency key, so that whatever dies when, the change is made once or not at all.

mod call;
mod conclude;
mod lapse;
mod slots;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use stratum_autopilot::platform::AdPlatform;
use stratum_core::id::TenantId;

use crate::db::Scope;
use crate::http::ApiError;
use crate::state::AppState;
use slots::Slots;
use turn::Turn;

/// The tenants that have an action to look at.
const DUE: &str = "SELECT DISTINCT tenant_id FROM action
     WHERE due_at <= $1 AND state IN ('QUEUED', 'APPROVED', 'APPLYING')";
/// How often the loop looks for work.
const BEAT: Duration = Duration::from_millis(500);
/// How many calls to platforms are under way at once.
const CALLS_AT_ONCE: usize = 16;
/// How many actions of one tenant are looked at before the next tenant has its turn.
const TURNS_OF_A_TENANT: usize = 50;

/// What the executor works with.
struct Executor<P> {
    state: AppState,
    /// The platforms; without them actions expire and are approved, but not claimed.
    platform: Option<Arc<P>>,
    slots: Slots,
}

/// What is left of a tenant's work that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing that could be done now.
    Nothing,
    /// Some, for the tenant's next turn.
    More,
    /// Perhaps some on platforms to which no more calls may be made at once.
    WaitsForSlots,
}

/// Runs until the server stops, and then until the calls under way have been recorded.
pub async fn run<P: AdPlatform + Send + Sync + 'static>(state: AppState, platform: Option<P>) {
    let executor = Executor { state, platform: platform.map(Arc::new), slots: Slots::new(CALLS_AT_ONCE) };
    let stop = executor.state.stop.clone();
    while !stop.is_cancelled() {
        let (mut more, mut waits) = (false, false);
        match executor.state.db.directory().tenants_due(DUE, executor.state.now()).await {
            Ok(tenants) => {
                for tenant in tenants {
                    match executor.work_for(tenant).await {
                        Ok(left) => {
                            more |= left == Left::More;
                            waits |= left == Left::WaitsForSlots;
                        }
                        Err(error) => {
                            tracing::error!(event_type = "executor_turn", tenant_id = %tenant, "{error:?}");
                        }
                    }
                }
            }
            Err(error) => tracing::error!(event_type = "executor", "{error:?}"),
        }
        executor.state.figures.beat("executor");
        if more {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = executor.slots.freed(), if waits => {}
            () = tokio::time::sleep(BEAT) => {}
        }
    }
    executor.slots.all_free().await;
}

impl<P: AdPlatform + Send + Sync + 'static> Executor<P> {
    /// Looks at the tenant's actions that are due, oldest first, but for those that would call a platform to which enough
    /// calls are under way.
    async fn work_for(&self, tenant: TenantId) -> Result<Left, ApiError> {
        let stop = &self.state.stop;
        for _ in 0..TURNS_OF_A_TENANT {
            // The slot first: a claimed action must not wait for one while its lease runs.
            let mut slot = tokio::select! {
                () = stop.cancelled() => return Ok(Left::Nothing),
                slot = self.slots.one() => slot?,
            };
            let full = self.slots.full();
            let scope = Scope::system(tenant);
            let may_claim = self.platform.is_some();
            let without = full.clone();
            let taken = self.state.db.tenant_tx(&scope, move |tx| {
                Box::pin(async move { turn::take(tx, may_claim, &without).await })
            });
            let turn = match taken.await {
                Ok(turn) => turn,
                Err(error) => {
                    tracing::error!(event_type = "executor_turn", tenant_id = %tenant, "{error:?}");
                    let aside = self.state.db.tenant_tx(&scope, move |tx| {
                        Box::pin(async move { turn::set_aside(tx, &full).await })
                    });
                    aside.await?;
                    continue;
                }
            };
            match (turn, &self.platform) {
                (Turn::Nothing, _) if full.is_empty() => return Ok(Left::Nothing),
                (Turn::Nothing, _) => return Ok(Left::WaitsForSlots),
                (Turn::Done, _) | (_, None) => {}
                (Turn::Call(claim), Some(platform)) => {
                    self.slots.take(&mut slot, claim.permit.platform());
                    let (db, platform) = (self.state.db.clone(), Arc::clone(platform));
                    let now = self.state.now();
                    tokio::spawn(async move {
                        call::make(&db, &scope, platform.as_ref(), claim, now).await;
                        drop(slot);
                    });
                }
                (Turn::Ask(action), Some(platform)) => {
                    self.slots.take(&mut slot, action.platform());
                    let (db, platform) = (self.state.db.clone(), Arc::clone(platform));
                    let now = self.state.now();
                    tokio::spawn(async move {
                        lapse::ask(&db, &scope, platform.as_ref(), &action, now).await;
                        drop(slot);
                    });
                }
            }
        }
        Ok(Left::More)
    }
}
