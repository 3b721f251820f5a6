//! A page of records, as every language asks for it: what each is, and what has to be done with it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Timestamp, canonical, enumeration};

use super::fields::{CrmObject, CrmProvider};
use super::matching::once;
use super::read::Mapped;
use super::record::{CrmContact, CrmDeal, CrmWarning};
use super::stages::{CrmSettings, DealStage};

enumeration! {
    /// What has to be done with a record.
    pub enum UpsertOutcome "upsert outcome" {
        /// Nobody knew it: store it.
        Insert = "INSERT",
        /// It is newer than what is known: replace that.
        Update = "UPDATE",
        /// It says what is known already.
        Unchanged = "UNCHANGED",
        /// Only what we wrote back changed: reading it must not lead to writing again.
        OwnWrite = "OWN_WRITE",
        /// It is older than what is known: leave that alone.
        Stale = "STALE",
        /// It was deleted there: keep it as archived.
        Archive = "ARCHIVE",
        /// It cannot be read; see its problems.
        Refused = "REFUSED",
    }
}

/// A record as the provider's API sends it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CrmRecord {
    /// What it is.
    pub object_type: CrmObject,
    /// The record.
    pub record: Value,
}

impl fmt::Debug for CrmRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmRecord").field("object_type", &self.object_type).finish_non_exhaustive()
    }
}

/// What is stored of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownRecord {
    /// What it is.
    pub object_type: CrmObject,
    /// Its id there.
    pub id: String,
    /// When it was last changed, as far as is known.
    pub updated_at: Timestamp,
    /// The digest that came with it.
    pub digest: String,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CrmMapRequest {
    /// Whose records they are.
    pub provider: CrmProvider,
    /// How they are read.
    #[serde(default)]
    pub settings: CrmSettings,
    /// What is stored of them; a record that is not here is new.
    #[serde(default)]
    pub known: Vec<KnownRecord>,
    /// The records, in any order.
    pub records: Vec<CrmRecord>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmResult {
    /// What it is.
    pub object_type: CrmObject,
    /// Its id; nothing if it was refused.
    pub id: Option<String>,
    /// What has to be done with it.
    pub outcome: UpsertOutcome,
    /// The contact, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<CrmContact>,
    /// The deal, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal: Option<CrmDeal>,
    /// SHA-256 of what was read, without the times of the last change and the last write: two records with one digest say
    /// the same.
    pub digest: Option<String>,
    /// What of it could not be read.
    pub warnings: Vec<CrmWarning>,
    /// Why it was refused.
    pub problems: Vec<Problem>,
}

/// A stage that no map names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnmappedStage {
    /// Whether contacts or deals stand there.
    pub object_type: CrmObject,
    /// The pipeline; empty for contacts and for deals that name none.
    pub pipeline: String,
    /// The stage, in the provider's words; empty for deals that name none.
    pub stage: String,
    /// How many records stand there.
    pub records: u64,
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmMapResponse {
    /// The records, in the order of the request.
    pub results: Vec<CrmResult>,
    /// The stages that a map should name, in order.
    pub unmapped: Vec<UnmappedStage>,
    /// From when on the next run asks for changes: the latest change, less five minutes, for what was being written
    /// while it was read.
    pub next_since: Option<Timestamp>,
}

impl CrmMapRequest {
    /// Reads the records and says what has to be done with each.
    ///
    /// A page may hold a record twice; the older state of it is stale, wherever it stands.
    ///
    /// # Errors
    /// `duplicate` for a known record that is given twice. A record that cannot be read is a result, not an error.
    pub fn map(&self) -> Result<CrmMapResponse, Problems> {
        let mut latest = self.known_records()?;
        let reader = self.settings.reader(self.provider);
        let mut unmapped: BTreeMap<(CrmObject, &str, &str), u64> = BTreeMap::new();
        let read = |CrmRecord { object_type, record }: &CrmRecord| match object_type {
            CrmObject::Contact | CrmObject::Lead => {
                reader.contact(record).map(|mapped| CrmResult::of_contact(*object_type, mapped))
            }
            CrmObject::Deal => reader.deal(record).map(CrmResult::of_deal),
        };
        let mut results: Vec<CrmResult> = self
            .records
            .iter()
            .map(|record| {
                read(record).unwrap_or_else(|problems| CrmResult::refused(record.object_type, problems))
            })
            .collect();
        for result in &mut results {
            result.outcome = latest.outcome(result);
        }
        for result in &results {
            if let Some((pipeline, stage)) = result.unmapped_stage() {
                let records = unmapped.entry((result.object_type, pipeline, stage)).or_default();
                *records = records.saturating_add(1);
            }
        }
        let unmapped = unmapped
            .into_iter()
            .map(|((object_type, pipeline, stage), records)| UnmappedStage {
                object_type,
                pipeline: pipeline.to_owned(),
                stage: stage.to_owned(),
                records,
            })
            .collect();
        let last_change = results.iter().filter_map(|result| Some(result.times()?.updated_at)).max();
        let next_since = last_change.map(|at| at.plus_minutes(OVERLAP_MINUTES.saturating_neg()));
        Ok(CrmMapResponse { results, unmapped, next_since })
    }

    fn known_records(&self) -> Result<Latest, Problems> {
        let mut found = ProblemCollector::new();
        once("known", self.known.iter().map(|known| (known.object_type, &known.id)), &mut found);
        let latest = self.known.iter().map(|known| {
            let state = State { updated_at: known.updated_at, digest: known.digest.clone() };
            ((known.object_type, known.id.clone()), state)
        });
        found.into_result(Latest(latest.collect()))
    }
}

/// How many minutes the next run looks back behind the latest change.
const OVERLAP_MINUTES: i64 = 5;

/// The latest state of each record, as far as it is known.
struct Latest(BTreeMap<(CrmObject, String), State>);

struct State {
    updated_at: Timestamp,
    digest: String,
}

impl Latest {
    /// What has to be done with a record, which is known from then on.
    fn outcome(&mut self, result: &CrmResult) -> UpsertOutcome {
        let (Some(times), Some(id), Some(digest)) = (result.times(), &result.id, &result.digest) else {
            return UpsertOutcome::Refused;
        };
        let key = (result.object_type, id.clone());
        let known = self.0.get(&key);
        if known.is_some_and(|known| times.updated_at < known.updated_at) {
            return UpsertOutcome::Stale;
        }
        let outcome = match known {
            Some(known) if known.digest == *digest => {
                let written_since = times.last_sync.is_some_and(|sync| sync > known.updated_at);
                if written_since { UpsertOutcome::OwnWrite } else { UpsertOutcome::Unchanged }
            }
            _ if times.archived => UpsertOutcome::Archive,
            Some(_) => UpsertOutcome::Update,
            None => UpsertOutcome::Insert,
        };
        self.0.insert(key, State { updated_at: times.updated_at, digest: digest.clone() });
        outcome
    }
}

/// What decides about a record beside what it says.
struct Times {
    updated_at: Timestamp,
    last_sync: Option<Timestamp>,
    archived: bool,
}

impl CrmResult {
    fn of_contact(object_type: CrmObject, Mapped { record, warnings }: Mapped<CrmContact>) -> Self {
        let (id, digest) = (Some(record.id.clone()), digest(&record));
        Self { id, digest, warnings, contact: Some(record), ..Self::empty(object_type) }
    }

    fn of_deal(Mapped { record, warnings }: Mapped<CrmDeal>) -> Self {
        let (id, digest) = (Some(record.id.clone()), digest(&record));
        Self { id, digest, warnings, deal: Some(record), ..Self::empty(CrmObject::Deal) }
    }

    fn refused(object: CrmObject, problems: Problems) -> Self {
        Self { problems: problems.iter().cloned().collect(), ..Self::empty(object) }
    }

    const fn empty(object_type: CrmObject) -> Self {
        Self {
            object_type,
            id: None,
            outcome: UpsertOutcome::Refused,
            contact: None,
            deal: None,
            digest: None,
            warnings: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn times(&self) -> Option<Times> {
        let contact =
            self.contact.as_ref().map(|contact| (contact.updated_at, contact.last_sync, contact.archived));
        let deal = self.deal.as_ref().map(|deal| (deal.updated_at, deal.last_sync, deal.archived));
        let (updated_at, last_sync, archived) = contact.or(deal)?;
        Some(Times { updated_at, last_sync, archived })
    }

    /// The pipeline and the stage of a record whose stage is in no map.
    fn unmapped_stage(&self) -> Option<(&str, &str)> {
        let contact = self.contact.as_ref().filter(|contact| contact.stage == Some(DealStage::Unmapped));
        let deal = self.deal.as_ref().filter(|deal| deal.stage == DealStage::Unmapped);
        contact.map(|contact| ("", contact.lifecycle_stage.as_deref().unwrap_or_default())).or_else(|| {
            let deal = deal?;
            Some((
                deal.pipeline.as_deref().unwrap_or_default(),
                deal.deal_stage.as_deref().unwrap_or_default(),
            ))
        })
    }
}

/// SHA-256 of the canonical JSON of what a record says; our own writes change only what is not read.
fn digest<T: Serialize>(record: &T) -> Option<String> {
    let mut value = canonical::value_of(record).ok()?;
    if let Value::Object(fields) = &mut value {
        fields.remove("updated_at");
        fields.remove("last_sync");
    }
    canonical::digest(&value).ok().map(|digest| digest.to_string())
}
