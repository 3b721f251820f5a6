//! From purchases to the figures of customers, as every language asks for it: in parts, if there are many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use super::{CustomerPurchases, Purchase, RfmFacts, RfmSketch};

/// Purchases, and what earlier parts came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RfmAggregateRequest {
    /// Purchases after this instant do not count.
    pub now: Timestamp,
    /// Nor do those of so many days ago or more, 30 to 1095.
    #[serde(default = "year")]
    #[cfg_attr(feature = "schema", schemars(range(min = 30, max = 1095)))]
    pub window_days: u32,
    /// The purchases, in any order.
    #[serde(default)]
    pub purchases: Vec<CustomerPurchase>,
    /// What other purchases came to: states of earlier answers, of the same instant and window. No purchase is in two of them.
    #[serde(default)]
    pub states: Vec<RfmState>,
}

const fn year() -> u32 {
    365
}

/// A purchase of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerPurchase {
    /// Whose: the canonical profile.
    pub customer_id: String,
    /// When.
    pub at: Timestamp,
    /// For how much, in minor units.
    pub amount_cents: i64,
    /// How much of it was paid back. A purchase that was paid back in full counts as none.
    #[serde(default)]
    pub refunded_cents: i64,
}

/// What purchases come to, to be merged with that of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RfmState {
    /// The instant.
    pub now: Timestamp,
    /// The days before it.
    pub window_days: u32,
    /// By customer.
    pub customers: BTreeMap<String, CustomerPurchases>,
}

/// The figures of customers who bought in the window, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RfmAggregation {
    /// Whose the figures are.
    pub customer_ids: Vec<String>,
    /// The figures, as they are scored.
    pub customers: Vec<RfmFacts>,
    /// What all purchases come to, to be merged with that of others.
    pub state: RfmState,
}

impl RfmAggregateRequest {
    /// Adds the purchases up.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `amount_too_large`, `different_window` for a state of another instant or window.
    pub fn aggregate(&self) -> Result<RfmAggregation, Problems> {
        let mut found = ProblemCollector::new();
        let sketch = found.take("", RfmSketch::new(self.now, self.window_days));
        for (place, purchase) in self.purchases.iter().enumerate() {
            purchase.purchase().check(|field| format!("/purchases/{place}/{field}"), &mut found);
        }
        for (place, state) in self.states.iter().enumerate() {
            if (state.now, state.window_days) != (self.now, self.window_days) {
                let text = "this state looks at other days than the request";
                found.push(
                    Problem::new(format!("/states/{place}"), "different_window", text)
                        .help("make every part with the same now and window_days"),
                );
            }
            for (id, customer) in &state.customers {
                let path = format!("/states/{place}/customers{}", pointer_step(id));
                in_range(|| format!("{path}/monetary_cents"), customer.cents, -MAX_MINOR, &mut found);
                let count = i64::try_from(customer.count).unwrap_or(i64::MAX);
                in_range(|| format!("{path}/purchases"), count, 0, &mut found);
            }
        }
        let Some(mut sketch) = found.into_result(sketch)? else {
            return Err(Problem::new("/window_days", "out_of_range", "this window cannot be used").into());
        };
        let names = self.purchases.iter().map(|purchase| purchase.customer_id.as_str());
        let known = self.states.iter().flat_map(|state| state.customers.keys().map(String::as_str));
        let mut numbers: BTreeMap<&str, u32> = names.chain(known).map(|name| (name, 0)).collect();
        for (number, place) in (0..).zip(numbers.values_mut()) {
            *place = number;
        }
        let number = |name: &str| numbers.get(name).copied().unwrap_or_default();
        for purchase in &self.purchases {
            sketch.add(number(&purchase.customer_id), &purchase.purchase());
        }
        for (name, customer) in self.states.iter().flat_map(|state| &state.customers) {
            sketch.add_customer(number(name), *customer);
        }
        let bought = numbers.iter().filter_map(|(name, &number)| {
            Some(((*name).to_owned(), sketch.facts(number)?, *sketch.customer(number)?))
        });
        let mut state = RfmState { now: self.now, window_days: self.window_days, customers: BTreeMap::new() };
        let (mut customer_ids, mut customers) = (Vec::new(), Vec::new());
        for (name, facts, summed) in bought {
            customer_ids.push(name.clone());
            customers.push(facts);
            state.customers.insert(name, summed);
        }
        Ok(RfmAggregation { customer_ids, customers, state })
    }
}

impl CustomerPurchase {
    const fn purchase(&self) -> Purchase {
        Purchase { at: self.at, amount_cents: self.amount_cents, refunded_cents: self.refunded_cents }
    }
}

impl Purchase {
    /// Notes amounts that are none; `pointer` says where a field stands.
    pub fn check(&self, pointer: impl Fn(&str) -> String, found: &mut ProblemCollector) {
        in_range(|| pointer("amount_cents"), self.amount_cents, -MAX_MINOR, found);
        in_range(|| pointer("refunded_cents"), self.refunded_cents, 0, found);
    }
}

fn in_range(path: impl FnOnce() -> String, value: i64, least: i64, found: &mut ProblemCollector) {
    if value < least {
        found.push(Problem::new(path(), "out_of_range", format!("this is at least {least}")));
    } else if value > MAX_MINOR {
        found.push(Problem::new(path(), "amount_too_large", format!("this is at most {MAX_MINOR}")));
    }
}
