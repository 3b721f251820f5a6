//! What is written back: only what changed, at most 100 records at a time, and to be looked at before it is sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::fields::{CrmObject, CrmProvider};
use super::matching::once;
use super::properties::{CrmPropertyType, WritebackProperty};

/// A value of a property; nothing where it is not defined, which clears the property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum WritebackValue {
    /// A number, in the property's unit; money in major units.
    Number(f64),
    /// A text, or an instant.
    Text(String),
}

/// A record to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WritebackRecord {
    /// The record's id there.
    pub id: String,
    /// What its properties are to hold; a property that is not here is left alone, one that is null is cleared.
    pub values: BTreeMap<WritebackProperty, Option<WritebackValue>>,
    /// What they hold there, as far as is known: what is not here is taken for empty.
    #[serde(default)]
    pub current: BTreeMap<WritebackProperty, Option<WritebackValue>>,
}

/// Records to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WritebackRequest {
    /// Where to.
    pub provider: CrmProvider,
    /// What the records are.
    pub object_type: CrmObject,
    /// The time of the run, which is written beside every change.
    pub now: Timestamp,
    /// Which properties the tenant wants; all of the object's if left out.
    #[serde(default)]
    pub fields: Option<Vec<WritebackProperty>>,
    /// How many records go into one request, 1 to 100.
    #[serde(default = "most")]
    pub batch_size: usize,
    /// The records.
    pub records: Vec<WritebackRecord>,
}

const MOST_IN_A_BATCH: usize = 100;

const fn most() -> usize {
    MOST_IN_A_BATCH
}

/// A change to a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct WritebackChange {
    /// The record's id.
    pub id: String,
    /// The property.
    pub property: WritebackProperty,
    /// What it holds.
    pub from: Option<WritebackValue>,
    /// What it is to hold; nothing clears it.
    pub to: Option<WritebackValue>,
}

/// One request to the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct WritebackBatch {
    /// The method.
    pub method: String,
    /// The path behind the provider's own address.
    pub path: String,
    /// The ids of the records, in the order of the body.
    pub ids: Vec<String>,
    /// The body.
    pub body: Value,
}

/// What would be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct WritebackPlan {
    /// Every change, in the order of the request; the time of the run is not among them.
    pub changes: Vec<WritebackChange>,
    /// How many records change.
    pub changed: u64,
    /// How many stay as they are, and are not sent.
    pub unchanged: u64,
    /// The requests.
    pub batches: Vec<WritebackBatch>,
}

impl WritebackRequest {
    /// Plans the requests.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for a batch size, `unknown_field` for a property of the other object,
    /// `wrong_type` for a value that the property cannot hold, `duplicate` for a record that is given twice.
    pub fn plan(&self) -> Result<WritebackPlan, Problems> {
        self.check()?;
        let mut plan = WritebackPlan { changes: Vec::new(), changed: 0, unchanged: 0, batches: Vec::new() };
        let mut rows = Vec::new();
        for record in &self.records {
            let changes = self.changes(record);
            if changes.is_empty() {
                plan.unchanged = plan.unchanged.saturating_add(1);
                continue;
            }
            plan.changed = plan.changed.saturating_add(1);
            rows.push((record.id.clone(), self.row(&record.id, &changes)));
            plan.changes.extend(changes);
        }
        plan.batches = rows.chunks(self.batch_size).map(|rows| self.batch(rows)).collect();
        Ok(plan)
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if !(1..=MOST_IN_A_BATCH).contains(&self.batch_size) {
            let text = format!("a batch holds 1 to {MOST_IN_A_BATCH} records, not {}", self.batch_size);
            found.push(Problem::new("/batch_size", "out_of_range", text));
        }
        for (place, &property) in self.fields.iter().flatten().enumerate() {
            self.check_object(property, &format!("/fields/{place}"), &mut found);
        }
        once("records", self.records.iter().map(|record| &record.id), &mut found);
        for (place, record) in self.records.iter().enumerate() {
            for (list, values) in [("values", &record.values), ("current", &record.current)] {
                for (&property, value) in values {
                    let path = format!("/records/{place}/{list}/{property}");
                    self.check_object(property, &path, &mut found);
                    if list == "values" {
                        check_value(property, value.as_ref(), path, &mut found);
                    }
                }
            }
        }
        found.into_result(())
    }

    fn check_object(&self, property: WritebackProperty, path: &str, found: &mut ProblemCollector) {
        if !WritebackProperty::of(self.object_type).contains(&property) {
            let text = format!("{property} is no property of a {}", self.object_type.as_str().to_lowercase());
            found.push(
                Problem::new(path, "unknown_field", text).help("ask crm.properties for those that are"),
            );
        }
    }

    fn changes(&self, record: &WritebackRecord) -> Vec<WritebackChange> {
        let wanted = |property: &WritebackProperty| {
            *property != WritebackProperty::LastSync
                && self.fields.as_ref().is_none_or(|fields| fields.contains(property))
        };
        record
            .values
            .iter()
            .filter(|(property, _)| wanted(property))
            .filter_map(|(&property, to)| {
                let from = record.current.get(&property).cloned().flatten().filter(|from| !from.is_empty());
                let to = to.clone().filter(|to| !to.is_empty());
                let same = match (&from, &to) {
                    (Some(from), Some(to)) => from.says_the_same(to),
                    (from, to) => from.is_none() && to.is_none(),
                };
                (!same).then(|| WritebackChange { id: record.id.clone(), property, from, to })
            })
            .collect()
    }

    /// A record as it stands in a body.
    fn row(&self, id: &str, changes: &[WritebackChange]) -> Value {
        let sync = WritebackValue::Text(self.now.to_string());
        let mut written: Map<String, Value> = changes
            .iter()
            .map(|change| (change.property, change.to.as_ref()))
            .chain([(WritebackProperty::LastSync, Some(&sync))])
            .map(|(property, value)| (property.name_in(self.provider), self.written(value)))
            .collect();
        match self.provider {
            CrmProvider::Hubspot => json!({ "id": id, "properties": written }),
            CrmProvider::Zoho => {
                written.insert("id".to_owned(), id.into());
                Value::Object(written)
            }
            CrmProvider::Salesforce => {
                written.insert("attributes".to_owned(), json!({ "type": self.module() }));
                written.insert("Id".to_owned(), id.into());
                Value::Object(written)
            }
        }
    }

    /// HubSpot takes texts, and the empty one clears; the others take numbers, and null clears.
    fn written(&self, value: Option<&WritebackValue>) -> Value {
        match (self.provider, value) {
            (CrmProvider::Hubspot, None) => Value::String(String::new()),
            (CrmProvider::Hubspot, Some(WritebackValue::Number(number))) => number.to_string().into(),
            (_, Some(WritebackValue::Number(number))) => json!(number),
            (_, Some(WritebackValue::Text(text))) => text.as_str().into(),
            (_, None) => Value::Null,
        }
    }

    const fn module(&self) -> &'static str {
        match (self.provider, self.object_type) {
            (CrmProvider::Hubspot, CrmObject::Contact) => "contacts",
            (CrmProvider::Hubspot, CrmObject::Lead) => "leads",
            (CrmProvider::Hubspot, CrmObject::Deal) => "deals",
            (CrmProvider::Salesforce, CrmObject::Contact) => "Contact",
            (CrmProvider::Salesforce, CrmObject::Lead) => "Lead",
            (CrmProvider::Salesforce, CrmObject::Deal) => "Opportunity",
            (CrmProvider::Zoho, CrmObject::Contact) => "Contacts",
            (CrmProvider::Zoho, CrmObject::Lead) => "Leads",
            (CrmProvider::Zoho, CrmObject::Deal) => "Deals",
        }
    }

    fn batch(&self, rows: &[(String, Value)]) -> WritebackBatch {
        let records: Vec<&Value> = rows.iter().map(|(_, row)| row).collect();
        let module = self.module();
        let (method, path, body) = match self.provider {
            CrmProvider::Hubspot => {
                ("POST", format!("/crm/v3/objects/{module}/batch/update"), json!({ "inputs": records }))
            }
            CrmProvider::Salesforce => (
                "PATCH",
                "/services/data/v61.0/composite/sobjects".to_owned(),
                json!({ "allOrNone": false, "records": records }),
            ),
            // Without triggers: a workflow of the customer's would run for each of our writes.
            CrmProvider::Zoho => {
                ("PUT", format!("/crm/v7/{module}"), json!({ "data": records, "trigger": [] }))
            }
        };
        let ids = rows.iter().map(|(id, _)| id.clone()).collect();
        WritebackBatch { method: method.to_owned(), path, ids, body }
    }
}

fn check_value(
    property: WritebackProperty,
    value: Option<&WritebackValue>,
    path: String,
    found: &mut ProblemCollector,
) {
    let (fits, text) = match (property.kind(), value) {
        (_, None) => (true, ""),
        (CrmPropertyType::Number, Some(value)) => (
            matches!(value, WritebackValue::Number(number) if number.is_finite()),
            "the property holds a number",
        ),
        (CrmPropertyType::Text, Some(value)) => {
            (matches!(value, WritebackValue::Text(_)), "the property holds a text")
        }
        (CrmPropertyType::Time, Some(_)) => (false, "the time of the run is written by itself"),
    };
    if !fits {
        found.push(Problem::new(path, "wrong_type", text));
    }
}

impl WritebackValue {
    /// An empty text is not defined.
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// HubSpot gives numbers as texts.
    fn says_the_same(&self, other: &Self) -> bool {
        let number = |value: &Self| match value {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        };
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (a, b) => number(a).is_some_and(|a| number(b).is_some_and(|b| a.total_cmp(&b).is_eq())),
        }
    }
}
