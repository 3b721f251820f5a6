//! The right to know: what is handed over.

use serde::{Deserialize, Serialize};
use stratum_core::id::ProfileId;
use stratum_core::{Timestamp, enumeration};

use super::subject::{DataStore, Subject, SyncedAudience, due_at};

/// Days for which the link to a finished export works.
const LINK_DAYS: u32 = 7;

enumeration! {
    /// In what form an export is handed over (GDPR Art. 20: commonly used, machine-readable).
    pub enum ExportFormat "export format" {
        /// One document.
        Json = "json",
        /// One table for each part.
        Csv = "csv",
    }
}

/// A request to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExportRequest {
    /// Who asks.
    pub subject: Subject,
    /// When.
    pub requested_at: Timestamp,
}

/// What is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExportPlan {
    /// Every profile of the person: nothing of anybody else.
    pub profile_ids: Vec<ProfileId>,
    /// The parts, each from one store.
    pub sections: Vec<ExportSection>,
    /// The audiences that the person was put into, with times.
    pub synced_audiences: Vec<SyncedAudience>,
    /// The forms.
    pub formats: Vec<ExportFormat>,
    /// Until when it has to be available.
    pub due_at: Timestamp,
    /// For how many days the link works, from when it is available.
    pub link_valid_days: u32,
}

/// One part of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExportSection {
    /// Its name in the document, and the name of its table.
    pub name: String,
    /// Where it comes from.
    pub store: DataStore,
    /// What it holds, in words.
    pub what: String,
}

/// Says what is handed over. A legal hold keeps data from being erased, not from being shown.
#[must_use]
pub fn plan_export(request: &ExportRequest) -> ExportPlan {
    let sections = [
        (
            "identifiers",
            DataStore::Identifiers,
            "the identifiers in clear, with when they were first and last seen",
        ),
        ("attributes", DataStore::Profile, "attributes, counters, lifecycle, RFM and predictions"),
        ("events", DataStore::Events, "the events, with everything that they carry"),
        ("traits", DataStore::Traits, "computed traits"),
        ("segments", DataStore::SegmentMemberships, "memberships, with when they began and ended"),
        ("consents", DataStore::Consents, "decisions, with text and proof"),
        ("merges", DataStore::MergeHistory, "which profiles became one, when and why"),
        ("deliveries", DataStore::ConversionQueue, "conversions that were sent or wait, by platform"),
    ];
    let section = |(name, store, what): (&str, DataStore, &str)| ExportSection {
        name: name.to_owned(),
        store,
        what: what.to_owned(),
    };
    ExportPlan {
        profile_ids: request.subject.profile_ids(),
        sections: sections.map(section).to_vec(),
        synced_audiences: request.subject.audiences(),
        formats: ExportFormat::ALL.to_vec(),
        due_at: due_at(request.requested_at),
        link_valid_days: LINK_DAYS,
    }
}
