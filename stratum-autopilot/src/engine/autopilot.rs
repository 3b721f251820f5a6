//! What people and programs ask of the engine.

use serde_json::json;
use stratum_core::emq::EmqBand;
use stratum_core::gate::{GateEvaluation, ManualOverride, OverrideRefusal};
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, Role};

use super::EngineError;
use super::facts::{Gathered, entry, platforms_of};
use crate::action::{Action, ActionState, Approval, Approver, NewAction, Origin};
use crate::approval::{AutomaticApproval, AutomaticFacts, AutopilotMode, automatic, by_person};
use crate::audit::{Actor, AuditAction, Changes, Intervention, NewAuditEntry};
use crate::enforcement::{Confirmation, EnforcementCheck};
use crate::kill_switch::{KillSwitches, Scope};
use crate::platform::AdPlatform;
use crate::store::{
    ActionStore, Commit, LoadedAction, Moment, SettingsStore, SignalStore, StoreError, TenantSettings,
};

/// How often a decision is read and made again when somebody else's came first.
pub(super) const TRIES: usize = 4;

/// The engine between its ports: a store of actions and settings, the signals, and the ad platforms. It holds no state.
///
/// Roles are the caller's to check, except those of the kill switch.
#[derive(Debug, Clone)]
pub struct Autopilot<S, G, P> {
    pub(super) store: S,
    pub(super) signals: G,
    pub(super) platform: P,
}

/// What gate and enforcement say about an action now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Verdicts {
    /// The gate.
    pub gate: GateEvaluation,
    /// Enforcement.
    pub check: EnforcementCheck,
}

/// An action under decision: as loaded, with the settings and facts read after it.
pub(super) struct Subject {
    pub(super) loaded: LoadedAction,
    pub(super) settings: TenantSettings,
    pub(super) gathered: Gathered,
}

impl<S, G, P> Autopilot<S, G, P>
where
    S: ActionStore + SettingsStore,
    G: SignalStore,
    P: AdPlatform,
{
    /// An engine between these ports. References do as well as owned ones where a port is implemented for them.
    pub const fn new(store: S, signals: G, platform: P) -> Self {
        Self { store, signals, platform }
    }

    /// Queues an action and says what gate and limits think of it now. It is queued whatever they say.
    ///
    /// # Errors
    /// `SuggestOnly` for a proposal of a program where only people queue; `Invalid`; `Store`.
    pub async fn propose(
        &self,
        new: NewAction,
        actor: Actor,
        moment: Moment,
    ) -> Result<(Action, Verdicts), EngineError> {
        let tenant_id = new.tenant_id;
        let action = Action::queue(new, moment.now)?;
        let mut tries = 0_usize;
        loop {
            let read_at = self.store.revision(tenant_id).await?;
            let settings = self.store.settings(tenant_id).await?;
            if settings.approval.mode == AutopilotMode::SuggestOnly && action.origin() != Origin::Manual {
                return Err(EngineError::SuggestOnly);
            }
            let queued = entry(moment, actor, AuditAction::Queued, &action, Intervention::about(&action));
            let commit = Commit::new([queued]).action(action.clone());
            match self.store.commit(tenant_id, read_at, commit).await {
                Err(StoreError::Conflict) if tries < TRIES => tries = tries.saturating_add(1),
                result => break result?,
            }
        }
        let verdicts = self.check(tenant_id, action.id(), moment).await?;
        Ok((action, verdicts))
    }

    /// What gate and limits say about a stored action now; recorded as `GATE_EVALUATED`.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn check(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> Result<Verdicts, EngineError> {
        self.change(tenant_id, action_id, moment, |subject| {
            let action = &subject.loaded.action;
            let (gate, check) = subject.gathered.verdicts(action, &subject.settings);
            let about = Intervention::about(action).gate(&gate).enforcement(&check);
            let said = entry(moment, Actor::system(), AuditAction::GateEvaluated, action, about);
            Ok((Verdicts { gate, check }, Some(Commit::new([said]))))
        })
        .await
    }

    /// A person approves. A confirmation that the person gave is used up and stays with the action; with an
    /// `override_reason` the action is executed although the gate does not pass, where that is possible at all.
    ///
    /// # Errors
    /// `NotFound`, `State`, `Approval`, `Override`, `Confirmation`, `Store`.
    pub async fn approve(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        user_id: UserId,
        override_reason: Option<&str>,
        confirmation: Option<Confirmation>,
        moment: Moment,
    ) -> Result<Action, EngineError> {
        self.change(tenant_id, action_id, moment, |subject| {
            let mut action = subject.loaded.action.clone();
            let (gate, check) = subject.gathered.verdicts(&action, &subject.settings);
            let mut attached = confirmation.clone();
            if let Some(given) = &mut attached {
                given.attach(&action, &check, moment.now)?;
            }
            let confirmation = attached.as_ref().or(subject.loaded.confirmation.as_ref());
            let frozen = subject.gathered.gate.frozen;
            by_person(&subject.settings.approval, &action, user_id, frozen, &check, confirmation)?;
            let reason = override_reason
                .map(|reason| {
                    ManualOverride::decide(&subject.settings.trust, &subject.gathered.gate, user_id, reason)
                })
                .transpose();
            let given = match reason {
                Ok(given) => given.map(|given| given.reason().to_owned()),
                // The gate passes by itself: an approval like any other.
                Err(OverrideRefusal::NotNeeded) => None,
                Err(refusal) => return Err(EngineError::Override(refusal)),
            };
            let by = Approver::User(user_id);
            action.approve(Approval { by, at: moment.now, override_reason: given.clone() }, moment.now)?;
            let about = || Intervention::about(&action).gate(&gate).enforcement(&check);
            let actor = Actor::user(user_id);
            let mut entries = vec![entry(moment, actor, AuditAction::Approved, &action, about())];
            if let Some(reason) = given {
                entries
                    .push(entry(moment, actor, AuditAction::OverrideLogged, &action, about()).reason(reason));
            }
            let commit = Commit { confirmation: attached, ..Commit::new(entries) }.action(action.clone());
            Ok((action, Some(commit)))
        })
        .await
    }

    /// The system approves, if every condition of automatic approval holds. Gives every condition that does not.
    ///
    /// # Errors
    /// `NotFound`, `State`, `Store`.
    pub async fn approve_automatically(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        mode_ceiling: AutopilotMode,
        event_emq_band: EmqBand,
        moment: Moment,
    ) -> Result<AutomaticApproval, EngineError> {
        self.change(tenant_id, action_id, moment, |subject| {
            let mut action = subject.loaded.action.clone();
            let (gate, check) = subject.gathered.verdicts(&action, &subject.settings);
            let facts = AutomaticFacts {
                action_type: action.action_type(),
                mode_ceiling,
                frozen: subject.gathered.gate.frozen,
                enforcement_enabled: subject.settings.enforcement.settings().enforcement_enabled,
                check: &check,
                gate: gate.decision(),
                event_emq_band,
            };
            let answer = automatic(&subject.settings.approval, &facts);
            if !answer.approved {
                return Ok((answer, None));
            }
            let approval = Approval { by: Approver::System, at: moment.now, override_reason: None };
            action.approve(approval, moment.now)?;
            let about = Intervention::about(&action).gate(&gate).enforcement(&check);
            let approved = entry(moment, Actor::system(), AuditAction::Approved, &action, about);
            Ok((answer, Some(Commit::new([approved]).action(action))))
        })
        .await
    }

    /// Takes an approval back that is not being executed yet.
    ///
    /// # Errors
    /// `NotFound`, `State`, `Store`.
    pub async fn revoke(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        actor: Actor,
        moment: Moment,
    ) -> Result<Action, EngineError> {
        self.change(tenant_id, action_id, moment, |subject| {
            let mut action = subject.loaded.action.clone();
            action.revoke(moment.now)?;
            let about = Intervention::about(&action);
            let revoked = entry(moment, actor, AuditAction::Revoked, &action, about);
            Ok((action.clone(), Some(Commit::new([revoked]).action(action))))
        })
        .await
    }

    /// Cancels a queued action.
    ///
    /// # Errors
    /// `NotFound`, `State`, `Store`.
    pub async fn dismiss(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        actor: Actor,
        moment: Moment,
    ) -> Result<Action, EngineError> {
        self.change(tenant_id, action_id, moment, |subject| {
            let mut action = subject.loaded.action.clone();
            action.dismiss(moment.now)?;
            let about = Intervention::about(&action);
            let dismissed = entry(moment, actor, AuditAction::Dismissed, &action, about);
            Ok((action.clone(), Some(Commit::new([dismissed]).action(action))))
        })
        .await
    }

    /// Queues the action that takes an applied one back. It goes through limits, approval and gate like any other.
    ///
    /// # Errors
    /// `NotFound`, `NotApplied`, `Invalid`, `Store`.
    pub async fn rollback(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        new_id: ActionId,
        user_id: UserId,
        moment: Moment,
    ) -> Result<(Action, Verdicts), EngineError> {
        let loaded = self.store.load(tenant_id, action_id, moment).await?.ok_or(EngineError::NotFound)?;
        let original = loaded.action;
        if original.state() != ActionState::Applied {
            return Err(EngineError::NotApplied);
        }
        let settings = self.store.settings(tenant_id).await?;
        let new = NewAction {
            id: new_id,
            tenant_id,
            action_type: reversed(original.action_type()),
            platform: original.platform(),
            entity_type: original.entity_type(),
            entity_id: original.entity_id().to_owned(),
            entity_name: original.entity_name().map(str::to_owned),
            change: original.change().reversed(),
            origin: Origin::Manual,
            created_by: Some(user_id),
            reason: None,
            pair_id: None,
            reverts: Some(action_id),
            ttl_hours: settings.approval.action_ttl_hours,
        };
        self.propose(new, Actor::user(user_id), moment).await
    }

    /// Engages a kill switch of the tenant's store. Gives whether anything changed.
    ///
    /// # Errors
    /// `Switch`, `Store`.
    pub async fn freeze(
        &self,
        tenant_id: TenantId,
        scope: Scope,
        role: Role,
        actor: Actor,
        reason: &str,
        moment: Moment,
    ) -> Result<bool, EngineError> {
        self.turn(tenant_id, actor, reason, moment, |switches| switches.engage(scope, role, reason)).await
    }

    /// Releases a kill switch of the tenant's store. Gives whether anything changed.
    ///
    /// # Errors
    /// `Switch`, `Store`.
    pub async fn unfreeze(
        &self,
        tenant_id: TenantId,
        scope: Scope,
        role: Role,
        actor: Actor,
        reason: &str,
        moment: Moment,
    ) -> Result<bool, EngineError> {
        self.turn(tenant_id, actor, reason, moment, |switches| switches.release(scope, role, reason)).await
    }

    async fn turn(
        &self,
        tenant_id: TenantId,
        actor: Actor,
        reason: &str,
        moment: Moment,
        turn: impl Fn(&mut KillSwitches) -> Result<bool, crate::kill_switch::SwitchRefusal> + Send,
    ) -> Result<bool, EngineError> {
        let mut tries = 0_usize;
        loop {
            let read_at = self.store.revision(tenant_id).await?;
            let before = self.store.switches(tenant_id).await?;
            let mut after = before.clone();
            if !turn(&mut after)? {
                return Ok(false);
            }
            let mut turned =
                NewAuditEntry::new(moment.now, actor, AuditAction::KillSwitchChanged, "autopilot")
                    .changes(Changes { before: json!(before), after: json!(after) });
            if !reason.trim().is_empty() {
                turned = turned.reason(reason.trim());
            }
            let commit = Commit { switches: Some(after), ..Commit::new([turned]) };
            match self.store.commit(tenant_id, read_at, commit).await {
                Err(StoreError::Conflict) if tries < TRIES => tries = tries.saturating_add(1),
                result => return result.map(|()| true).map_err(Into::into),
            }
        }
    }

    /// Reads an action and its facts, decides, commits; from the start again where somebody else's commit came first.
    pub(super) async fn change<T>(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
        decide: impl Fn(&Subject) -> Result<(T, Option<Commit>), EngineError> + Send,
    ) -> Result<T, EngineError> {
        let mut tries = 0_usize;
        loop {
            let subject = self.subject(tenant_id, action_id, moment).await?;
            let (answer, commit) = decide(&subject)?;
            let Some(commit) = commit else { return Ok(answer) };
            // The subject is not held over the commit: what a future holds must be `Send`, and less is better.
            let read_at = subject.loaded.revision;
            drop(subject);
            match self.store.commit(tenant_id, read_at, commit).await {
                Err(StoreError::Conflict) if tries < TRIES => tries = tries.saturating_add(1),
                result => return result.map(|()| answer).map_err(Into::into),
            }
        }
    }

    /// The action first, since its revision guards all that is read after it.
    pub(super) async fn subject(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> Result<Subject, EngineError> {
        let loaded = self.store.load(tenant_id, action_id, moment).await?.ok_or(EngineError::NotFound)?;
        let settings = self.store.settings(tenant_id).await?;
        let platforms = platforms_of(&loaded.action, loaded.other_half.as_ref().map(|(other, _)| other));
        let gathered = Gathered::read(
            &self.signals,
            &loaded.action,
            platforms,
            &loaded.history,
            &loaded.switches,
            &settings,
            moment,
        )
        .await?;
        Ok(Subject { loaded, settings, gathered })
    }
}

const fn reversed(action_type: ActionType) -> ActionType {
    match action_type {
        ActionType::BudgetIncrease => ActionType::BudgetDecrease,
        ActionType::BudgetDecrease => ActionType::BudgetIncrease,
        ActionType::BidIncrease => ActionType::BidDecrease,
        ActionType::BidDecrease => ActionType::BidIncrease,
        ActionType::PauseCampaign => ActionType::EnableCampaign,
        ActionType::EnableCampaign => ActionType::PauseCampaign,
        ActionType::PauseAdset => ActionType::EnableAdset,
        ActionType::EnableAdset => ActionType::PauseAdset,
        ActionType::PauseCreative => ActionType::EnableCreative,
        ActionType::EnableCreative => ActionType::PauseCreative,
    }
}
