//! What a decision about an action looks at, gathered from the ports.

use stratum_core::gate::{GateEvaluation, GateFacts, evaluate};
use stratum_core::vocabulary::Platform;

use super::ClaimFacts;
use crate::action::Action;
use crate::audit::{Actor, AuditAction, Intervention, NewAuditEntry};
use crate::enforcement::{CheckSubject, Confirmation, EnforcementCheck, EnforcementFacts, check};
use crate::kill_switch::KillSwitches;
use crate::store::{ChangeHistory, Moment, SignalStore, StoreError, TenantSettings};

/// The facts about one action at one moment.
pub(super) struct Gathered {
    pub(super) gate: GateFacts,
    pub(super) limits: EnforcementFacts,
}

impl Gathered {
    /// Reads them. `platforms` are those of the action and of its other half.
    pub(super) async fn read<G: SignalStore>(
        signals: &G,
        action: &Action,
        platforms: Vec<Platform>,
        history: &ChangeHistory,
        switches: &KillSwitches,
        settings: &TenantSettings,
        moment: Moment,
    ) -> Result<Self, StoreError> {
        let frozen = platforms.iter().any(|&platform| switches.engaged_for(platform));
        let snapshots = signals.snapshots(action.tenant_id(), &platforms).await?;
        let incidents = signals.open_incidents(action.tenant_id(), &platforms).await?;
        let limits = signals.figures(action, history.facts(moment, settings.currency)).await?;
        let gate = GateFacts {
            entity_type: Some(action.entity_type()),
            entity_id: Some(action.entity_id().to_owned()),
            snapshots,
            frozen,
            incidents,
            ..GateFacts::new(action.tenant_id(), action.action_type().into(), platforms, moment.now)
        };
        Ok(Self { gate, limits })
    }

    pub(super) fn verdicts(
        &self,
        action: &Action,
        settings: &TenantSettings,
    ) -> (GateEvaluation, EnforcementCheck) {
        (
            evaluate(&settings.trust, &self.gate),
            check(&settings.enforcement, &CheckSubject::from(action), &self.limits),
        )
    }

    pub(super) const fn for_claim<'a>(
        &'a self,
        settings: &'a TenantSettings,
        confirmation: Option<&'a Confirmation>,
    ) -> ClaimFacts<'a> {
        ClaimFacts {
            trust: &settings.trust,
            enforcement: &settings.enforcement,
            gate: &self.gate,
            limits: &self.limits,
            confirmation,
        }
    }
}

/// The platforms of an action and of its other half, each once.
pub(super) fn platforms_of(action: &Action, other_half: Option<&Action>) -> Vec<Platform> {
    let mut platforms = vec![action.platform()];
    platforms.extend(other_half.map(Action::platform).filter(|&platform| platform != action.platform()));
    platforms
}

/// An entry about an action.
pub(super) fn entry(
    moment: Moment,
    actor: Actor,
    what: AuditAction,
    action: &Action,
    about: Intervention,
) -> NewAuditEntry {
    NewAuditEntry::new(moment.now, actor, what, "action").resource_id(action.id()).intervention(about)
}
