//! What else was changed, as far as the change limits look at it.

use stratum_core::vocabulary::ActionType;
use stratum_core::{Currency, Timestamp};

use super::Moment;
use crate::action::{Action, ActionState, ActionStatus, Change, StatusReason};
use crate::enforcement::EnforcementFacts;

/// What else of a tenant was changed, seen from one action. A change whose outcome is unknown counts as made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ChangeHistory {
    /// Other actions that are approved or being applied, or were applied in the tenant's day.
    pub changes_today: u32,
    /// The last change of the same entity that was applied, or the claim of one that is being applied.
    pub last_change_at: Option<Timestamp>,
    /// What the first change of the same budget in the tenant's day started from, in minor units.
    pub first_budget_today_cents: Option<i64>,
    /// Whether a pause of the same campaign is queued or approved.
    pub pause_proposal_open: bool,
}

impl ChangeHistory {
    /// The history around `subject` among all actions of its tenant.
    pub fn of<'a>(subject: &Action, actions: impl IntoIterator<Item = &'a Action>, moment: Moment) -> Self {
        let mut history = Self::default();
        let mut first_budget_at = None;
        for other in actions.into_iter().filter(|other| other.id() != subject.id()) {
            // A change whose outcome nobody can tell may have been made: it counts like one that was.
            let perhaps_applied = other.state() == ActionState::Applied
                || other.status_reason() == Some(StatusReason::OutcomeUnknown);
            let applied_today = perhaps_applied && other.state_since() >= moment.day_start;
            if other.status() == ActionStatus::Approved || applied_today {
                history.changes_today = history.changes_today.saturating_add(1);
            }
            let same_entity = other.platform() == subject.platform()
                && other.entity_type() == subject.entity_type()
                && other.entity_id() == subject.entity_id();
            if !same_entity {
                continue;
            }
            if perhaps_applied || other.state() == ActionState::Applying {
                history.last_change_at = history.last_change_at.max(Some(other.state_since()));
            }
            if other.action_type() == ActionType::PauseCampaign
                && matches!(other.status(), ActionStatus::Queued | ActionStatus::Approved)
            {
                history.pause_proposal_open = true;
            }
            if let (Change::Budget { kind, before_cents, .. }, Change::Budget { kind: wanted, .. }) =
                (*other.change(), *subject.change())
                && applied_today
                && kind == wanted
                && first_budget_at.is_none_or(|at| other.state_since() < at)
            {
                first_budget_at = Some(other.state_since());
                history.first_budget_today_cents = Some(before_cents);
            }
        }
        history
    }

    /// The facts of enforcement as far as this history and the calendar make them.
    #[must_use]
    pub fn facts(&self, moment: Moment, currency: Currency) -> EnforcementFacts {
        EnforcementFacts {
            changes_today: self.changes_today,
            last_change_at: self.last_change_at,
            first_budget_today_cents: self.first_budget_today_cents,
            pause_proposal_open: self.pause_proposal_open,
            ..EnforcementFacts::new(moment.now, moment.next_midnight, currency)
        }
    }
}
