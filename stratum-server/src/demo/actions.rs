//! Actions in every state: those of the past by the library's transitions at their own times, those of the present through
//! the same doors that people use.

use sqlx::Row as _;
use stratum_autopilot::action::{
    Action, BudgetKind, Change, EntityStatus, NewAction, Origin, Outcome, StatusReason,
};
use stratum_autopilot::action::{Approval, Approver};
use stratum_autopilot::audit::{Actor, AuditAction, Intervention, NewAuditEntry};
use stratum_core::id::{ActionId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};
use stratum_core::{Currency, Timestamp};
use uuid::Uuid;

use super::metrics::CAMPAIGNS;
use super::story::Story;
use crate::actions::approve::{Attempt, approve};
use crate::actions::queue;
use crate::actions::store::{self, ActionError, StoredAction};
use crate::audit;
use crate::db::TenantTx;
use crate::http::ApiError;

/// How an action of the past ended.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Applied a minute after its approval.
    Applied,
    /// Approved, and not done for this reason.
    Failed(StatusReason, &'static str),
    /// Approved, and the gate did not pass within four hours.
    HeldTooLong,
    /// A person dismissed it.
    Dismissed,
    /// Nobody looked at it for a day.
    Forgotten,
}

/// An action of the past.
struct Past {
    days_ago: i64,
    action_type: ActionType,
    platform: Platform,
    campaign: &'static str,
    /// Minor units before and after; a status where there are none.
    cents: Option<(i64, i64)>,
    origin: Origin,
    reason: &'static str,
    end: End,
    /// The position in [`PAST`] of the action that this one takes back.
    reverts: Option<usize>,
}

/// The past, oldest first. The budgets lead to what the campaigns have now.
const PAST: [Past; 8] = [
    Past {
        days_ago: 60,
        action_type: ActionType::BudgetIncrease,
        platform: Platform::Tiktok,
        campaign: "tt-401",
        cents: Some((35_000, 40_000)),
        origin: Origin::Recommendation,
        reason: "cheap reach this week",
        end: End::HeldTooLong,
        reverts: None,
    },
    Past {
        days_ago: 40,
        action_type: ActionType::BudgetDecrease,
        platform: Platform::Google,
        campaign: "g-7703",
        cents: Some((62_000, 50_000)),
        origin: Origin::Rule,
        reason: "return below target for seven days",
        end: End::Applied,
        reverts: None,
    },
    Past {
        days_ago: 33,
        action_type: ActionType::BudgetIncrease,
        platform: Platform::Snapchat,
        campaign: "sc-91",
        cents: Some((12_000, 13_000)),
        origin: Origin::Recommendation,
        reason: "room in the auction",
        end: End::Forgotten,
        reverts: None,
    },
    Past {
        days_ago: 25,
        action_type: ActionType::BudgetIncrease,
        platform: Platform::Meta,
        campaign: "238514",
        cents: Some((38_000, 42_000)),
        origin: Origin::Manual,
        reason: "new season",
        end: End::Failed(StatusReason::StateChanged, "the platform showed 40000 and not 38000"),
        reverts: None,
    },
    Past {
        days_ago: 19,
        action_type: ActionType::BudgetIncrease,
        platform: Platform::Snapchat,
        campaign: "sc-92",
        cents: Some((18_000, 21_000)),
        origin: Origin::Manual,
        reason: "test of a higher budget",
        end: End::Applied,
        reverts: None,
    },
    Past {
        days_ago: 17,
        action_type: ActionType::BudgetDecrease,
        platform: Platform::Snapchat,
        campaign: "sc-92",
        cents: Some((21_000, 18_000)),
        origin: Origin::Manual,
        reason: "the test brought nothing",
        end: End::Applied,
        reverts: Some(4),
    },
    Past {
        days_ago: 15,
        action_type: ActionType::PauseCampaign,
        platform: Platform::Google,
        campaign: "g-7701",
        cents: None,
        origin: Origin::Recommendation,
        reason: "overlaps with organic results",
        end: End::Dismissed,
        reverts: None,
    },
    Past {
        days_ago: 12,
        action_type: ActionType::BudgetIncrease,
        platform: Platform::Meta,
        campaign: "238512",
        cents: Some((50_000, 60_000)),
        origin: Origin::Manual,
        reason: "return above target for two weeks",
        end: End::Applied,
        reverts: None,
    },
];

/// Writes the actions of the past with their history and their place in the audit chain.
///
/// # Errors
/// The database's; an internal one if the library refuses one of them, which a test rules out.
pub(super) async fn write_past(tx: &mut TenantTx, story: &Story, manager: UserId) -> Result<(), ApiError> {
    let mut ids: Vec<ActionId> = Vec::new();
    let mut entries: Vec<(Timestamp, NewAuditEntry)> = Vec::new();
    for past in &PAST {
        let queued_at = story.anchor.plus_hours(past.days_ago.saturating_mul(-24));
        let mut action = Action::queue(past.proposal(tx, queued_at, &ids, manager)?, queued_at)?;
        ids.push(action.id());
        let mut diary = Diary { tx, entries: &mut entries, manager };
        diary.note(&action, AuditAction::Queued, queued_at);
        let mut steps = vec![(action.status(), queued_at)];
        let settled_at = past.play(&mut action, manager, queued_at, &mut diary, &mut steps)?;
        let mut stored = StoredAction::new(action, settled_at);
        if let End::Failed(reason, message) = past.end {
            stored.error =
                Some(ActionError { code: reason.as_str().to_owned(), message: message.to_owned() });
        }
        if matches!(past.end, End::Dismissed) {
            stored.dismissed_by = Some(manager);
        }
        store::save(tx, &stored).await?;
        write_steps(tx, &stored.action, &steps).await?;
        if let Some(&reverted) = past.reverts.and_then(|position| ids.get(position)) {
            let entry = NewAuditEntry::new(settled_at, Actor::system(), AuditAction::RolledBack, "action")
                .resource_id(reverted);
            entries.push((settled_at, entry));
        }
    }
    entries.sort_by_key(|(at, _)| *at);
    for (_, entry) in entries {
        audit::append(tx, entry).await?;
    }
    Ok(())
}

/// Notes what happened for the audit chain, in whatever order it is told.
struct Diary<'a> {
    tx: &'a TenantTx,
    entries: &'a mut Vec<(Timestamp, NewAuditEntry)>,
    manager: UserId,
}

impl Diary<'_> {
    fn note(&mut self, action: &Action, what: AuditAction, at: Timestamp) {
        let by_person = matches!(what, AuditAction::Queued | AuditAction::Approved | AuditAction::Dismissed);
        let actor = if by_person { Actor::user(self.manager) } else { Actor::system() };
        let entry = NewAuditEntry::new(at, actor, what, "action")
            .resource_id(action.id())
            .request_id(self.tx.scope().request_id.to_string())
            .intervention(Intervention::about(action));
        let entry = match (what, action.reason()) {
            (AuditAction::Queued, Some(reason)) => entry.reason(reason),
            _ => entry,
        };
        self.entries.push((at, entry));
    }
}

impl Past {
    fn proposal(
        &self,
        tx: &TenantTx,
        queued_at: Timestamp,
        ids: &[ActionId],
        manager: UserId,
    ) -> Result<NewAction, ApiError> {
        let currency = Currency::USD;
        let change = match self.cents {
            Some((before_cents, after_cents)) => {
                Change::Budget { kind: BudgetKind::Daily, before_cents, after_cents, currency }
            }
            None => Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused },
        };
        let ms = u64::try_from(queued_at.millis()).map_err(ApiError::internal)?;
        let made_at = uuid::Timestamp::from_unix(uuid::NoContext, ms / 1000, 0);
        Ok(NewAction {
            id: ActionId::from_uuid(Uuid::new_v7(made_at)),
            tenant_id: tx.scope().tenant,
            action_type: self.action_type,
            platform: self.platform,
            entity_type: EntityType::Campaign,
            entity_id: self.campaign.to_owned(),
            entity_name: name_of(self.campaign),
            change,
            origin: self.origin,
            created_by: (self.origin == Origin::Manual).then_some(manager),
            reason: Some(self.reason.to_owned()),
            pair_id: None,
            reverts: self.reverts.and_then(|position| ids.get(position).copied()),
            ttl_hours: 24,
        })
    }

    /// Takes the action through its life; gives when it ended.
    fn play(
        &self,
        action: &mut Action,
        manager: UserId,
        queued_at: Timestamp,
        diary: &mut Diary<'_>,
        steps: &mut Vec<(stratum_autopilot::action::ActionStatus, Timestamp)>,
    ) -> Result<Timestamp, ApiError> {
        let looked_at = queued_at.plus_minutes(40);
        let ended_at = match self.end {
            End::Dismissed => {
                action.dismiss(looked_at).map_err(ApiError::internal)?;
                diary.note(action, AuditAction::Dismissed, looked_at);
                looked_at
            }
            End::Forgotten => {
                let at = queued_at.plus_hours(24);
                action.expire(at);
                diary.note(action, AuditAction::Expired, at);
                at
            }
            End::Applied | End::Failed(..) | End::HeldTooLong => {
                let approval = Approval { by: Approver::User(manager), at: looked_at, override_reason: None };
                action.approve(approval, looked_at).map_err(ApiError::internal)?;
                diary.note(action, AuditAction::Approved, looked_at);
                steps.push((action.status(), looked_at));
                self.execute(action, looked_at, diary)?
            }
        };
        steps.push((action.status(), ended_at));
        Ok(ended_at)
    }

    fn execute(
        &self,
        action: &mut Action,
        approved_at: Timestamp,
        diary: &mut Diary<'_>,
    ) -> Result<Timestamp, ApiError> {
        let outcome = match self.end {
            End::Applied => Outcome::Applied,
            End::Failed(reason, _) => Outcome::Failed(reason),
            End::HeldTooLong | End::Dismissed | End::Forgotten => {
                let at = approved_at.plus_hours(4);
                action.expire(at);
                diary.note(action, AuditAction::Expired, at);
                return Ok(at);
            }
        };
        let claimed_at = approved_at.plus_millis(900);
        let lease = action.claim(claimed_at).map_err(ApiError::internal)?;
        diary.note(action, AuditAction::Intent, claimed_at);
        let settled_at = claimed_at.plus_millis(350);
        action.settle(lease.attempt, outcome, settled_at).map_err(ApiError::internal)?;
        let what = if outcome == Outcome::Applied { AuditAction::Applied } else { AuditAction::Failed };
        diary.note(action, what, settled_at);
        Ok(settled_at)
    }
}

fn name_of(campaign: &str) -> Option<String> {
    CAMPAIGNS.iter().find(|spec| spec.external_id == campaign).map(|spec| spec.name.to_owned())
}

async fn write_steps(
    tx: &mut TenantTx,
    action: &Action,
    steps: &[(stratum_autopilot::action::ActionStatus, Timestamp)],
) -> Result<(), ApiError> {
    let mut before = None;
    for (seq, (status, at)) in (1_i32..).zip(steps) {
        sqlx::query(
            "INSERT INTO action_transition (tenant_id, action_id, seq, from_status, to_status, at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tx.scope().tenant.as_uuid())
        .bind(action.id().as_uuid())
        .bind(seq)
        .bind(before)
        .bind(status.as_str())
        .bind(at.to_chrono())
        .execute(&mut **tx)
        .await?;
        before = Some(status.as_str());
    }
    Ok(())
}

/// An action of the present.
struct Present {
    /// The end of its id in a new database, so that what is written about it stays true.
    id: u128,
    campaign: &'static str,
    change_pct: i64,
    reason: &'static str,
    approved: bool,
}

/// The action that the gate holds: TikTok's tracking is out.
pub(super) const HELD: ActionId = fixed(0xa1);
/// The action that the gate passes.
pub(super) const PASSING: ActionId = fixed(0xa2);

const PRESENT: [Present; 5] = [
    Present { id: 0xa1, campaign: "tt-401", change_pct: 15, reason: "more of what works", approved: false },
    Present { id: 0xa2, campaign: "238512", change_pct: 10, reason: "return above target", approved: false },
    Present { id: 0xa3, campaign: "g-7702", change_pct: 10, reason: "season begins", approved: false },
    Present { id: 0xa4, campaign: "sc-93", change_pct: 10, reason: "give it another week", approved: false },
    Present { id: 0xa5, campaign: "tt-402", change_pct: 10, reason: "top creative", approved: true },
];

const fn fixed(end: u128) -> ActionId {
    ActionId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | end))
}

/// Queues what waits in the present, each unless something waits for its campaign already. Gives the held and the passing
/// one.
///
/// # Errors
/// The database's.
pub(super) async fn queue_present(
    tx: &mut TenantTx,
    manager: UserId,
) -> Result<(ActionId, ActionId), ApiError> {
    let (mut held, mut passing) = (HELD, PASSING);
    for present in &PRESENT {
        let id = present.ensure(tx, manager).await?;
        match fixed(present.id) {
            HELD => held = id,
            PASSING => passing = id,
            _ => {}
        }
    }
    Ok((held, passing))
}

impl Present {
    async fn ensure(&self, tx: &mut TenantTx, manager: UserId) -> Result<ActionId, ApiError> {
        let Some(spec) = CAMPAIGNS.iter().find(|spec| spec.external_id == self.campaign) else {
            return Err(ApiError::internal("the demo names a campaign that it does not have"));
        };
        let row = sqlx::query(
            "SELECT (SELECT a.action_id FROM action a
                     WHERE a.platform = e.platform AND a.entity_type = e.entity_type AND a.entity_id = e.entity_id
                       AND a.action_type = 'BUDGET_INCREASE' AND a.state IN ('QUEUED', 'APPROVED', 'APPLYING')
                     ORDER BY a.created_at LIMIT 1) AS waiting,
                    EXISTS (SELECT FROM action WHERE action_id = $3) AS used, e.daily_budget_cents
             FROM entity e WHERE e.platform = $1 AND e.entity_type = 'CAMPAIGN' AND e.entity_id = $2",
        )
        .bind(spec.platform.as_str())
        .bind(self.campaign)
        .bind(fixed(self.id).as_uuid())
        .fetch_one(&mut **tx)
        .await?;
        if let Some(waiting) = row.try_get::<Option<Uuid>, _>("waiting")? {
            return Ok(ActionId::from_uuid(waiting));
        }
        let id = if row.try_get("used")? { ActionId::from_uuid(Uuid::now_v7()) } else { fixed(self.id) };
        let before_cents = row.try_get::<Option<i64>, _>("daily_budget_cents")?.unwrap_or(spec.budget_cents);
        let new = NewAction {
            id,
            tenant_id: tx.scope().tenant,
            action_type: ActionType::BudgetIncrease,
            platform: spec.platform,
            entity_type: EntityType::Campaign,
            entity_id: self.campaign.to_owned(),
            entity_name: Some(spec.name.to_owned()),
            change: Change::Budget {
                kind: BudgetKind::Daily,
                before_cents,
                after_cents: before_cents.saturating_add(before_cents.saturating_mul(self.change_pct) / 100),
                currency: Currency::USD,
            },
            origin: Origin::Recommendation,
            created_by: None,
            reason: Some(self.reason.to_owned()),
            pair_id: None,
            reverts: None,
            ttl_hours: 24,
        };
        queue(tx, new).await??;
        if self.approved {
            let attempt = Attempt { by: manager, override_reason: None, confirmation_token: None };
            approve(tx, id, &attempt).await??;
        }
        Ok(id)
    }
}
