//! Actions on a platform of the app, from the proposal to the receipt, kept in memory.
//!
//! The engine is that of the server; what stands here are its ports and its wire types. Gate and limits are asked again
//! right before each call of the platform, and the permit for the call exists only where both say yes.

mod ports;
mod wire;

use std::sync::Arc;

use serde_json::json;
use stratum_ffi::stratum_autopilot::action::{self, NewAction, Origin};
use stratum_ffi::stratum_autopilot::approval::ApprovalSettings;
use stratum_ffi::stratum_autopilot::audit::{Actor, ChainHead};
use stratum_ffi::stratum_autopilot::enforcement;
use stratum_ffi::stratum_autopilot::engine;
use stratum_ffi::stratum_autopilot::kill_switch::Scope;
use stratum_ffi::stratum_autopilot::store::{AuditLog, MemorySignals, MemoryStore, Moment, TenantSettings};
use stratum_ffi::stratum_core::id::{ActionId, TenantId, UserId};
use stratum_ffi::stratum_core::policy;
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_ffi::stratum_core::vocabulary::Role;

pub use wire::{Action, ActionState, Proposal, StatusReason, Step, Visited, WaitingFor};

use self::ports::{Signals, Store};
use self::wire::refused;
use crate::errors::StratumError;
use crate::platform::{AdPlatform, Foreign};
use crate::records::{
    CampaignFigures, EnforcementSettings, EntityBudget, Exposure, HealthSnapshot, OpenIncident, Platform,
    TrustPolicy,
};
use crate::typed::convert;
use crate::values::Timestamp;

/// Queues, approves and executes actions of one tenant on a platform that you write.
///
/// Any number of threads may use one; no action is ever executed twice. Each step stands in the tenant's audit chain, the
/// intent before the call. A day begins at midnight in UTC.
#[derive(uniffi::Object)]
pub struct Autopilot {
    tenant_id: TenantId,
    store: Arc<MemoryStore>,
    signals: Arc<MemorySignals>,
    engine: engine::Autopilot<Store, Signals, Foreign>,
}

impl std::fmt::Debug for Autopilot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Autopilot").field("tenant_id", &self.tenant_id).finish_non_exhaustive()
    }
}

#[uniffi::export]
impl Autopilot {
    /// An autopilot of one tenant. Amounts are minor units of `currency`; without policy and limits the defaults decide.
    ///
    /// # Errors
    /// Every problem at once, under `/tenant_id`, `/currency`, `/policy` and `/limits`.
    #[uniffi::constructor(default(policy = None, limits = None))]
    pub fn new(
        tenant_id: &str,
        currency: &str,
        platform: Arc<dyn AdPlatform>,
        policy: Option<TrustPolicy>,
        limits: Option<EnforcementSettings>,
    ) -> Result<Self, StratumError> {
        let mut found = ProblemCollector::new();
        let tenant = found.take("/tenant_id", tenant_id.parse::<TenantId>());
        let currency = found.take("/currency", currency.parse());
        let trust = found.take("/policy", compiled_trust(policy));
        let enforcement = found.take("/limits", compiled_limits(limits));
        let (Some(tenant_id), Some(currency), Some(trust), Some(enforcement)) =
            (tenant, currency, trust, enforcement)
        else {
            return Err(problems_of(found));
        };
        let store = Arc::new(MemoryStore::new());
        let approval = ApprovalSettings::default();
        store.configure(tenant_id, TenantSettings { trust, enforcement, approval, currency });
        let signals = Arc::new(MemorySignals::new());
        let engine = engine::Autopilot::new(
            Store(Arc::clone(&store)),
            Signals(Arc::clone(&signals)),
            Foreign(platform),
        );
        Ok(Self { tenant_id, store, signals, engine })
    }

    /// Takes a health snapshot, unless a newer one is known.
    ///
    /// # Errors
    /// Every problem of the snapshot.
    pub fn put_snapshot(&self, snapshot: HealthSnapshot) -> Result<(), StratumError> {
        self.signals.put_snapshot(convert(&snapshot)?);
        Ok(())
    }

    /// Sets which incidents are open.
    ///
    /// # Errors
    /// Every problem of the incidents.
    pub fn set_incidents(&self, open: Vec<OpenIncident>) -> Result<(), StratumError> {
        self.signals.set_incidents(self.tenant_id, convert(&open)?);
        Ok(())
    }

    /// Sets what is known of an entity: its budget, its campaign's return and how often people saw it.
    ///
    /// # Errors
    /// Every problem of the figures.
    #[uniffi::method(default(budget = None, exposure = None))]
    pub fn set_figures(
        &self,
        platform: Platform,
        entity_id: String,
        campaign: CampaignFigures,
        budget: Option<EntityBudget>,
        exposure: Option<Exposure>,
    ) -> Result<(), StratumError> {
        let exposure = exposure.unwrap_or_default();
        self.signals.set_figures(
            self.tenant_id,
            convert(&platform)?,
            entity_id,
            convert(&budget)?,
            convert(&campaign)?,
            convert(&exposure)?,
        );
        Ok(())
    }

    /// Queues an action; it waits for approval.
    ///
    /// # Errors
    /// Every problem of the proposal at once.
    pub async fn propose(&self, proposal: Proposal, now: Timestamp) -> Result<Action, StratumError> {
        let new = self.new_action(proposal)?;
        let actor = new.created_by.map_or_else(Actor::system, Actor::user);
        let (action, _) = self.engine.propose(new, actor, Moment::utc(now.0)).await.map_err(refused)?;
        shown(&action)
    }

    /// Approves an action for a person. The gate is asked all the same when it is executed.
    ///
    /// # Errors
    /// `not_found`, or why the action's state or the limits do not allow it.
    pub async fn approve(
        &self,
        action_id: String,
        by: String,
        now: Timestamp,
    ) -> Result<Action, StratumError> {
        let (action_id, user) = (id("/action_id", &action_id)?, person("/by", &by)?);
        let moment = Moment::utc(now.0);
        let approved = self.engine.approve(self.tenant_id, action_id, user, None, None, moment).await;
        shown(&approved.map_err(refused)?)
    }

    /// Cancels an action that was not approved yet.
    ///
    /// # Errors
    /// `not_found`, or why the action's state does not allow it.
    pub async fn dismiss(
        &self,
        action_id: String,
        by: String,
        now: Timestamp,
    ) -> Result<Action, StratumError> {
        let (action_id, actor) = (id("/action_id", &action_id)?, Actor::user(person("/by", &by)?));
        let dismissed = self.engine.dismiss(self.tenant_id, action_id, actor, Moment::utc(now.0)).await;
        shown(&dismissed.map_err(refused)?)
    }

    /// Looks at every action that is due, oldest first, and takes each one step further: executes it where gate and limits
    /// say yes, lets it expire, or asks the platform about a call whose answer never came.
    ///
    /// # Errors
    /// Only where nothing could be looked at; the error of one action stands in its step.
    pub async fn run(&self, now: Timestamp) -> Result<Vec<Visited>, StratumError> {
        let visits = self.engine.run_once(self.tenant_id, Moment::utc(now.0)).await.map_err(refused)?;
        Ok(visits.into_iter().map(Visited::try_from).collect::<Result<_, Problems>>()?)
    }

    /// Engages the kill switch (`frozen`) or releases it: while it is engaged nothing is executed. Gives whether anything
    /// changed.
    ///
    /// # Errors
    /// `switch_refused` without a reason.
    pub async fn freeze(
        &self,
        frozen: bool,
        by: String,
        reason: String,
        now: Timestamp,
    ) -> Result<bool, StratumError> {
        let (actor, moment) = (Actor::user(person("/by", &by)?), Moment::utc(now.0));
        let (tenant, scope) = (self.tenant_id, Scope::Tenant);
        let turned = if frozen {
            self.engine.freeze(tenant, scope, Role::Admin, actor, &reason, moment).await
        } else {
            self.engine.unfreeze(tenant, scope, Role::Admin, actor, &reason, moment).await
        };
        turned.map_err(refused)
    }

    /// Every action, by id.
    ///
    /// # Errors
    /// `internal`, if an action cannot be shown.
    pub fn actions(&self) -> Result<Vec<Action>, StratumError> {
        self.store.actions(self.tenant_id).iter().map(shown).collect()
    }

    /// The audit chain as the request of `audit.verify`, JSON text: `call("audit.verify", pilot.audit())`.
    ///
    /// # Errors
    /// `store`, if it cannot be read.
    pub async fn audit(&self) -> Result<String, StratumError> {
        let store = |error: stratum_ffi::stratum_autopilot::store::StoreError| refused(error.into());
        let head = self.store.head(self.tenant_id).await.map_err(store)?;
        let records = self.store.records(self.tenant_id, 0, usize::MAX).await.map_err(store)?;
        let from = ChainHead::genesis(self.tenant_id);
        Ok(json!({ "from": from, "known_head": head, "records": records }).to_string())
    }
}

impl Autopilot {
    fn new_action(&self, proposal: Proposal) -> Result<NewAction, StratumError> {
        let mut found = ProblemCollector::new();
        let id = found.take("/id", proposal.id.parse::<ActionId>());
        let created_by =
            proposal.created_by.as_deref().map(|by| found.take("/created_by", by.parse::<UserId>()));
        let change = found.take("/change", convert(&proposal.change));
        let (Some(id), Some(change), None | Some(Some(_))) = (id, change, created_by) else {
            return Err(problems_of(found));
        };
        let created_by = created_by.flatten();
        Ok(NewAction {
            id,
            tenant_id: self.tenant_id,
            action_type: convert(&proposal.action_type)?,
            platform: convert(&proposal.platform)?,
            entity_type: convert(&proposal.entity_type)?,
            entity_id: proposal.entity_id,
            entity_name: proposal.entity_name,
            change,
            origin: if created_by.is_some() { Origin::Manual } else { Origin::Rule },
            created_by,
            reason: proposal.reason,
            pair_id: None,
            reverts: None,
            ttl_hours: proposal.ttl_hours.unwrap_or(ApprovalSettings::default().action_ttl_hours),
        })
    }
}

fn compiled_trust(given: Option<TrustPolicy>) -> Result<policy::CompiledTrustPolicy, Problems> {
    let policy: policy::TrustPolicy = given.map(|given| convert(&given)).transpose()?.unwrap_or_default();
    policy.compile()
}

fn compiled_limits(given: Option<EnforcementSettings>) -> Result<enforcement::CompiledEnforcement, Problems> {
    let limits: enforcement::EnforcementSettings =
        given.map(|given| convert(&given)).transpose()?.unwrap_or_default();
    limits.compile()
}

fn problems_of(found: ProblemCollector) -> StratumError {
    found
        .into_problems()
        .unwrap_or_else(|| Problem::new("", "invalid_value", "the request was refused").into())
        .into()
}

fn id(path: &str, text: &str) -> Result<ActionId, StratumError> {
    text.parse().map_err(|problem: Problem| problem.under(path).into())
}

fn person(path: &str, text: &str) -> Result<UserId, StratumError> {
    text.parse().map_err(|problem: Problem| problem.under(path).into())
}

fn shown(action: &action::Action) -> Result<Action, StratumError> {
    Ok(convert(action)?)
}
