//! A person's way to a conversion, or to none.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::math::length;

use super::{MatchEvidence, Touchpoint};
use crate::attribution::ChannelPath;

/// What a journey led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Conversion {
    /// The id of its event, order or deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion_id: Option<String>,
    /// When it happened: touches count up to here, and age from here.
    pub converted_at: Timestamp,
    /// What it is worth, in minor units; below 0 for a refund.
    #[serde(default)]
    pub value_cents: i64,
    /// When it counts, where that is another day than `converted_at`: a refund counts when the money goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_at: Option<Timestamp>,
}

impl Conversion {
    /// A conversion of this value.
    #[must_use]
    pub const fn new(converted_at: Timestamp, value_cents: i64) -> Self {
        Self { conversion_id: None, converted_at, value_cents, booked_at: None }
    }

    /// When it counts.
    #[must_use]
    pub fn counts_at(&self) -> Timestamp {
        self.booked_at.unwrap_or(self.converted_at)
    }

    /// Whether it takes back an earlier one: it has no part in counts of conversions.
    #[must_use]
    pub const fn is_refund(&self) -> bool {
        self.value_cents < 0
    }
}

impl fmt::Debug for Conversion {
    /// Without the id: an order may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversion")
            .field("converted_at", &self.converted_at)
            .field("value_cents", &self.value_cents)
            .field("booked_at", &self.booked_at)
            .finish_non_exhaustive()
    }
}

/// The touches of a person within the look-back windows of one conversion, or of none.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Journey {
    /// Whose journey it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    /// What it led to; nothing if the person did not convert.
    #[serde(default)]
    pub conversion: Option<Conversion>,
    /// The touches, in order of time, then click before view, then id.
    pub touches: Vec<Touchpoint>,
    /// The position of the touch that made the person a lead, from 0; the middle one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_touch: Option<u32>,
    /// How sure it is that the touches are this person's, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_confidence: Option<f64>,
}

impl Journey {
    /// A journey; its touches are put in order.
    #[must_use]
    pub fn new(mut touches: Vec<Touchpoint>, conversion: Option<Conversion>) -> Self {
        touches.sort_by(Touchpoint::in_order);
        Self { profile_id: None, conversion, touches, lead_touch: None, match_confidence: None }
    }

    /// The positions of the touches that count, in order: those after the conversion do not.
    #[must_use]
    pub fn touches_until_conversion(&self) -> Vec<usize> {
        let until = self.conversion.as_ref().map(|conversion| conversion.converted_at);
        let mut counted: Vec<(usize, &Touchpoint)> = self
            .touches
            .iter()
            .enumerate()
            .filter(|(_, touch)| until.is_none_or(|until| touch.touched_at <= until))
            .collect();
        counted.sort_by(|(_, earlier), (_, later)| earlier.in_order(later));
        counted.into_iter().map(|(position, _)| position).collect()
    }

    /// What the models that learn read of it.
    #[must_use]
    pub fn channel_path(&self) -> ChannelPath {
        let touches = self.touches_until_conversion().into_iter();
        let touches = touches.filter_map(|position| self.touches.get(position));
        let conversion = self.conversion.as_ref();
        ChannelPath {
            path: touches.map(|touch| touch.channel.clone()).collect(),
            conversions: u64::from(conversion.is_some_and(|conversion| !conversion.is_refund())),
            nulls: u64::from(conversion.is_none()),
            value_cents: conversion.map_or(0, |conversion| conversion.value_cents),
        }
    }

    /// How sure it is that the touches are this person's, 0 to 1; `None` without touches.
    ///
    /// 0.5, and 0.05 for each touch up to 0.2, and the best evidence of any touch: a click id 0.3, a hash 0.2, a visitor's
    /// id 0.1.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        if self.touches.is_empty() {
            return None;
        }
        let evidence = self.touches.iter().filter_map(|touch| touch.matched_by).min();
        let best = match evidence {
            Some(MatchEvidence::ClickId) => 0.3,
            Some(MatchEvidence::Hash) => 0.2,
            Some(MatchEvidence::Visitor) => 0.1,
            None => 0.0,
        };
        let confidence = 0.5 + (0.05 * length(&self.touches)).min(0.2) + best;
        Some(stratum_core::math::round9(confidence).min(1.0))
    }
}

impl fmt::Debug for Journey {
    /// Without the profile.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journey")
            .field("conversion", &self.conversion)
            .field("touches", &self.touches)
            .field("lead_touch", &self.lead_touch)
            .finish_non_exhaustive()
    }
}
