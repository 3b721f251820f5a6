//! What the tenant's limits are compared with, as it is stored now. What is not known stays absent and is never zero.

use chrono::{Days, NaiveDate};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use stratum_autopilot::action::BudgetKind;
use stratum_autopilot::enforcement::{
    CampaignFigures, CheckSubject, EnforcementFacts, EnforcementSettings, EntityBudget, Exposure,
    ViolationType, daily_share_cents,
};
use stratum_core::id::ActionId;
use stratum_core::{Currency, Timestamp};

use crate::clock::instant;
use crate::db::TenantTx;
use crate::health::facts::Calendar;
use crate::http::ApiError;

/// Loads what is known about a change. `action` is the action that makes it, where one exists: it does not count
/// against itself.
///
/// # Errors
/// The database's.
pub async fn load(
    tx: &mut TenantTx,
    subject: &CheckSubject,
    action: Option<ActionId>,
    calendar: Calendar,
    settings: &EnforcementSettings,
) -> Result<EnforcementFacts, ApiError> {
    let day = Day::of(calendar, tx.now())?;
    let mut facts = EnforcementFacts::new(tx.now(), day.next_midnight, day.calendar.currency);
    let row = known_row(tx, subject, action, settings.roas_lookback_days, &day).await?;
    if row.try_get::<bool, _>("known")? {
        let currency: Option<String> = row.try_get("currency")?;
        // Figures in another currency than that of the limits cannot be compared, so they are not known.
        if currency.is_none_or(|currency| currency == day.calendar.currency.as_str()) {
            facts.budget = budget(&row, subject, &day)?;
            facts.campaign = CampaignFigures {
                spend_cents: row.try_get("spend")?,
                revenue_cents: row.try_get("revenue")?,
                roas: None,
            };
        }
        facts.campaign_id = row.try_get("external_id")?;
        facts.exposure = Exposure {
            impressions: unsigned(row.try_get("impressions")?),
            reach: unsigned(row.try_get("reach")?),
            frequency: None,
        };
        facts.spend_today_cents = row.try_get("spend_today")?;
    }
    facts.changes_today = u32::try_from(row.try_get::<i64, _>("changes")?).unwrap_or(u32::MAX);
    facts.last_change_at = row.try_get::<Option<_>, _>("last_change")?.map(instant).transpose()?;
    facts.first_budget_today_cents = row.try_get("first_budget")?;
    facts.pause_proposal_open = row.try_get("pause_open")?;
    if has_spend_limit(settings) {
        facts.other_daily_budgets_cents = other_daily_budgets(tx, subject, &day).await?;
    }
    Ok(facts)
}

/// The tenant's calendar day at the instant of the check.
struct Day {
    calendar: Calendar,
    today: NaiveDate,
    began: Timestamp,
    next_midnight: Timestamp,
}

impl Day {
    fn of(calendar: Calendar, now: Timestamp) -> Result<Self, ApiError> {
        let today = calendar.date(now);
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let midnight = |date: NaiveDate| -> Result<Timestamp, ApiError> {
            // Where the clock skips midnight, the day begins at the first instant that exists.
            let first = (0..4)
                .filter_map(|hour| date.and_hms_opt(hour, 0, 0))
                .find_map(|time| time.and_local_timezone(calendar.zone).earliest())
                .ok_or_else(|| ApiError::internal(format!("{date} has no beginning in {}", calendar.zone)))?;
            instant(first.to_utc())
        };
        Ok(Self { calendar, today, began: midnight(today)?, next_midnight: midnight(tomorrow)? })
    }
}

/// The entity, its campaign and the campaign's figures, where they are stored (`known`); what the tenant changed today,
/// what was changed of the entity, and whether a pause of the campaign is open. One statement: it is read before every
/// check.
async fn known_row(
    tx: &mut TenantTx,
    subject: &CheckSubject,
    action: Option<ActionId>,
    lookback_days: u32,
    day: &Day,
) -> Result<PgRow, ApiError> {
    Ok(sqlx::query(
        "SELECT known.campaign_id IS NOT NULL AS known, known.*,
                (SELECT count(*) FROM action WHERE state IN ('APPROVED', 'APPLYING') AND action_id <> $6)
                + (SELECT count(*) FROM action
                   WHERE state = 'APPLIED' AND applied_at >= $7 AND action_id <> $6) AS changes,
                changed.last_change, changed.first_budget,
                EXISTS (SELECT FROM action
                        WHERE platform = $1 AND entity_type = 'CAMPAIGN'
                          AND entity_id = CASE WHEN $2 = 'CAMPAIGN' THEN $3 ELSE known.external_id END
                          AND action_type = 'PAUSE_CAMPAIGN' AND state IN ('QUEUED', 'APPROVED', 'APPLYING')
                          AND action_id <> $6) AS pause_open
         FROM (
             -- A call whose outcome nobody knows may have been made, so it counts as made.
             SELECT max(COALESCE(applied_at, failed_at, updated_at)) FILTER (WHERE action_id <> $6) AS last_change,
                    (array_agg((action->'change'->>'before_cents')::bigint ORDER BY COALESCE(applied_at, failed_at))
                     FILTER (WHERE (state = 'APPLIED' OR status_reason = 'OUTCOME_UNKNOWN')
                               AND COALESCE(applied_at, failed_at) >= $7
                               AND action->'change'->>'field' = 'BUDGET' AND action->'change'->>'kind' = $8))[1]
                    AS first_budget
             FROM action
             WHERE platform = $1 AND entity_type = $2 AND entity_id = $3
               AND (state IN ('APPLIED', 'APPLYING') OR status_reason = 'OUTCOME_UNKNOWN')
         ) AS changed
         LEFT JOIN LATERAL (
             SELECT c.campaign_id, c.external_id, c.currency, c.end_date,
                    c.status = 'ACTIVE' AND e.status = 'ACTIVE' AS active, e.daily_budget_cents, e.lifetime_budget_cents,
                    (SELECT sum(m.spend_cents)::bigint FROM daily_metric m
                     WHERE m.campaign_id = c.campaign_id AND m.entity_type = $2 AND m.entity_id = $3
                       AND e.lifetime_budget_cents IS NOT NULL) AS spent,
                    roas.spend, roas.revenue, seen.impressions, seen.reach,
                    -- Currencies do not add: with another one among today's campaigns the sum is unknown.
                    (SELECT CASE WHEN bool_and(spending.currency = $9) THEN sum(m.spend_cents)::bigint END
                     FROM daily_metric m JOIN campaign spending USING (tenant_id, campaign_id)
                     WHERE m.day = $4 AND m.entity_type = 'CAMPAIGN') AS spend_today
             FROM campaign c
             LEFT JOIN entity e ON e.platform = $1 AND e.entity_type = $2 AND e.entity_id = $3
             LEFT JOIN LATERAL (
                 SELECT sum(m.spend_cents)::bigint AS spend, sum(m.revenue_cents)::bigint AS revenue
                 FROM daily_metric m
                 WHERE m.campaign_id = c.campaign_id AND m.entity_type = 'CAMPAIGN' AND m.day < $4 AND m.day >= $4 - $5::int
             ) AS roas ON true
             LEFT JOIN LATERAL (
                 SELECT newest.reach_7d AS reach,
                        (SELECT sum(m.impressions)::bigint FROM daily_metric m
                         WHERE m.campaign_id = c.campaign_id AND m.entity_type = 'CAMPAIGN'
                           AND m.day <= newest.day AND m.day > newest.day - 7) AS impressions
                 FROM daily_metric newest
                 WHERE newest.campaign_id = c.campaign_id AND newest.entity_type = 'CAMPAIGN'
                   AND newest.reach_7d IS NOT NULL AND newest.day <= $4 AND newest.day > $4 - 8
                 ORDER BY newest.day DESC LIMIT 1
             ) AS seen ON true
             WHERE c.campaign_id = COALESCE(
                 (SELECT campaign_id FROM entity WHERE platform = $1 AND entity_type = $2 AND entity_id = $3),
                 (SELECT campaign_id FROM campaign WHERE $2 = 'CAMPAIGN' AND platform = $1 AND external_id = $3))
         ) AS known ON true",
    )
    .bind(subject.platform.map(|platform| platform.as_str()))
    .bind(subject.entity_type.as_str())
    .bind(&subject.entity_id)
    .bind(day.today)
    .bind(i32::try_from(lookback_days).unwrap_or(i32::MAX))
    .bind(action.map_or_else(uuid::Uuid::nil, ActionId::as_uuid))
    .bind(day.began.to_chrono())
    .bind(subject.budget().map(|(kind, ..)| kind.as_str()))
    .bind(day.calendar.currency.as_str())
    .fetch_one(&mut **tx)
    .await?)
}

/// The stored budget of the kind that is changed, or whichever the entity has where no budget is changed.
fn budget(row: &PgRow, subject: &CheckSubject, day: &Day) -> Result<Option<EntityBudget>, ApiError> {
    let daily: Option<i64> = row.try_get("daily_budget_cents")?;
    let lifetime: Option<i64> = row.try_get("lifetime_budget_cents")?;
    let active = row.try_get::<Option<bool>, _>("active")?.unwrap_or(false);
    let daily = daily.map(|cents| EntityBudget { active, ..EntityBudget::daily(cents) });
    let lifetime = match lifetime {
        Some(budget_cents) => Some(EntityBudget {
            kind: BudgetKind::Lifetime,
            budget_cents,
            spent_cents: row.try_get("spent")?,
            days_left: days_left(row.try_get("end_date")?, day.today),
            active,
        }),
        None => None,
    };
    Ok(match subject.budget() {
        Some((BudgetKind::Daily, ..)) => daily,
        Some((BudgetKind::Lifetime, ..)) => lifetime,
        None => daily.or(lifetime),
    })
}

fn days_left(end: Option<NaiveDate>, today: NaiveDate) -> Option<u32> {
    u32::try_from(end?.signed_duration_since(today).num_days().checked_add(1)?).ok()
}

fn unsigned(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}

fn has_spend_limit(settings: &EnforcementSettings) -> bool {
    settings.daily_spend_limit_cents.is_some()
        || settings.rules.iter().any(|rule| rule.enabled && rule.rule_type == ViolationType::DailySpendLimit)
}

/// The sum of what the tenant's active budgets count per day, without that of the entity. `None` where one of them
/// cannot be counted: a lifetime budget without end, or one in another currency.
async fn other_daily_budgets(
    tx: &mut TenantTx,
    subject: &CheckSubject,
    day: &Day,
) -> Result<Option<i64>, ApiError> {
    let rows = sqlx::query(
        "SELECT e.daily_budget_cents, e.lifetime_budget_cents, c.end_date, c.currency,
                CASE WHEN e.lifetime_budget_cents IS NOT NULL THEN
                    (SELECT COALESCE(sum(m.spend_cents), 0)::bigint FROM daily_metric m
                     WHERE m.campaign_id = e.campaign_id AND m.entity_type = e.entity_type AND m.entity_id = e.entity_id)
                END AS spent
         FROM entity e JOIN campaign c USING (tenant_id, campaign_id)
         WHERE e.status = 'ACTIVE' AND c.status = 'ACTIVE'
           AND (e.daily_budget_cents IS NOT NULL OR e.lifetime_budget_cents IS NOT NULL)
           AND (e.platform, e.entity_type, e.entity_id) IS DISTINCT FROM ($1, $2, $3)",
    )
    .bind(subject.platform.map(|platform| platform.as_str()))
    .bind(subject.entity_type.as_str())
    .bind(&subject.entity_id)
    .fetch_all(&mut **tx)
    .await?;
    let mut sum = 0_i64;
    for row in &rows {
        let Some(share) = share_of(row, day.calendar.currency, day.today)? else { return Ok(None) };
        sum = sum.saturating_add(share);
    }
    Ok(Some(sum))
}

fn share_of(row: &PgRow, currency: Currency, today: NaiveDate) -> Result<Option<i64>, ApiError> {
    if row.try_get::<String, _>("currency")? != currency.as_str() {
        return Ok(None);
    }
    let mut share = 0_i64;
    if let Some(cents) = row.try_get::<Option<i64>, _>("daily_budget_cents")? {
        share = share.saturating_add(cents);
    }
    if let Some(cents) = row.try_get::<Option<i64>, _>("lifetime_budget_cents")? {
        let left = days_left(row.try_get("end_date")?, today);
        match daily_share_cents(BudgetKind::Lifetime, cents, row.try_get("spent")?, left) {
            Some(part) => share = share.saturating_add(part),
            None => return Ok(None),
        }
    }
    Ok(Some(share))
}
