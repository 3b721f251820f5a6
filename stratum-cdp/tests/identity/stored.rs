//! The resolver on a store gives what the resolver in memory gives.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use stratum_cdp::identifier::Identifier;
use stratum_cdp::identity::store::{MemoryIdentityStore, observe};
use stratum_cdp::identity::{Identities, LinkType, Observation, SentIdentifier, clean};
use stratum_core::id::{ProfileId, TenantId};

use super::properties::{histories, policies};

proptest! {
    #[test]
    fn a_store_and_the_memory_agree_on_every_event(events in histories(), policy in policies()) {
        let policy = Arc::new(policy.compile().unwrap());
        let tenant: TenantId = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
        let (store, mut memory) = (MemoryIdentityStore::new(), Identities::new(Arc::clone(&policy)));
        for (number, event) in events.iter().enumerate() {
            let text = |field: &str| event[field].as_str().unwrap();
            let sent: Vec<SentIdentifier> = serde_json::from_value(event["identifiers"].clone()).unwrap();
            let identifiers: Vec<Identifier> = sent.iter().map(|sent| clean(sent, &policy).unwrap()).collect();
            let at = text("event_time").parse().unwrap();
            let evidence = LinkType::of_event(event["event_name"].as_str());
            let observation = Observation { evidence, ..Observation::new(text("event_id"), at, &identifiers) };
            let outcome = memory.observe(&observation);
            let id = ProfileId::v7(at, [u8::try_from(number).unwrap(); 10]);
            let changes = pollster::block_on(observe(&store, tenant, &policy, &observation, id)).unwrap().unwrap();
            prop_assert_eq!(changes.created, outcome.created);
            prop_assert_eq!(changes.merges.len(), outcome.merged);
            let refused: Vec<Value> =
                changes.refused.iter().map(|refused| refused.reason.as_str().into()).collect();
            let report = memory.report();
            let expected: Vec<Value> = report
                .refused
                .iter()
                .filter(|refused| refused.event == text("event_id"))
                .map(|refused| refused.reason.as_str().into())
                .collect();
            prop_assert_eq!(refused, expected);
            let own = report.profiles.iter().find(|profile| profile.events.iter().any(|id| id == text("event_id")));
            prop_assert_eq!(changes.canonical.label(), own.unwrap().canonical.clone());
        }
        let labels = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
        let stored: BTreeSet<BTreeSet<String>> = store
            .profiles(tenant)
            .into_iter()
            .map(|(_, keys)| labels(keys.iter().map(|key| key.label().as_str().to_owned()).collect()))
            .collect();
        let resolved: BTreeSet<BTreeSet<String>> =
            super::history::people(&memory).into_iter().map(labels).collect();
        prop_assert_eq!(stored, resolved);
    }
}
