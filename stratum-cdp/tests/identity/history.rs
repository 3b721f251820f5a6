//! Short histories, written down quickly.

use serde_json::{Value, json};
use stratum_cdp::identity::{Identities, IdentityEvent, IdentityPolicy, IdentityPreset};

/// An event at a minute of the first of March, with identifiers as `type:value`.
pub(crate) fn event(id: &str, minute: u32, identifiers: &[&str]) -> Value {
    let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
    let sent: Vec<Value> = identifiers
        .iter()
        .map(|label| {
            let (kind, value) = label.split_once(':').unwrap();
            json!({"type": kind, "value": value})
        })
        .collect();
    json!({
        "event_id": id,
        "event_time": format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z"),
        "identifiers": sent,
    })
}

/// The same event with one more field.
pub(crate) fn with(mut event: Value, field: &str, value: impl Into<Value>) -> Value {
    event[field] = value.into();
    event
}

/// What an operator does to a history.
pub(crate) fn act(identities: &mut Identities, event: Value) {
    let event: IdentityEvent = serde_json::from_value(event).unwrap();
    event.check().unwrap();
    identities.take(&event);
}

pub(crate) fn resolve(policy: &IdentityPolicy, events: impl IntoIterator<Item = Value>) -> Identities {
    let mut identities = Identities::new(policy.compile().unwrap());
    for event in events {
        act(&mut identities, event);
    }
    identities
}

pub(crate) fn strict(events: impl IntoIterator<Item = Value>) -> Identities {
    resolve(&IdentityPolicy::default(), events)
}

pub(crate) fn standard(events: impl IntoIterator<Item = Value>) -> Identities {
    resolve(&IdentityPolicy::preset(IdentityPreset::Standard), events)
}

/// The identifiers of each profile.
pub(crate) fn people(identities: &Identities) -> Vec<Vec<String>> {
    let labels = |labels: Vec<_>| {
        labels.iter().map(|label: &stratum_cdp::identity::Label| label.as_str().to_owned()).collect()
    };
    identities.profiles().into_iter().map(|profile| labels(profile.identifiers)).collect()
}

/// The reason of each refusal.
pub(crate) fn reasons(identities: &Identities) -> Vec<&'static str> {
    identities.report().refused.iter().map(|refused| refused.reason.as_str()).collect()
}
