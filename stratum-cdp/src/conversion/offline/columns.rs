//! Which column of a file means what.

use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

enumeration! {
    /// A column that is read. Headers are compared without case, and whatever stands between their words.
    pub enum OfflineColumn "column" {
        /// The order's or lead's id at its source.
        ExternalRef = "external_ref" | "order_id" | "order" | "order_number" | "transaction_id" | "reference",
        /// What happened; a purchase where the column is missing or the cell is empty.
        EventName = "event_name" | "event" | "conversion_name" | "conversion_event",
        /// When, with its time zone.
        OccurredAt = "occurred_at" | "event_time" | "conversion_time" | "conversion_date_time" | "timestamp" | "time" | "date_time",
        /// What it is worth, in minor units.
        ValueCents = "value_cents" | "amount_cents" | "total_cents",
        /// What it is worth, in major units.
        Value = "value" | "conversion_value" | "amount" | "revenue" | "total",
        /// The currency.
        Currency = "currency" | "conversion_currency" | "currency_code",
        /// An e-mail address.
        Email = "email" | "e_mail" | "email_address",
        /// A phone number.
        Phone = "phone" | "phone_number" | "telephone" | "mobile",
        /// The tenant's own id of the person.
        ExternalId = "external_id" | "customer_id" | "user_id",
        /// Google's click id.
        Gclid = "gclid" | "google_click_id",
        /// Google's click id of an app's event on iOS.
        Gbraid = "gbraid",
        /// Google's click id of a website's event on iOS.
        Wbraid = "wbraid",
        /// Meta's click id.
        Fbclid = "fbclid" | "facebook_click_id",
        /// TikTok's click id.
        Ttclid = "ttclid" | "tiktok_click_id",
        /// Snapchat's click id.
        Sclid = "sclid" | "sccid" | "sc_click_id" | "snapchat_click_id",
        /// Whether the data may go to ad platforms.
        AdUserData = "ad_user_data",
        /// Whether they may be used for ads that are made for the person.
        AdPersonalization = "ad_personalization",
    }
}

impl OfflineColumn {
    /// Whether a person, or the click of one, can be told by it.
    #[must_use]
    pub const fn is_identifying(self) -> bool {
        matches!(
            self,
            Self::Email
                | Self::Phone
                | Self::ExternalId
                | Self::Gclid
                | Self::Gbraid
                | Self::Wbraid
                | Self::Fbclid
                | Self::Ttclid
                | Self::Sclid
        )
    }
}

/// The header of a file: for each column that is read, its place.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    places: Vec<(OfflineColumn, usize)>,
    /// How many cells a row has.
    pub(super) width: usize,
    /// The places of columns that are not read.
    pub(super) ignored: Vec<u64>,
}

impl Columns {
    pub(super) fn read<'a>(header: impl Iterator<Item = &'a str>) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        let mut columns = Self { places: Vec::new(), width: 0, ignored: Vec::new() };
        for (place, text) in header.enumerate() {
            columns.width = place.saturating_add(1);
            let Ok(column) = plain(text).parse::<OfflineColumn>() else {
                columns.ignored.push(u64::try_from(place).unwrap_or(u64::MAX));
                continue;
            };
            if columns.place(column).is_some() {
                let text = format!("two columns are {column}");
                found.push(
                    Problem::new("/csv", "duplicate_column", text).help("rename or remove one of them"),
                );
            } else {
                columns.places.push((column, place));
            }
        }
        for column in [OfflineColumn::ExternalRef, OfflineColumn::OccurredAt] {
            if columns.place(column).is_none() {
                let text = format!("there is no column {column}");
                found.push(
                    Problem::new("/csv", "missing_column", text).help("the first line names the columns"),
                );
            }
        }
        if !columns.places.iter().any(|(column, _)| column.is_identifying()) {
            let text = "there is no column by which a person can be told";
            let help = "name one of email, phone, external_id, gclid, gbraid, wbraid, fbclid, ttclid, sclid";
            found.push(Problem::new("/csv", "missing_column", text).help(help));
        }
        found.into_result(columns)
    }

    pub(super) fn place(&self, column: OfflineColumn) -> Option<usize> {
        self.places.iter().find(|(name, _)| *name == column).map(|(_, place)| *place)
    }
}

/// `Conversion Time` and ` conversion-time ` are `conversion_time`.
fn plain(header: &str) -> String {
    let words = header.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}
