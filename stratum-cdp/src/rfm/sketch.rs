//! From purchases to the figures of each customer: a state that merges, so that parts can be summed up apart.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::math;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;

use super::RfmFacts;

/// One purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// When.
    pub at: Timestamp,
    /// For how much, in minor units.
    pub amount_cents: i64,
    /// How much of it was paid back. A purchase that was paid back in full counts as none.
    #[serde(default)]
    pub refunded_cents: i64,
}

impl Purchase {
    const fn is_paid_back(&self) -> bool {
        self.amount_cents > 0 && self.refunded_cents >= self.amount_cents
    }
}

/// What the purchases of one customer come to.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerPurchases {
    /// When the last one was; none without a purchase.
    #[serde(rename = "last_at")]
    last: Option<Timestamp>,
    /// How many there were.
    #[serde(rename = "purchases")]
    pub(super) count: u64,
    /// What they brought, refunds subtracted, in minor units.
    #[serde(rename = "monetary_cents")]
    pub(super) cents: i64,
}

impl CustomerPurchases {
    fn add(&mut self, purchase: &Purchase) {
        self.last = self.last.max(Some(purchase.at));
        self.count = self.count.saturating_add(1);
        self.cents = self.cents.saturating_add(purchase.amount_cents.saturating_sub(purchase.refunded_cents));
    }

    fn merge(&mut self, other: Self) {
        self.last = self.last.max(other.last);
        self.count = self.count.saturating_add(other.count);
        self.cents = self.cents.saturating_add(other.cents);
    }

    /// The figures at an instant; none without a purchase.
    #[must_use]
    pub fn facts(&self, now: Timestamp) -> Option<RfmFacts> {
        let last = self.last?;
        Some(RfmFacts {
            recency_days: now.hours_since(last) / 24.0,
            frequency: self.count,
            monetary_cents: self.cents,
        })
    }
}

impl fmt::Debug for CustomerPurchases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerPurchases").field("count", &self.count).finish_non_exhaustive()
    }
}

/// The purchases of many customers in the days before an instant, summed up.
///
/// Customers are numbered from 0 by the caller, without gaps (the codes of a dictionary column). In what order purchases
/// are added, and which part of them a state has seen before it is merged, does not matter.
///
/// ```
/// use stratum_cdp::rfm::{Purchase, RfmSketch};
/// let now = "2026-03-01T00:00:00Z".parse().unwrap();
/// let bought = |at: &str, amount_cents, refunded_cents| Purchase { at: at.parse().unwrap(), amount_cents, refunded_cents };
///
/// let mut january = RfmSketch::new(now, 365).unwrap();
/// january.add(0, &bought("2026-01-10T00:00:00Z", 50_00, 0));
/// let mut february = RfmSketch::new(now, 365).unwrap();
/// february.add(0, &bought("2026-02-19T00:00:00Z", 30_00, 10_00));
/// february.add(1, &bought("2026-02-20T00:00:00Z", 99_00, 99_00)); // paid back
/// january.merge(&february).unwrap();
///
/// let facts = january.facts(0).unwrap();
/// assert_eq!((facts.recency_days, facts.frequency, facts.monetary_cents), (10.0, 2, 70_00));
/// assert_eq!(january.facts(1), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RfmSketch {
    now: Timestamp,
    window_days: u32,
    customers: Vec<CustomerPurchases>,
}

impl RfmSketch {
    /// Nothing bought yet. Purchases later than `now` are left out, and those of `window_days` days ago or older.
    ///
    /// # Errors
    /// `out_of_range` unless the window has 30 to 1095 days.
    pub fn new(now: Timestamp, window_days: u32) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        if !(30..=1095).contains(&window_days) {
            let text = format!("a window is of 30 to 1095 days, not {window_days}");
            found.push(Problem::new("/window_days", "out_of_range", text));
        }
        found.into_result(Self { now, window_days, customers: Vec::new() })
    }

    /// Adds a purchase of a customer.
    pub fn add(&mut self, customer: u32, purchase: &Purchase) {
        let age = self.now.millis_since(purchase.at);
        if age < 0 || age >= i64::from(self.window_days).saturating_mul(DAY_MS) || purchase.is_paid_back() {
            return;
        }
        if let Some(customer) = self.place(customer) {
            customer.add(purchase);
        }
    }

    /// Adds what other purchases of a customer, in the same days, came to.
    pub fn add_customer(&mut self, customer: u32, purchases: CustomerPurchases) {
        if let Some(customer) = self.place(customer) {
            customer.merge(purchases);
        }
    }

    fn place(&mut self, customer: u32) -> Option<&mut CustomerPurchases> {
        let place = customer as usize;
        if place >= self.customers.len() {
            self.customers.resize(place.saturating_add(1), CustomerPurchases::default());
        }
        self.customers.get_mut(place)
    }

    /// Adds purchases, a row each.
    pub fn add_rows<'a>(&mut self, rows: impl IntoIterator<Item = (u32, &'a Purchase)>) {
        for (customer, purchase) in rows {
            self.add(customer, purchase);
        }
    }

    /// Adds what another state has seen.
    ///
    /// # Errors
    /// `different_window` if the two do not look at the same days.
    pub fn merge(&mut self, other: &Self) -> Result<(), Problem> {
        if (self.now, self.window_days) != (other.now, other.window_days) {
            return Err(Problem::new("", "different_window", "the two look at different days")
                .help("make both with the same instant and the same number of days"));
        }
        if other.customers.len() > self.customers.len() {
            self.customers.resize(other.customers.len(), CustomerPurchases::default());
        }
        for (customer, more) in self.customers.iter_mut().zip(&other.customers) {
            customer.merge(*more);
        }
        Ok(())
    }

    /// How many customers there are, those without a purchase among them included.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// What the purchases of one customer come to.
    #[must_use]
    pub fn customer(&self, customer: u32) -> Option<&CustomerPurchases> {
        self.customers.get(customer as usize)
    }

    /// The figures of one customer; none without a purchase.
    #[must_use]
    pub fn facts(&self, customer: u32) -> Option<RfmFacts> {
        self.customers.get(customer as usize)?.facts(self.now)
    }

    /// The figures of all customers as columns (days, purchases, minor units); NaN where there is no purchase.
    #[must_use]
    pub fn columns(&self) -> [Vec<f64>; 3] {
        let column = || Vec::with_capacity(self.customers.len());
        let [mut recency, mut frequency, mut monetary] = [column(), column(), column()];
        for customer in &self.customers {
            let figures = customer.facts(self.now).map_or((f64::NAN, f64::NAN, f64::NAN), |facts| {
                (facts.recency_days, math::count(facts.frequency), math::amount(facts.monetary_cents))
            });
            recency.push(figures.0);
            frequency.push(figures.1);
            monetary.push(figures.2);
        }
        [recency, frequency, monetary]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(days_ago: i64) -> Timestamp {
        now().plus_millis(days_ago.saturating_mul(-DAY_MS))
    }

    fn now() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    fn bought(days_ago: i64, amount_cents: i64) -> Purchase {
        Purchase { at: at(days_ago), amount_cents, refunded_cents: 0 }
    }

    #[test]
    fn the_window_ends_now_and_begins_after_its_last_day() {
        let mut sketch = RfmSketch::new(now(), 30).unwrap();
        sketch.add_rows([(0, &bought(-1, 1)), (0, &bought(30, 1)), (2, &bought(29, 7)), (2, &bought(0, 5))]);
        assert_eq!((sketch.facts(0), sketch.facts(1), sketch.facts(9)), (None, None, None));
        assert_eq!(sketch.facts(2), Some(RfmFacts { recency_days: 0.0, frequency: 2, monetary_cents: 12 }));
        assert!(RfmSketch::new(now(), 29).is_err() && RfmSketch::new(now(), 1096).is_err());
        assert_eq!(sketch.merge(&RfmSketch::new(now(), 31).unwrap()).unwrap_err().code, "different_window");
    }

    proptest! {
        #[test]
        fn parts_in_any_order_merge_to_the_whole(
            purchases in prop::collection::vec((0_u32..6, -3_i64..70, -50_i64..900, 0_i64..900), 0..60),
            cut in 0_usize..60,
        ) {
            let rows: Vec<(u32, Purchase)> = purchases
                .iter()
                .map(|&(customer, days, amount_cents, refunded_cents)| {
                    (customer, Purchase { at: at(days), amount_cents, refunded_cents })
                })
                .collect();
            let seen = |rows: &mut dyn Iterator<Item = &(u32, Purchase)>| {
                let mut sketch = RfmSketch::new(now(), 60).unwrap();
                sketch.add_rows(rows.map(|(customer, purchase)| (*customer, purchase)));
                sketch
            };
            let whole = seen(&mut rows.iter());
            let (left, right) = rows.split_at(cut.min(rows.len()));
            let mut merged = seen(&mut right.iter().rev());
            merged.merge(&seen(&mut left.iter())).unwrap();
            prop_assert_eq!(merged.customers(), whole.customers());
            for customer in 0..6 {
                prop_assert_eq!(merged.facts(customer), whole.facts(customer));
            }
        }
    }
}
