//! Which column means what.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use stratum_core::vocabulary::Platform;

/// How the rows of one day become one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Aggregate {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// Their mean.
    Mean,
}

/// What to import, and what its columns mean. Amounts of money are in major units, with a decimal point.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// The CSV file; its first line names the columns.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The tenant's slug or id.
    #[arg(long)]
    pub tenant: String,
    /// META, GOOGLE, TIKTOK or SNAPCHAT.
    #[arg(long)]
    pub platform: Platform,
    /// The campaign's name; it is registered when it is not there.
    #[arg(long, value_name = "NAME")]
    pub campaign: String,
    /// The platform's id of the campaign [default: its name].
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// A date, or an instant in the tenant's time zone or with an offset.
    #[arg(long, value_name = "COLUMN", default_value = "date")]
    pub date_column: String,
    /// Money spent.
    #[arg(long, value_name = "COLUMN")]
    pub spend_column: String,
    /// What spend is multiplied with, as in 1000 for a price per click of a thousand clicks.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub spend_scale: f64,
    /// Conversions as the platform counts them.
    #[arg(long, value_name = "COLUMN", required_unless_present = "conversions_constant")]
    pub conversions_column: Option<String>,
    /// The same number of conversions every day, for a file without them.
    #[arg(long, value_name = "NUMBER", conflicts_with = "conversions_column")]
    pub conversions_constant: Option<i64>,
    /// The value of the conversions as the platform counts it, money.
    #[arg(long, visible_alias = "value-column", value_name = "COLUMN")]
    pub revenue_column: Option<String>,
    /// Times shown.
    #[arg(long, value_name = "COLUMN")]
    pub impressions_column: Option<String>,
    /// Clicks.
    #[arg(long, value_name = "COLUMN")]
    pub clicks_column: Option<String>,
    /// Conversions as GA4 counts them.
    #[arg(long, value_name = "COLUMN")]
    pub ga4_conversions_column: Option<String>,
    /// Revenue as GA4 counts it, money.
    #[arg(long, value_name = "COLUMN")]
    pub ga4_revenue_column: Option<String>,
    /// How the rows of one day become one figure.
    #[arg(long, value_enum, default_value_t = Aggregate::Sum)]
    pub aggregate: Aggregate,
    /// Leaves out the days before this one of the file.
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// Leaves out the days after this one of the file.
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// Moves all days so that the last one falls on this date or on `yesterday`: an old series can then be judged as if it
    /// had just happened.
    #[arg(long, value_name = "DATE|yesterday")]
    pub last_day: Option<String>,
}

/// The figures of a day that a column can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Money.
    Spend,
    /// A count.
    Conversions,
    /// Money.
    Revenue,
    /// A count.
    Impressions,
    /// A count.
    Clicks,
    /// A count.
    Ga4Conversions,
    /// Money.
    Ga4Revenue,
}

impl Figure {
    /// Whether it is money, and not a count.
    #[must_use]
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Spend | Self::Revenue | Self::Ga4Revenue)
    }
}

impl ImportArgs {
    /// The figures that the file gives, and the columns of each.
    #[must_use]
    pub fn columns(&self) -> Vec<(Figure, &str)> {
        let optional = [
            (Figure::Conversions, &self.conversions_column),
            (Figure::Revenue, &self.revenue_column),
            (Figure::Impressions, &self.impressions_column),
            (Figure::Clicks, &self.clicks_column),
            (Figure::Ga4Conversions, &self.ga4_conversions_column),
            (Figure::Ga4Revenue, &self.ga4_revenue_column),
        ];
        std::iter::once((Figure::Spend, self.spend_column.as_str()))
            .chain(optional.into_iter().filter_map(|(figure, name)| Some((figure, name.as_deref()?))))
            .collect()
    }
}
