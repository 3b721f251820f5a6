//! What holds for a whole file.

use stratum_core::{Currency, Timestamp, enumeration};

use crate::identifier::Region;

enumeration! {
    /// Where offline conversions come from.
    pub enum OfflineSource "offline source" {
        /// A CRM.
        Crm = "CRM",
        /// The tills of stores.
        Pos = "POS",
        /// A call centre.
        CallCenter = "CALL_CENTER",
        /// A person, by hand.
        Manual = "MANUAL",
        /// A file.
        CsvUpload = "CSV_UPLOAD",
        /// A program.
        Api = "API",
    }
}

/// What holds for a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OfflinePolicy {
    /// Where it comes from.
    pub source: OfflineSource,
    /// When it is read.
    pub now: Timestamp,
    /// The country of phone numbers without a country code.
    pub default_region: Option<Region>,
    /// The currency of values without one.
    pub currency: Option<Currency>,
    /// What stands between cells: a comma, a semicolon or a tab.
    pub delimiter: u8,
}

impl OfflinePolicy {
    /// What a row without a name is.
    pub(super) const DEFAULT_EVENT: &'static str = "Purchase";

    /// Cells between commas; every phone number has its country code, every value its currency.
    #[must_use]
    pub const fn new(source: OfflineSource, now: Timestamp) -> Self {
        Self { source, now, default_region: None, currency: None, delimiter: b',' }
    }
}
