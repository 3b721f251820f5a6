//! Stores what was read: one transaction, all or nothing.

use std::fmt;
use std::fs::File;

use anyhow::{Context as _, bail};
use chrono::{Days, NaiveDate};
use stratum_autopilot::audit::AuditAction;
use stratum_core::id::TenantId;
use stratum_core::vocabulary::EntityType;
use uuid::Uuid;

use super::args::ImportArgs;
use super::table;
use crate::audit;
use crate::campaigns::store as campaigns;
use crate::campaigns::wire::{CampaignStatus, DayInput, NewCampaign};
use crate::db::{Db, Scope, TenantTx};
use crate::health::facts::Calendar;
use crate::health::request_evaluation;
use crate::http::ApiError;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Rows of the file.
    pub rows: usize,
    /// Days stored.
    pub days: usize,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// Into which campaign.
    pub campaign: Uuid,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, days, first, last, campaign } = self;
        write!(f, "{rows} rows became {days} days, {first} to {last}, of the campaign {campaign}")
    }
}

/// Imports a file.
///
/// # Errors
/// With a sentence for the person at the terminal; for a file that cannot be read, one line for each problem.
pub async fn import(db: &Db, args: &ImportArgs) -> anyhow::Result<Imported> {
    let scope = Scope::system(find_tenant(db, &args.tenant).await?);
    let calendar = db.tenant_read(&scope, |tx| Box::pin(Calendar::load(tx))).await?;
    let file = File::open(&args.file).with_context(|| format!("{} cannot be opened", args.file.display()))?;
    let table = table::read(file, args, calendar.zone, calendar.currency).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| {
                let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
                format!("  {}: {}{help}", problem.path, problem.message)
            })
            .collect();
        anyhow::anyhow!("{} was not imported:\n{}", args.file.display(), lines.join("\n"))
    })?;
    let yesterday = calendar.last_complete_day(db.clock().now());
    let days = moved(table.days, args.last_day.as_deref(), yesterday)?;
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        bail!("{} has no days", args.file.display());
    };
    let (first, last, count) = (first.date, last.date, days.len());
    let wanted = args.clone();
    let campaign =
        db.tenant_tx(&scope, move |tx| Box::pin(async move { store(tx, &wanted, &days).await })).await?;
    Ok(Imported { rows: table.rows, days: count, first, last, campaign })
}

/// The tenant with this slug or id.
async fn find_tenant(db: &Db, wanted: &str) -> anyhow::Result<TenantId> {
    for tenant in db.directory().tenants().await? {
        let slug: Option<String> = db
            .tenant_read(&Scope::system(tenant), |tx| {
                Box::pin(async move {
                    Ok(sqlx::query_scalar("SELECT slug FROM tenant").fetch_optional(&mut **tx).await?)
                })
            })
            .await?;
        if slug.as_deref() == Some(wanted) || tenant.to_string() == wanted {
            return Ok(tenant);
        }
    }
    bail!("there is no tenant {wanted:?}")
}

/// The days moved so that the last one falls on the date asked for.
fn moved(days: Vec<DayInput>, last_day: Option<&str>, yesterday: NaiveDate) -> anyhow::Result<Vec<DayInput>> {
    let (Some(wanted), Some(last)) = (last_day, days.last().map(|day| day.date)) else {
        return Ok(days);
    };
    let target = if wanted == "yesterday" {
        yesterday
    } else {
        wanted.parse().with_context(|| format!("--last-day is a date or `yesterday`, not {wanted:?}"))?
    };
    let by = target.signed_duration_since(last).num_days();
    let shift = Days::new(by.unsigned_abs());
    days.into_iter()
        .map(|day| {
            let date =
                if by < 0 { day.date.checked_sub_days(shift) } else { day.date.checked_add_days(shift) };
            Ok(DayInput { date: date.context("the days are moved beyond the calendar")?, ..day })
        })
        .collect()
}

async fn store(tx: &mut TenantTx, args: &ImportArgs, days: &[DayInput]) -> Result<Uuid, ApiError> {
    let external_id = args.external_id.clone().unwrap_or_else(|| args.campaign.clone());
    let known: Option<Uuid> =
        sqlx::query_scalar("SELECT campaign_id FROM campaign WHERE platform = $1 AND external_id = $2")
            .bind(args.platform.as_str())
            .bind(&external_id)
            .fetch_optional(&mut **tx)
            .await?;
    let campaign = match known {
        Some(campaign) => campaign,
        None => {
            let new = NewCampaign {
                name: args.campaign.clone(),
                platform: args.platform,
                external_id: external_id.clone(),
                // A file names no ad account.
                ad_account_id: Uuid::nil(),
                status: Some(CampaignStatus::Active),
                objective: None,
                daily_budget_cents: None,
                lifetime_budget_cents: None,
                currency: None,
                start_date: None,
                end_date: None,
                labels: vec!["imported".to_owned()],
            };
            new.check()?;
            campaigns::create(tx, &new).await?.id
        }
    };
    let now = tx.now();
    campaigns::upsert_days(tx, campaign, EntityType::Campaign, &external_id, days, now).await?;
    request_evaluation(tx, [args.platform]).await?;
    let entry = audit::entry(tx, AuditAction::Update, "daily_metric")
        .resource_id(campaign)
        .reason(format!("import of {} days", days.len()));
    audit::append(tx, entry).await?;
    Ok(campaign)
}
