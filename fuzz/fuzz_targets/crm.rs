//! A record of a CRM is a contact or a deal, or is refused; what was read is read again as the same.
//!
//! The first byte chooses the provider, the rest is the record's JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::crm::{CrmMapRequest, CrmProvider, UpsertOutcome};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else { return };
    let Ok(record) = serde_json::from_slice::<serde_json::Value>(text) else { return };
    let provider = CrmProvider::ALL[usize::from(*choice) % CrmProvider::ALL.len()];
    let request = serde_json::json!({"provider": provider, "records": [
        {"object_type": "CONTACT", "record": record}, {"object_type": "DEAL", "record": record}, {"object_type": "DEAL", "record": record}]});
    let request: CrmMapRequest = serde_json::from_value(request).expect("the request is valid");
    let page = request.map().expect("a record that cannot be read is a result");
    assert_eq!(page.results.len(), 3, "a record was lost");
    for result in &page.results {
        assert_eq!(result.outcome == UpsertOutcome::Refused, !result.problems.is_empty());
        assert_eq!(result.id.is_none(), result.outcome == UpsertOutcome::Refused);
        assert!(result.contact.as_ref().is_none_or(|contact| contact.email.as_deref().is_none_or(|email| !email.is_empty())));
    }
    let again = [UpsertOutcome::Unchanged, UpsertOutcome::OwnWrite, UpsertOutcome::Refused];
    assert!(again.contains(&page.results[2].outcome), "the same state twice changes something");
});
