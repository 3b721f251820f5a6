//! What goes over the wire.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::{EntityType, Platform};
use stratum_core::{Currency, Problems, Timestamp, enumeration};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most days of one request.
pub const MOST_DAYS: usize = 366;

enumeration! {
    /// The state of a campaign.
    pub enum CampaignStatus "campaign status" {
        /// Not delivered yet.
        Draft = "DRAFT",
        /// Delivers.
        Active = "ACTIVE",
        /// Does not deliver.
        Paused = "PAUSED",
        /// Over.
        Completed = "COMPLETED",
        /// Out of sight.
        Archived = "ARCHIVED",
    }
}

enumeration! {
    /// What a campaign is for.
    pub enum Objective "objective" {
        /// To be known.
        Awareness = "AWARENESS",
        /// Visits.
        Traffic = "TRAFFIC",
        /// Reactions.
        Engagement = "ENGAGEMENT",
        /// Contacts.
        Leads = "LEADS",
        /// Installs.
        AppInstalls = "APP_INSTALLS",
        /// Conversions.
        Conversions = "CONVERSIONS",
        /// Sales.
        Sales = "SALES",
        /// Views of a video.
        VideoViews = "VIDEO_VIEWS",
    }
}

/// A campaign to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    /// 1 to 500 characters.
    pub name: String,
    /// META, GOOGLE, TIKTOK or SNAPCHAT.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// The platform's id of it, 1 to 255 characters.
    pub external_id: String,
    /// The ad account.
    pub ad_account_id: Uuid,
    /// DRAFT where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub status: Option<CampaignStatus>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub objective: Option<Objective>,
    /// Minor units a day.
    #[serde(default)]
    pub daily_budget_cents: Option<i64>,
    /// Minor units for the whole flight.
    #[serde(default)]
    pub lifetime_budget_cents: Option<i64>,
    /// The tenant's where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "USD")]
    pub currency: Option<Currency>,
    /// First day.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// Last day.
    #[serde(default)]
    pub end_date: Option<NaiveDate>,
    /// Free labels.
    #[serde(default)]
    pub labels: Vec<String>,
}

impl NewCampaign {
    /// Whether the campaign can be.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        length(&mut found, "/name", &self.name, 500);
        length(&mut found, "/external_id", &self.external_id, 255);
        for (path, cents) in [
            ("/daily_budget_cents", self.daily_budget_cents),
            ("/lifetime_budget_cents", self.lifetime_budget_cents),
        ] {
            if cents.is_some_and(|cents| !(1..=MAX_MINOR).contains(&cents)) {
                found.push(Problem::new(path, "out_of_range", "a budget is above 0"));
            }
        }
        if self.start_date.zip(self.end_date).is_some_and(|(start, end)| end < start) {
            found.push(Problem::new("/end_date", "end_before_start", "the end comes before the start"));
        }
        found.into_result(())
    }
}

fn length(found: &mut ProblemCollector, path: &str, text: &str, most: usize) {
    if !(1..=most).contains(&text.trim().chars().count()) {
        found.push(Problem::new(path, "length", format!("this has 1 to {most} characters")));
    }
}

/// A registered campaign.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Campaign {
    /// The id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its platform.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// The platform's id of it.
    pub external_id: String,
    /// The ad account.
    pub ad_account_id: Uuid,
    /// Its state.
    #[schema(value_type = String)]
    pub status: CampaignStatus,
    /// What it is for.
    #[schema(value_type = Option<String>)]
    pub objective: Option<Objective>,
    /// Minor units a day.
    pub daily_budget_cents: Option<i64>,
    /// Minor units for the whole flight.
    pub lifetime_budget_cents: Option<i64>,
    /// Its currency.
    #[schema(value_type = String, example = "USD")]
    pub currency: Currency,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// Free labels.
    pub labels: Vec<String>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// The figures of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayInput {
    /// The tenant's calendar day.
    pub date: NaiveDate,
    /// Times shown.
    pub impressions: i64,
    /// Clicks.
    pub clicks: i64,
    /// Conversions as the platform counts them.
    pub conversions: i64,
    /// Minor units spent.
    pub spend_cents: i64,
    /// Minor units earned as the platform counts them.
    pub revenue_cents: i64,
    /// Minor units earned as GA4 counts them.
    #[serde(default)]
    pub ga4_revenue_cents: Option<i64>,
    /// Conversions as GA4 counts them.
    #[serde(default)]
    pub ga4_conversions: Option<i64>,
    /// People reached in the seven days up to this one.
    #[serde(default)]
    pub reach_7d: Option<i64>,
}

/// The body of `POST /campaigns/{id}/metrics`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricsBody {
    /// CAMPAIGN where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub entity_type: Option<EntityType>,
    /// The ad set or creative; made when unknown. Absent for the campaign itself.
    #[serde(default)]
    pub entity_id: Option<String>,
    /// 1 to 366 days; a day sent again replaces the one before.
    pub metrics: Vec<DayInput>,
}

impl MetricsBody {
    /// Whether the figures can be.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if !(1..=MOST_DAYS).contains(&self.metrics.len()) {
            found.push(Problem::new("/metrics", "length", format!("a request has 1 to {MOST_DAYS} days")));
        }
        match (self.entity_type.unwrap_or(EntityType::Campaign), &self.entity_id) {
            (EntityType::Campaign, Some(_)) => found.push(
                Problem::new("/entity_id", "not_allowed_here", "the campaign stands in the path")
                    .help("leave entity_id out, or set entity_type to ADSET or CREATIVE"),
            ),
            (EntityType::Adset | EntityType::Creative, None) => {
                found.push(Problem::new("/entity_id", "required", "an ad set or creative needs its id"));
            }
            (_, Some(id)) => length(&mut found, "/entity_id", id, 255),
            (EntityType::Campaign, None) => {}
        }
        for (index, day) in self.metrics.iter().enumerate() {
            let optional = |value: Option<i64>| value.unwrap_or(0);
            for (name, value) in [
                ("impressions", day.impressions),
                ("clicks", day.clicks),
                ("conversions", day.conversions),
                ("spend_cents", day.spend_cents),
                ("revenue_cents", day.revenue_cents),
                ("ga4_revenue_cents", optional(day.ga4_revenue_cents)),
                ("ga4_conversions", optional(day.ga4_conversions)),
                ("reach_7d", optional(day.reach_7d)),
            ] {
                if !(0..=MAX_MINOR).contains(&value) {
                    found.push(Problem::new(
                        format!("/metrics/{index}/{name}"),
                        "out_of_range",
                        format!("this is from 0 to {MAX_MINOR}"),
                    ));
                }
            }
            if self.metrics.iter().skip(index.saturating_add(1)).any(|other| other.date == day.date) {
                let path = format!("/metrics/{index}/date");
                found.push(Problem::new(path, "duplicate_day", format!("{} stands twice", day.date)));
            }
        }
        found.into_result(())
    }
}

/// How many days were stored.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Upserted {
    /// Days.
    pub upserted: usize,
}
