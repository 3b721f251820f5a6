//! What enforcement looks at, as data. It reads nothing else; whatever is unknown is absent, never zero.

use serde::{Deserialize, Serialize};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};
use stratum_core::{Currency, Timestamp, math};

use super::exact;
use crate::action::{Action, BudgetKind, Change};

/// The change that is checked: an action, or what a request proposes before any action exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckSubject {
    /// What the change does.
    pub action_type: ActionType,
    /// Where; if it is not known, the rules of every platform apply.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// To what kind of thing.
    pub entity_type: EntityType,
    /// The platform's id of it.
    pub entity_id: String,
    /// From which value to which, absolutely.
    pub change: Change,
}

impl CheckSubject {
    /// The amount before and after, in minor units, where the change is one of a budget.
    #[must_use]
    pub const fn budget(&self) -> Option<(BudgetKind, i64, i64, Currency)> {
        match self.change {
            Change::Budget { kind, before_cents, after_cents, currency } => {
                Some((kind, before_cents, after_cents, currency))
            }
            Change::Bid { .. } | Change::Status { .. } => None,
        }
    }

    /// Whether the change raises spend or exposure: by its type, or by what it really does.
    #[must_use]
    pub const fn is_raising(&self) -> bool {
        match self.change.cents() {
            Some((before, after)) => self.action_type.is_raising() || after > before,
            None => self.action_type.is_raising(),
        }
    }
}

impl From<&Action> for CheckSubject {
    fn from(action: &Action) -> Self {
        Self {
            action_type: action.action_type(),
            platform: Some(action.platform()),
            entity_type: action.entity_type(),
            entity_id: action.entity_id().to_owned(),
            change: *action.change(),
        }
    }
}

/// Everything that enforcement looks at beside the change itself. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnforcementFacts {
    /// The instant of the check.
    pub now: Timestamp,
    /// When the tenant's next calendar day begins.
    pub next_local_midnight: Timestamp,
    /// The currency of the limits and of every amount here: the tenant's. A budget in another one cannot be compared.
    pub currency: Currency,
    /// `before` of the first change of this budget recorded for the entity in the tenant's day, if there was one.
    #[serde(default)]
    pub first_budget_today_cents: Option<i64>,
    /// The entity's budget as it is stored now, before the change.
    #[serde(default)]
    pub budget: Option<EntityBudget>,
    /// The campaign's id on the platform; known of itself where the entity is a campaign.
    #[serde(default)]
    pub campaign_id: Option<String>,
    /// The campaign over the last complete days, as many as the settings look back. For ad sets and creatives, that of
    /// their campaign.
    #[serde(default)]
    pub campaign: CampaignFigures,
    /// Whether a pause of this campaign is queued or approved already.
    #[serde(default)]
    pub pause_proposal_open: bool,
    /// What the tenant has spent today.
    #[serde(default)]
    pub spend_today_cents: Option<i64>,
    /// The sum of the active daily budgets of the tenant without that of the entity, lifetime budgets counted as
    /// [`daily_share_cents`] says.
    #[serde(default)]
    pub other_daily_budgets_cents: Option<i64>,
    /// How often people saw the advertisements of the campaign in the last 7 days.
    #[serde(default)]
    pub exposure: Exposure,
    /// How many **other** actions of the tenant were approved, are being applied or were applied in the tenant's day.
    pub changes_today: u32,
    /// The last change of the same entity that was applied, or the claim of one that is being applied; absent if none.
    #[serde(default)]
    pub last_change_at: Option<Timestamp>,
}

impl EnforcementFacts {
    /// Facts of which nothing is known but the time and that the tenant changed nothing today.
    #[must_use]
    pub fn new(now: Timestamp, next_local_midnight: Timestamp, currency: Currency) -> Self {
        Self {
            now,
            next_local_midnight,
            currency,
            first_budget_today_cents: None,
            budget: None,
            campaign_id: None,
            campaign: CampaignFigures::default(),
            pause_proposal_open: false,
            spend_today_cents: None,
            other_daily_budgets_cents: None,
            exposure: Exposure::default(),
            changes_today: 0,
            last_change_at: None,
        }
    }

    /// The entity's budget at the start of the tenant's day: what the first budget change of the day started from, else
    /// the stored one. `None` if unknown, not above 0, or of another kind.
    #[must_use]
    pub fn opening_budget_cents(&self, kind: BudgetKind) -> Option<i64> {
        self.first_budget_today_cents
            .or(self.budget.filter(|budget| budget.kind == kind).map(|budget| budget.budget_cents))
            .filter(|&opening| opening > 0)
    }
}

/// A stored budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntityBudget {
    /// Daily or lifetime.
    pub kind: BudgetKind,
    /// Minor units.
    pub budget_cents: i64,
    /// What a lifetime budget has spent so far; unknown or not needed if absent.
    #[serde(default)]
    pub spent_cents: Option<i64>,
    /// The days that a lifetime budget still has to last, today included.
    #[serde(default)]
    pub days_left: Option<u32>,
    /// Whether the entity delivers now, so that its budget counts among the active ones.
    pub active: bool,
}

impl EntityBudget {
    /// A daily budget of an active entity.
    #[must_use]
    pub const fn daily(budget_cents: i64) -> Self {
        Self { kind: BudgetKind::Daily, budget_cents, spent_cents: None, days_left: None, active: true }
    }
}

/// What a budget counts per day: a daily one itself, a lifetime one what is left of it / the days left, rounded up to a
/// whole minor unit. `None` where a lifetime budget's spend or end is unknown, or no day is left.
#[must_use]
pub fn daily_share_cents(
    kind: BudgetKind,
    budget_cents: i64,
    spent_cents: Option<i64>,
    days_left: Option<u32>,
) -> Option<i64> {
    match kind {
        BudgetKind::Daily => Some(budget_cents),
        BudgetKind::Lifetime => {
            exact::divided_up(budget_cents.saturating_sub(spent_cents?).max(0), days_left?)
        }
    }
}

/// A campaign's spend and return over the lookback.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CampaignFigures {
    /// Minor units spent.
    pub spend_cents: Option<i64>,
    /// Minor units of revenue that the platform attributes.
    pub revenue_cents: Option<i64>,
    /// Revenue / spend as somebody states it; used instead of the two amounts, for a question "what if".
    pub roas: Option<f64>,
}

impl CampaignFigures {
    /// Revenue / spend as a fraction with a positive denominator; `None` where it is not defined.
    pub(super) fn roas_fraction(&self) -> Option<(i128, i128)> {
        if let Some(roas) = self.roas.and_then(math::finite) {
            const BILLION: i128 = 1_000_000_000;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast from float saturates, and so may a return"
            )]
            return Some(((roas * 1e9).round() as i128, BILLION));
        }
        let spend = self.spend_cents.filter(|&spend| spend > 0)?;
        Some((i128::from(self.revenue_cents?), i128::from(spend)))
    }

    /// Revenue / spend, rounded to nine decimals for display; `None` where it is not defined.
    #[must_use]
    pub fn roas(&self) -> Option<f64> {
        if let Some(roas) = self.roas.and_then(math::finite) {
            return Some(math::round9(roas));
        }
        let spend = self.spend_cents.filter(|&spend| spend > 0)?;
        Some(math::round9(math::amount(self.revenue_cents?) / math::amount(spend)))
    }
}

/// How often people saw advertisements in the last 7 days.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Exposure {
    /// Impressions in 7 days.
    pub impressions: Option<u64>,
    /// People reached in 7 days.
    pub reach: Option<u64>,
    /// Impressions per person as somebody states it; used instead of the two counts, for a question "what if".
    pub frequency: Option<f64>,
}

impl Exposure {
    /// Impressions / reach as a fraction with a positive denominator; `None` where it is not defined.
    pub(super) fn fraction(&self) -> Option<(i128, i128)> {
        if let Some(frequency) = self.frequency.and_then(math::finite) {
            const BILLION: i128 = 1_000_000_000;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast from float saturates, and so may a frequency"
            )]
            return Some(((frequency * 1e9).round() as i128, BILLION));
        }
        let reach = self.reach.filter(|&reach| reach > 0)?;
        Some((i128::from(self.impressions?), i128::from(reach)))
    }

    /// Impressions per person, rounded to nine decimals for display; `None` where it is not defined.
    #[must_use]
    pub fn frequency(&self) -> Option<f64> {
        if let Some(frequency) = self.frequency.and_then(math::finite) {
            return Some(math::round9(frequency));
        }
        let reach = self.reach.filter(|&reach| reach > 0)?;
        Some(math::round9(math::count(self.impressions?) / math::count(reach)))
    }
}
