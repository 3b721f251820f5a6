//! What the stage depends on.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::time::DAY_MS;

use super::CompiledLifecycle;

/// What is known of a person. Only own events count, not messages that were sent to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LifecycleFacts {
    /// Whether an e-mail address, a phone number or an external id is known.
    #[serde(default)]
    pub identified: bool,
    /// When the person was last seen.
    pub last_seen_at: Timestamp,
    /// How many purchases there were.
    #[serde(default)]
    pub purchases: u64,
    /// Whether the person ever showed interest: Lead, FormSubmitted, SignUp, NewsletterSubscribed, TrialStarted, AddToCart,
    /// CheckoutStarted, or a lead, MQL, SQL or opportunity in the CRM.
    #[serde(default)]
    pub lead_signal: bool,
    /// Events in the last days, as many days as the limit `active`.
    #[serde(default)]
    pub recent_events: u64,
    /// Events in as many days before these.
    #[serde(default)]
    pub events_before: u64,
    /// On how many calendar days after that of the first purchase there was an event, among the last days.
    #[serde(default)]
    pub recent_days_after_purchase: u32,
}

impl LifecycleFacts {
    /// A person who was seen then, and of whom nothing else is known.
    #[must_use]
    pub const fn new(last_seen_at: Timestamp) -> Self {
        Self {
            identified: false,
            last_seen_at,
            purchases: 0,
            lead_signal: false,
            recent_events: 0,
            events_before: 0,
            recent_days_after_purchase: 0,
        }
    }

    /// Counts the activity from the instants of all own events, in any order, at an instant. Later events are left out; days
    /// are those of UTC.
    pub fn count_activity(
        &mut self,
        events: &[Timestamp],
        first_purchase: Option<Timestamp>,
        policy: &CompiledLifecycle,
        now: Timestamp,
    ) {
        let window = i64::from(policy.active_days()).saturating_mul(DAY_MS);
        let (mut recent, mut before) = (0_u64, 0_u64);
        let mut days = Vec::new();
        for &event in events {
            let age = now.millis_since(event);
            if (0..window).contains(&age) {
                recent = recent.saturating_add(1);
                if first_purchase.is_some_and(|first| event.utc_date() > first.utc_date()) {
                    days.push(event.utc_date());
                }
            } else if (window..window.saturating_mul(2)).contains(&age) {
                before = before.saturating_add(1);
            }
        }
        days.sort_unstable();
        days.dedup();
        self.recent_events = recent;
        self.events_before = before;
        self.recent_days_after_purchase = u32::try_from(days.len()).unwrap_or(u32::MAX);
    }
}
