//! Who is one person: histories of events with the profiles, merges, refusals and drops that they must give.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stratum_cdp::identity::{
    Identities, IdentityChange, IdentityEvent, IdentityPolicy, IdentityReport, SentIdentifier,
};
use stratum_core::Timestamp;

use super::{Tally, differs, list};

/// The most events of which every order is tried.
const PERMUTED: usize = 6;

#[derive(Deserialize)]
struct Scenario {
    id: String,
    config: Map<String, Value>,
    events: Vec<Sent>,
    order_independent: bool,
    expect: Expected,
}

#[derive(Clone, Deserialize)]
struct Sent {
    id: String,
    t: Timestamp,
    kind: String,
    #[serde(default)]
    ids: Vec<SentIdentifier>,
    to: Option<SentIdentifier>,
    from: Option<SentIdentifier>,
    merge: Option<String>,
    #[serde(default)]
    traits: Map<String, Value>,
    #[serde(default)]
    consent: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Expected {
    clusters: Vec<Cluster>,
    log: Vec<Value>,
    refused: Vec<Value>,
    dropped: Vec<Value>,
    unattributed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Cluster {
    canonical: String,
    ids: Vec<String>,
    known: bool,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    traits: Map<String, Value>,
    consent: BTreeMap<String, String>,
    events: BTreeSet<String>,
}

/// Every history under the preset `standard`, with what the scenario sets otherwise; those that do not depend on the order
/// of their events in every order.
pub(super) fn scenarios(content: &Value, tally: &mut Tally) -> Result<()> {
    for scenario in list::<Scenario>(content, "scenarios")? {
        let mut config = scenario.config.clone();
        config.insert("preset".to_owned(), json!("standard"));
        let policy: IdentityPolicy = serde_json::from_value(Value::Object(config))?;
        let report = resolve(&policy, &scenario.events)?;
        let mut wrong = differs("the profiles are", &clusters(&report)?, &scenario.expect.clusters)
            .or_else(|| differs("the log", &log(&report), &scenario.expect.log))
            .or_else(|| differs("refused", &plain(&report.refused), &scenario.expect.refused))
            .or_else(|| differs("dropped", &plain(&report.dropped), &scenario.expect.dropped))
            .or_else(|| differs("unattributed", &report.unattributed, &scenario.expect.unattributed));
        if scenario.order_independent && scenario.events.len() <= PERMUTED {
            for order in permutations(scenario.events.len()) {
                let events: Vec<Sent> =
                    order.iter().filter_map(|&position| scenario.events.get(position).cloned()).collect();
                let found = clusters(&resolve(&policy, &events)?)?;
                let what = format!("in the order {order:?} the profiles");
                wrong = wrong.or_else(|| differs(&what, &found, &scenario.expect.clusters));
            }
        }
        tally.count(&scenario.id, wrong);
    }
    Ok(())
}

fn resolve(policy: &IdentityPolicy, events: &[Sent]) -> Result<IdentityReport> {
    let mut identities = Identities::new(policy.compile()?);
    for event in events {
        identities.take(&event.read()?);
    }
    Ok(identities.report())
}

impl Sent {
    fn read(&self) -> Result<IdentityEvent> {
        let identifiers = match (&self.to, &self.from) {
            (Some(to), Some(from)) => vec![to.clone(), from.clone()],
            _ => self.ids.clone(),
        };
        let mut event = json!({
            "event_id": self.id,
            "event_time": self.t,
            "kind": self.kind,
            "identifiers": identifiers,
            "traits": self.traits,
            "consent": self.consent,
        });
        if let (Some(merge), Some(fields)) = (&self.merge, event.as_object_mut()) {
            fields.insert("merge".to_owned(), json!(merge));
        }
        serde_json::from_value(event).context("reading an event")
    }
}

fn clusters(report: &IdentityReport) -> Result<Vec<Cluster>> {
    report
        .profiles
        .iter()
        .map(|profile| {
            let mut fields = serde_json::to_value(profile)?;
            let map = fields.as_object_mut().context("a profile is an object")?;
            let ids = map.remove("identifiers").unwrap_or_default();
            map.insert("ids".to_owned(), ids);
            Ok(serde_json::from_value(fields)?)
        })
        .collect()
}

/// The log as the vectors write it: without what they do not say.
fn log(report: &IdentityReport) -> Vec<Value> {
    let entry = |change: &IdentityChange| match change {
        IdentityChange::Merge { seq, event, into, from, via, forced, .. } => {
            let mut entry = json!({
                "seq": seq, "event": event, "kind": "merge", "into": into, "from": from, "via": via,
            });
            if let (true, Some(fields)) = (*forced, entry.as_object_mut()) {
                fields.insert("forced".to_owned(), json!(true));
            }
            entry
        }
        IdentityChange::Unmerge { event, merge, restored, from, .. } => {
            json!({"event": event, "kind": "unmerge", "merge": merge, "restored": restored, "from": from})
        }
    };
    report.changes.iter().map(entry).collect()
}

fn plain<T: serde::Serialize>(list: &[T]) -> Vec<Value> {
    list.iter().map(|item| json!(item)).collect()
}

/// Every order of `n` things.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for shorter in permutations(last) {
        for position in 0..=last {
            let mut order = shorter.clone();
            order.insert(position, last);
            all.push(order);
        }
    }
    all
}
