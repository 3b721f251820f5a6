//! How many of each cohort came again, when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::math::count;
use stratum_core::time::Date;

use super::calendar::CohortPeriod;

/// Cohorts of some of the people: a partial state that merges. Everything is kept by the number of the period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortCounts {
    cohorts: BTreeMap<i64, Came>,
}

/// Those who came in one period, and how many of them came again in which.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    people: u64,
    again: BTreeMap<i64, u64>,
}

/// Those who came in one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cohort {
    /// The first day of the period.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
    pub start: Date,
    /// How many people came.
    pub people: u64,
    /// How many of them came again in each period since, the first one included; periods that are over.
    pub retained: Vec<Retained>,
}

/// How many of a cohort came again in one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Retained {
    /// Periods since the one in which the cohort came; 0 is that one.
    pub period: u32,
    /// How many people.
    pub count: u64,
    /// Of those who came, 0 to 1.
    pub rate: f64,
}

impl CohortCounts {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a person who came in one period and again in others: their numbers, ascending, none twice.
    pub fn add(&mut self, came: i64, again: &[i64]) {
        let cohort = self.cohorts.entry(came).or_default();
        cohort.people = cohort.people.saturating_add(1);
        for &period in again.iter().filter(|&&period| period >= came) {
            let people = cohort.again.entry(period).or_default();
            *people = people.saturating_add(1);
        }
    }

    /// Adds the people of another part; nobody may be in both.
    pub fn merge(&mut self, other: Self) {
        for (came, more) in other.cohorts {
            let cohort = self.cohorts.entry(came).or_default();
            cohort.people = cohort.people.saturating_add(more.people);
            for (period, more) in more.again {
                let people = cohort.again.entry(period).or_default();
                *people = people.saturating_add(more);
            }
        }
    }

    /// The cohorts, the earliest first, with up to `periods` periods each that were over before the period `now`.
    #[must_use]
    pub fn finish(&self, period: CohortPeriod, periods: u32, now: i64) -> Vec<Cohort> {
        let cohorts = self.cohorts.iter().filter(|(came, _)| **came < now);
        cohorts.filter_map(|(&number, came)| cohort(number, came, period, periods, now)).collect()
    }
}

fn cohort(number: i64, came: &Came, period: CohortPeriod, periods: u32, now: i64) -> Option<Cohort> {
    let retained = (0..periods).map_while(|after| {
        let at = number.saturating_add(i64::from(after));
        (at < now).then(|| {
            let again = came.again.get(&at).copied().unwrap_or(0);
            Retained { period: after, count: again, rate: count(again) / count(came.people) }
        })
    });
    Some(Cohort { start: period.first_day(number)?, people: came.people, retained: retained.collect() })
}
